#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "feed/rows.h"

namespace ticklake::feed {

/// How the rows of several files become one sequence.
enum class Merge : uint8_t {
  kName,  ///< one file after the other, by name
  kTime,  ///< by the rows' times; rows of the same time by the name of their file
};

/// By time, every file is open all the while.
inline constexpr size_t kFilesMergedMax = 256;

/// One file, or one member of a zip.
struct Input {
  base::Path file;
  std::string member;
  bool operator==(const Input&) const = default;
};

/// The files that arguments mean, each argument's by name: a file; a folder (the files in it, not
/// those in folders below, nor those whose name begins with a dot); a pattern as of glob(7); a zip
/// (all its members); `FILE.zip/MEMBER`. kNotFound if an argument means none.
base::Result<std::vector<Input>> find_inputs(const std::vector<std::string>& arguments,
                                             base::FileSystem& files);

/// The rows of all inputs, each read as `options` says. Every one is opened before the first row:
/// kInvalidArgument for one whose columns, by its first row, are others than the first one's.
/// Merged by time, a row without a time or earlier than the one before is kInvalidData at its line.
/// What is left out is counted over all, with the file's name.
base::Result<std::unique_ptr<RowSource>> open_inputs(const RowOptions& options,
                                                     const std::vector<Input>& inputs, Merge merge,
                                                     base::FileSystem& files);

/// What a topic is called after: the argument's last part without folder, packing and kind
/// ("data/trades.csv.gz" gives "trades").
std::string topic_name_of(std::string_view argument);

}  // namespace ticklake::feed
