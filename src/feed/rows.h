#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/result.h"
#include "feed/csv_layout.h"
#include "feed/finding.h"

namespace ticklake::feed {

/// A row of a file as it becomes a record. Views are valid until the next call of the source.
struct Row {
  std::string_view json;                ///< one object, on one line
  std::optional<std::string_view> key;  ///< as text; none if null or not asked for
  std::optional<base::WallTime> time;   ///< none if null or the file has no time column
  uint64_t line = 0;                    ///< its first line, or its number in a Parquet file
};

/// A row that was left out, and why.
struct BadRow {
  uint64_t line = 0;
  std::string reason;
  std::string text;  ///< the start of it
};

/// Bad rows are all counted; the first few are kept, to show what is wrong with the file.
class BadRows {
 public:
  static constexpr size_t kKeptMax = 10;
  static constexpr size_t kTextBytesMax = 120;

  void add(uint64_t line, std::string reason, std::string_view text);
  /// Those of one file of several; `name` is put in front of their reasons.
  void add_all(const BadRows& rows, const std::string& name);
  uint64_t count() const { return count_; }
  const std::vector<BadRow>& first() const { return first_; }

 private:
  uint64_t count_ = 0;
  std::vector<BadRow> first_;
};

/// What one pass over the file left out so far.
struct RowCounts {
  uint64_t rows = 0;        ///< handed out
  uint64_t blank_rows = 0;  ///< nothing but delimiters, or an empty line
  BadRows bad;
};

/// The rows of a file, in its order: the same file and options give the same rows, always, which
/// is what going on after a crash rests on.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// False at the end. Bad rows are passed over.
  virtual base::Result<bool> next(Row& row) = 0;
  /// Starts again; the counts too.
  virtual base::Result<void> rewind() = 0;
  virtual const RowCounts& counts() const = 0;
  /// The time column that was named or found; empty if there is none.
  virtual std::string_view time_column() const = 0;
  /// How the file is read, where there was something to decide.
  virtual std::vector<Finding> findings() const { return {}; }
};

struct RowOptions {
  base::Path file;
  std::optional<std::string> key_column = {};
  /// A name; of a CSV also two with a comma between them, of the day and of the time of day.
  std::optional<std::string> time_column = {};
  std::optional<std::string> time_format = {};
  CsvFlags csv = {};        ///< but for `columns` without effect on files of another kind
  std::string member = {};  ///< of a zip with several: which
  /// Where in a JSON document the rows are; see DocumentPath.
  std::optional<std::string> json_path = {};

  /// How messages call it: the file, and behind a slash the member.
  std::string name() const { return member.empty() ? file.string() : file.string() + "/" + member; }
};

/// A row becomes a record of at most so many bytes; Kafka's default limit is a million.
inline constexpr size_t kRowJsonBytesMax = 900'000;

/// Opens a file by what is in it: Parquet, JSON lines (one object a line), a JSON document, else
/// CSV with a line of column names; each but Parquet also within gzip, bzip2, zstd or zip.
/// kNotFound, kInvalidData (nothing that can be read as a table) or kInvalidArgument (a column that
/// is not there; a time format that is not stated and not plain).
base::Result<std::unique_ptr<RowSource>> open_rows(const RowOptions& options,
                                                   base::FileSystem& files);

/// The column that by its name holds the time of a row: event_time, timestamp, datetime, time,
/// date, ts and their like, in this order, in whatever case.
std::optional<size_t> find_time_column(const std::vector<std::string>& names);

/// kInvalidArgument that lists the columns there are.
base::Error no_such_column(const base::Path& file, std::string_view flag, std::string_view column,
                           const std::vector<std::string>& names);

}  // namespace ticklake::feed
