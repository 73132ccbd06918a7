#include "query/athena/error.h"

#include <algorithm>
#include <array>
#include <optional>

#include "query/sql_token.h"

namespace ticklake::query::athena {
namespace {

bool is_error_name(std::string_view text) {
  return text.size() > 3 &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos;
}

/// "DIVISION_BY_ZERO: Division by zero", as our macros and functions fail, out of DuckDB's text.
std::optional<AthenaError> error_of_ours(std::string_view text) {
  for (size_t colon = text.find(": "); colon != std::string_view::npos;
       colon = text.find(": ", colon + 1)) {
    size_t begin = colon;
    while (begin > 0 &&
           ((text[begin - 1] >= 'A' && text[begin - 1] <= 'Z') || text[begin - 1] == '_')) {
      --begin;
    }
    const std::string_view name = text.substr(begin, colon - begin);
    if (!is_error_name(name)) continue;
    std::string_view message = text.substr(colon + 2);
    if (const size_t end = message.rfind("' to INT64"); end != std::string_view::npos) {
      message = message.substr(0, end);
    }
    return AthenaError{std::string(name), std::string(message.substr(0, message.find("\n\nLINE")))};
  }
  return {};
}

/// What stands between two marks; empty if they are not there.
std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const size_t begin = text.find(open);
  if (begin == std::string_view::npos) return {};
  const size_t from = begin + open.size();
  const size_t end = text.find(close, from);
  return end == std::string_view::npos ? std::string_view() : text.substr(from, end - from);
}

/// "line 1:8: " of the first token of that name; empty if the statement has none.
std::string place_of_name(std::string_view sql, std::string_view name) {
  const std::string lower = to_lower(name);
  for (const Token& token : tokenize(sql, Lexis::kAthena)) {
    const bool is_name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName;
    if (is_name && name_of(sql, token) == lower) return place_of(sql, token.begin);
  }
  return {};
}

struct Known {
  std::string_view mark;  ///< in DuckDB's text
  std::string_view name;
  std::string_view message;  ///< empty: DuckDB's own
};
constexpr std::array<Known, 17> kKnown{{
    {"Map keys must be unique", "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed"},
    {"More than one row returned by a subquery", "SUBQUERY_MULTIPLE_ROWS",
     "Scalar sub-query has returned multiple rows"},
    {"Cannot compare values of type", "TYPE_MISMATCH", ""},
    {"No function matches the given name and argument types", "TYPE_MISMATCH", ""},
    {"does not support the supplied arguments", "TYPE_MISMATCH", ""},
    {"Set operations can only apply to expressions with the same number", "TYPE_MISMATCH",
     "column count in set operation does not match"},
    {"aggregates cannot contain", "NESTED_AGGREGATION", ""},
    {"Out of Range Error", "NUMERIC_VALUE_OUT_OF_RANGE", ""},
    {"out of range for the destination type", "NUMERIC_VALUE_OUT_OF_RANGE", ""},
    {"Could not convert string", "INVALID_CAST_ARGUMENT", ""},
    {"Could not parse string", "INVALID_FUNCTION_ARGUMENT", ""},
    {"Conversion Error", "INVALID_CAST_ARGUMENT", ""},
    {"Malformed JSON", "INVALID_FUNCTION_ARGUMENT", ""},
    {"Permission Error", "PERMISSION_DENIED", ""},
    {"Parser Error", "SYNTAX_ERROR", ""},
    {"Invalid Input Error", "INVALID_FUNCTION_ARGUMENT", ""},
    {"Binder Error", "TYPE_MISMATCH", ""},
}};

std::string first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  // "Conversion Error: what": the class is DuckDB's, not ours.
  const size_t colon = line.find("Error: ");
  if (colon != std::string_view::npos) line.remove_prefix(colon + 7);
  return std::string(line);
}

}  // namespace

std::string place_of(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t start = before.rfind('\n');
  size_t column = 1;
  for (const char c : before.substr(start == std::string_view::npos ? 0 : start + 1))
    column += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return "line " + std::to_string(line) + ":" + std::to_string(column) + ": ";
}

AthenaError error_of_duckdb(std::string_view duckdb, std::string_view sql) {
  if (auto ours = error_of_ours(duckdb)) return *ours;
  if (auto table = between(duckdb, "Table with name ", " does not exist"); !table.empty()) {
    // "db.t" comes in quotes.
    if (table.size() > 2 && table.front() == '"') table = table.substr(1, table.size() - 2);
    const size_t point = table.find('.');
    const std::string full = (point == std::string_view::npos ? "default." : "") + to_lower(table);
    return {"TABLE_NOT_FOUND",
            place_of_name(sql, table.substr(point == std::string_view::npos ? 0 : point + 1)) +
                "Table 'awsdatacatalog." + full + "' does not exist"};
  }
  if (const auto schema = between(duckdb, "Schema with name ", " does not exist");
      !schema.empty()) {
    return {"SCHEMA_NOT_FOUND",
            place_of_name(sql, schema) + "Schema '" + to_lower(schema) + "' does not exist"};
  }
  std::string_view column = between(duckdb, "Referenced column \"", "\"");
  if (column.empty()) column = between(duckdb, "Referenced table \"", "\"");
  if (column.empty()) column = between(duckdb, "does not have a column named \"", "\"");
  if (duckdb.find("referenced that exists in the SELECT clause") != std::string_view::npos) {
    column = between(duckdb, "Column \"", "\"");
  }
  if (column.empty()) column = between(duckdb, "Could not find key \"", "\"");
  if (!column.empty()) {
    return {"COLUMN_NOT_FOUND",
            place_of_name(sql, column) + "Column '" + to_lower(column) +
                "' cannot be resolved or requester is not authorized to access requested "
                "resources"};
  }
  if (const auto name = between(duckdb, "Ambiguous reference to column name \"", "\"");
      !name.empty()) {
    return {"AMBIGUOUS_NAME",
            place_of_name(sql, name) + "Column '" + to_lower(name) + "' is ambiguous"};
  }
  if (const auto name = between(duckdb, "column \"", "\" must appear in the GROUP BY");
      !name.empty()) {
    return {"EXPRESSION_NOT_AGGREGATE",
            place_of_name(sql, name) + "'" + to_lower(name) +
                "' must be an aggregate expression or appear in GROUP BY clause"};
  }
  if (duckdb.find("Out of Memory") != std::string_view::npos) {
    return {"EXCEEDED_LOCAL_MEMORY_LIMIT", first_line(duckdb), ErrorCategory::kSystem};
  }
  for (const Known& known : kKnown) {
    if (duckdb.find(known.mark) == std::string_view::npos) continue;
    return {std::string(known.name),
            known.message.empty() ? first_line(duckdb) : std::string(known.message)};
  }
  return {"GENERIC_INTERNAL_ERROR", first_line(duckdb), ErrorCategory::kSystem};
}

}  // namespace ticklake::query::athena
