#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "feed/json_path.h"
#include "feed/poll_state.h"

namespace ticklake::feed {

struct PollRowOptions {
  /// Where the rows are, as "$.data[*]"; an array there stands for its elements. Empty: the answer
  /// itself if it is an array, else the one array in it.
  std::string json_path = {};
  /// Name and path of each column; none: a row is an object and is sent as it is. A path is "p.q"
  /// or "@.p.q" (in the row), "$.p" (in the answer), "~" (the name of the member that the row is)
  /// or a text in double quotes.
  std::vector<std::pair<std::string, std::string>> columns = {};
  std::vector<std::string> dedupe_by = {};  ///< columns; none: the whole row
  std::string key_column = {};
  std::string time_column = {};  ///< by which the rows of an answer are sorted
  bool is_newest_first = false;  ///< rows are turned round, before they are sorted
  size_t rows_max = 50'000;      ///< of an answer
};

struct PolledRow {
  std::string json;
  std::optional<std::string> key;
  RowId id;
};

struct PolledRows {
  std::vector<PolledRow> rows;
  std::vector<std::string> missing;  ///< columns that no row has
};

/// Makes rows of the answers of an API.
class PollRowReader {
 public:
  /// kInvalidArgument for a path that is none, or a column that --map does not make.
  static base::Result<PollRowReader> make(PollRowOptions options);

  /// The rows of one answer, in the order in which they are to be sent. kInvalidData if it is no
  /// JSON (retriable: it may have been cut) or is not of the shape that was told; kInvalidArgument
  /// where only a flag can help.
  base::Result<PolledRows> read(std::string_view answer) const;

 private:
  struct Column {
    enum class Kind : uint8_t { kRow, kAnswer, kName, kText };
    std::string name;
    Kind kind = Kind::kRow;
    JsonPath path;
    std::string text = {};  ///< of kText, as JSON
  };
  PollRowReader() = default;
  static base::Result<Column> column_of(const std::string& name, const std::string& path);
  base::Result<std::vector<JsonMatch>> find_rows(std::string_view answer) const;
  base::Result<std::string> json_of(const JsonMatch& row, const std::vector<std::string>& shared,
                                    std::vector<bool>& found) const;
  base::Result<PolledRow> row_of(std::string json) const;

  PollRowOptions options_;
  std::optional<JsonPath> path_;
  std::vector<Column> columns_;
};

/// The path of a --json-path or another path into an answer, which begins with "$".
base::Result<JsonPath> parse_answer_path(std::string_view text);

}  // namespace ticklake::feed
