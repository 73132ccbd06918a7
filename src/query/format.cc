#include "query/format.h"

#include <set>

#include <fmt/format.h>

#include "base/utf8.h"

namespace ticklake::query {
namespace {

void append_csv_cell(std::optional<std::string_view> cell, std::string& into) {
  if (!cell) return;
  if (!cell->empty() && cell->find_first_of(",\"\r\n") == std::string_view::npos) {
    into += *cell;
    return;
  }
  into += '"';
  for (const char c : *cell) {
    if (c == '"') into += '"';
    into += c;
  }
  into += '"';
}

/// What JSON has no number for, as DuckDB and as Athena name it.
bool is_no_number(std::string_view cell) {
  return cell == "nan" || cell == "inf" || cell == "-inf" || cell == "NaN" || cell == "Infinity" ||
         cell == "-Infinity";
}

/// Names as JSON needs them: each once.
std::vector<std::string> distinct_names(const std::vector<Column>& columns) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const Column& column : columns) {
    std::string name = column.name;
    for (size_t n = 1; !taken.insert(name).second; ++n)
      name = column.name + "_" + std::to_string(n);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

void append_json_string(std::string_view text, std::string& into) {
  into += '"';
  while (!text.empty()) {
    const size_t length = base::first_utf8_character(text).bytes;
    const char c = text.front();
    if (length == 0) {
      into += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      into += '\\';
      into += c;
    } else if (c == '\n') {
      into += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      into += fmt::format("\\u{:04x}", c);
    } else {
      into += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  into += '"';
}

void append_json_value(std::optional<std::string_view> cell, ValueKind kind, std::string& into) {
  if (!cell) {
    into += "null";
    return;
  }
  switch (kind) {
    case ValueKind::kText: append_json_string(*cell, into); return;
    case ValueKind::kFloat: into += is_no_number(*cell) ? std::string_view("null") : *cell; return;
    case ValueKind::kInteger:
    case ValueKind::kBoolean:
    case ValueKind::kJson: into += *cell; return;
  }
}

void append_json_columns(const std::vector<Column>& columns, std::string& into) {
  into += '[';
  for (size_t i = 0; i < columns.size(); ++i) {
    into += i > 0 ? ",{\"name\":" : "{\"name\":";
    append_json_string(columns[i].name, into);
    into += ",\"type\":";
    append_json_string(columns[i].type, into);
    into += '}';
  }
  into += ']';
}

void append_json_arrays(const std::vector<Column>& columns, const RowBlock& block, bool as_text,
                        std::string& into) {
  for (size_t row = 0; row < block.rows(); ++row) {
    if (row > 0) into += ',';
    into += '[';
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) into += ',';
      append_json_value(block.cell(row, i), as_text ? ValueKind::kText : columns[i].kind, into);
    }
    into += ']';
  }
}

void append_json_lines(const std::vector<Column>& columns, const RowBlock& block,
                       std::string& into) {
  const std::vector<std::string> names = distinct_names(columns);
  for (size_t row = 0; row < block.rows(); ++row) {
    into += '{';
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) into += ',';
      append_json_string(names[i], into);
      into += ':';
      append_json_value(block.cell(row, i), columns[i].kind, into);
    }
    into += "}\n";
  }
}

void append_csv_header(const std::vector<Column>& columns, std::string& into) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) into += ',';
    append_csv_cell(columns[i].name, into);
  }
  into += '\n';
}

void append_csv_rows(const RowBlock& block, std::string& into) {
  for (size_t row = 0; row < block.rows(); ++row) {
    for (size_t i = 0; i < block.columns(); ++i) {
      if (i > 0) into += ',';
      append_csv_cell(block.cell(row, i), into);
    }
    into += '\n';
  }
}

std::string row_count_text(uint64_t rows) {
  std::string digits = std::to_string(rows);
  for (size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits + (rows == 1 ? " row" : " rows");
}

}  // namespace ticklake::query
