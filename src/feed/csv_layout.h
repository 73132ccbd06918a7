#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "feed/csv.h"
#include "feed/finding.h"
#include "feed/known_shapes.h"

namespace ticklake::feed {

/// What a person says of a CSV; what is not said is looked for.
struct CsvFlags {
  /// Names of the columns, of a file that has none; also of the values of JSON rows that are
  /// arrays.
  std::vector<std::string> columns = {};
  bool has_header = false;  ///< its first line has the names, whatever they look like
  std::optional<uint64_t> skip_lines = {};
  std::optional<char> comment = {};
  std::optional<char> delimiter = {};
  std::vector<std::string> nulls = {};  ///< texts that stand for no value, in any column
  std::optional<char> decimal = {};
  std::optional<char> thousands = {};
  /// COLUMN=TYPE: text, number or boolean.
  std::vector<std::pair<std::string, std::string>> types = {};
  /// How far east of UTC times are that name no zone.
  std::optional<std::chrono::minutes> offset = {};
  /// A bad row ends the reading, instead of being left out and counted.
  bool bad_rows_fail = false;
};

/// The form of a CSV: where its rows begin, and what their columns are called.
struct CsvLayout {
  char delimiter = ',';
  char comment = '\0';       ///< lines that begin with it are passed over; '\0': none
  size_t bytes_above = 0;    ///< before the first record that counts
  uint64_t lines_above = 0;  ///< in those bytes
  uint64_t header_records = 0;
  /// Every row, but not the line of names, ends in a delimiter with nothing behind it.
  bool trailing_delimiter = false;
  std::vector<std::string> names;
  const KnownShape* shape = nullptr;
  /// Columns that every row gets with this value, such as the one ticker of a yfinance file.
  std::vector<std::pair<std::string, std::string>> constants;
  std::vector<Finding> findings;
};

/// Looks at `head`, the start of the file named `file`. kInvalidData if it holds no table;
/// kInvalidArgument, naming the flag that decides, if it can be read in more than one way.
base::Result<CsvLayout> find_csv_layout(std::string_view file, std::string_view head,
                                        const CsvFlags& flags);

/// Takes the empty field behind a trailing delimiter off `record`, where the file has those.
void drop_trailing_field(CsvRecord& record, const CsvLayout& layout);

/// At most `records_max` records of `head` behind the names, as text, without the bad ones and
/// without a last one that `head` may have cut.
std::vector<std::vector<std::string>> sample_records(std::string_view head, const CsvLayout& layout,
                                                     size_t records_max);

}  // namespace ticklake::feed
