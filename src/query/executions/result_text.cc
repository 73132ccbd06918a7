#include "query/executions/result_text.h"

namespace ticklake::query::executions {
namespace {

void append_quoted(std::string_view value, std::string& into) {
  into += '"';
  for (const char c : value) {
    if (c == '"') into += '"';
    into += c;
  }
  into += '"';
}

}  // namespace

void append_result_header(const std::vector<Column>& columns, std::string& into) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) into += ',';
    append_quoted(columns[i].name, into);
  }
  into += '\n';
}

void append_result_rows(const RowBlock& block, std::string& into) {
  for (size_t row = 0; row < block.rows(); ++row) {
    for (size_t column = 0; column < block.columns(); ++column) {
      if (column > 0) into += ',';
      if (const auto cell = block.cell(row, column)) append_quoted(*cell, into);
    }
    into += '\n';
  }
}

bool ResultReader::take(std::string_view text) {
  for (const char c : text) {
    if (is_full()) return false;
    ++seen_;
    take_char(c);
  }
  return !is_full();
}

void ResultReader::take_char(char c) {
  if (form_ == Form::kLines) {
    if (c == '\n') {
      is_quoted_ = true;
      end_row();
    } else {
      cell_ += c;
    }
    return;
  }
  if (is_in_quotes_) {
    if (after_quote_) {
      after_quote_ = false;
      if (c == '"') {
        cell_ += '"';
        return;
      }
      is_in_quotes_ = false;
    } else if (c == '"') {
      after_quote_ = true;
      return;
    } else {
      cell_ += c;
      return;
    }
  }
  if (c == '"') {
    is_in_quotes_ = true;
    is_quoted_ = true;
  } else if (c == ',') {
    end_cell();
  } else if (c == '\n') {
    end_row();
  } else {
    is_quoted_ = true;
    cell_ += c;
  }
}

void ResultReader::end_cell() {
  row_.push_back(is_quoted_ ? std::optional(std::move(cell_)) : std::nullopt);
  cell_.clear();
  is_quoted_ = false;
  is_in_quotes_ = false;
  after_quote_ = false;
}

void ResultReader::end_row() {
  end_cell();
  rows_.push_back(std::move(row_));
  row_.clear();
  taken_ = seen_;
}

void ResultReader::finish() {
  if (is_full()) return;
  const bool has_rest = !cell_.empty() || is_quoted_ || !row_.empty();
  if (!has_rest) return;
  if (form_ == Form::kLines) is_quoted_ = true;
  end_row();
}

}  // namespace ticklake::query::executions
