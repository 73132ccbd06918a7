#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/decompression.h"
#include "catalog/hive_type.h"

namespace ticklake::catalog {

enum class FileFormat : uint8_t { kUnknown, kJson, kCsv, kParquet };

/// "UNKNOWN", "json", "csv", "parquet": Glue's classification.
std::string_view format_name(FileFormat format);

/// What files must have in common to be read as one table.
struct FileKind {
  FileFormat format = FileFormat::kUnknown;
  Compression compression = Compression::kNone;
  char delimiter = ',';     ///< CSV's
  bool has_header = false;  ///< CSV's

  bool operator==(const FileKind&) const = default;
};

/// What a crawl finds out about one file.
struct FileProbe {
  FileKind kind;
  std::vector<HiveField> fields;
  /// Top level names as the file has them: JSON's, whose case the SerDe may want to know.
  std::vector<std::string> paths = {};
  uint64_t records = 0;      ///< estimated where not all was read
  std::string problem = {};  ///< why it is kUnknown
  std::string remark = {};   ///< what a person should know of it
};

/// JSON: documents one after the other, on lines or over several.
/// `text`: the start of a file, `is_whole` if it is all of it. None if no record ends in it.
/// With `elements` an array's elements are the records (a JSON path of `$[*]`); without, it is one
/// record with one column, `array`, as Glue's built-in classifier has it.
struct JsonStart {
  std::string_view text;
  bool is_whole = true;
  bool elements = false;
};
bool looks_like_json(std::string_view text);
/// kUnknown if it is no JSON. `needs_more` is set if no record ends in what is there.
FileProbe probe_json(const JsonStart& start, bool& needs_more);

/// CSV with commas, pipes, tabs, semicolons or U+0001. kUnknown if it has not at least two columns
/// and two rows. `text` is the start of a file, `is_whole` if it is all of it.
FileProbe probe_csv(std::string_view text, bool is_whole);

}  // namespace ticklake::catalog
