#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feed/csv_layout.h"
#include "feed/csv_number.h"

namespace ticklake::feed {

/// What the values of a CSV column become in JSON.
enum class ColumnKind : uint8_t {
  kAny,  ///< no value was seen: each is what it most plainly is, see append_json_value()
  kText,
  kNumber,
  kBoolean,
};

/// "text", "number", "boolean" or "any".
std::string_view name_of(ColumnKind kind);

/// How the columns of a CSV are read.
struct CsvColumns {
  std::vector<ColumnKind> kinds;
  NumberMarks marks;
  /// The column with the time of a row; with a second one, that one's time of day.
  std::optional<size_t> time;
  std::optional<size_t> time_of_day;
  std::vector<Finding> findings;
};

/// Decides from `records`, the first ones behind the names. `time_column` is the name, or two
/// names with a comma between them, that a person gave. Errors: kInvalidArgument for names that
/// are not there, and, naming the flag that decides, where numbers can be read in two ways.
base::Result<CsvColumns> find_csv_columns(std::string_view file, const CsvLayout& layout,
                                          const std::vector<std::vector<std::string>>& records,
                                          const CsvFlags& flags,
                                          const std::optional<std::string>& time_column);

/// Whether `text` stands for no value, in a column of that kind.
bool is_null(std::string_view text, ColumnKind kind, const CsvFlags& flags);

/// Appends a value; false, and nothing appended, if it is not of the kind or not UTF-8.
bool append_typed(std::string& json, std::string_view text, ColumnKind kind,
                  const NumberMarks& marks);

}  // namespace ticklake::feed
