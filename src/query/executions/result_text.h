#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/rows.h"

namespace ticklake::query::executions {

/// Athena's result files. CSV: every value in double quotes, doubled within, lines end in LF; NULL
/// is nothing between the commas, the empty text is "".

void append_result_header(const std::vector<Column>& columns, std::string& into);
void append_result_rows(const RowBlock& block, std::string& into);

using ResultRow = std::vector<std::optional<std::string>>;

/// Takes rows out of such a file, or out of one of lines (`.txt`, one cell a row), piece by piece.
class ResultReader {
 public:
  enum class Form : uint8_t { kCsv, kLines };
  ResultReader(Form form, size_t rows_max) : form_(form), rows_max_(rows_max) {}

  /// Takes from `text` until there are rows_max rows; false when it needs no more. Bytes of a row
  /// that is not complete count as taken only once it is.
  bool take(std::string_view text);
  /// At the end of the file: a last row without its line end.
  void finish();

  const std::vector<ResultRow>& rows() const { return rows_; }
  /// Bytes that the rows came to.
  uint64_t taken() const { return taken_; }
  bool is_full() const { return rows_.size() >= rows_max_; }

 private:
  void take_char(char c);
  void end_cell();
  void end_row();

  const Form form_;
  const size_t rows_max_;
  std::vector<ResultRow> rows_;
  ResultRow row_;
  std::string cell_;
  bool is_quoted_ = false;  ///< the cell is a value
  bool is_in_quotes_ = false;
  bool after_quote_ = false;  ///< a quote that closes, or the first of two
  uint64_t seen_ = 0;
  uint64_t taken_ = 0;
};

}  // namespace ticklake::query::executions
