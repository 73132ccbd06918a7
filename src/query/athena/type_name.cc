// DuckDB's names of types as Trino's.
#include <array>
#include <vector>

#include "query/athena/native_functions.h"

namespace ticklake::query::athena {
namespace {

constexpr int kTypeDepthMax = 40;

constexpr std::array<std::pair<std::string_view, std::string_view>, 26> kNames{{
    {"BOOLEAN", "boolean"},
    {"TINYINT", "tinyint"},
    {"SMALLINT", "smallint"},
    {"INTEGER", "integer"},
    {"BIGINT", "bigint"},
    {"HUGEINT", "bigint"},
    {"UTINYINT", "smallint"},
    {"USMALLINT", "integer"},
    {"UINTEGER", "bigint"},
    {"UBIGINT", "bigint"},
    {"UHUGEINT", "bigint"},
    {"FLOAT", "real"},
    {"DOUBLE", "double"},
    {"VARCHAR", "varchar"},
    {"BLOB", "varbinary"},
    {"DATE", "date"},
    {"TIME", "time(3)"},
    {"TIMESTAMP", "timestamp(3)"},
    {"TIMESTAMP_S", "timestamp(3)"},
    {"TIMESTAMP_MS", "timestamp(3)"},
    {"TIMESTAMP_NS", "timestamp(3)"},
    {"TIMESTAMP WITH TIME ZONE", "timestamp(3) with time zone"},
    {"INTERVAL", "interval day to second"},
    {"JSON", "json"},
    {"UUID", "uuid"},
    {"\"NULL\"", "unknown"},
}};

/// The parts between the commas that stand in no brackets and no quotes.
std::vector<std::string_view> parts_of(std::string_view list) {
  std::vector<std::string_view> parts;
  int depth = 0;
  bool quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i <= list.size(); ++i) {
    const char c = i < list.size() ? list[i] : ',';
    if (c == '"') quoted = !quoted;
    if (quoted && i < list.size()) continue;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c != ',' || (depth > 0 && i < list.size())) continue;
    std::string_view part = list.substr(begin, i - begin);
    while (part.starts_with(' '))
      part.remove_prefix(1);
    parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

std::string name_of_type(std::string_view duckdb, int depth) {
  if (depth > kTypeDepthMax) return "unknown";
  if (duckdb.ends_with("]")) {
    const size_t open = duckdb.rfind('[');
    return "array(" + name_of_type(duckdb.substr(0, open), depth + 1) + ")";
  }
  if (duckdb.starts_with("MAP(") && duckdb.ends_with(")")) {
    const auto parts = parts_of(duckdb.substr(4, duckdb.size() - 5));
    if (parts.size() != 2) return "map";
    return "map(" + name_of_type(parts[0], depth + 1) + ", " + name_of_type(parts[1], depth + 1) +
           ")";
  }
  if (duckdb.starts_with("STRUCT(") && duckdb.ends_with(")")) {
    std::string fields;
    for (const std::string_view part : parts_of(duckdb.substr(7, duckdb.size() - 8))) {
      fields += fields.empty() ? "" : ", ";
      // "name TYPE", the name maybe in quotes; a row without names has only types.
      const size_t end = part.starts_with('"') ? part.find('"', 1) + 1 : part.find(' ');
      const bool named = end != std::string_view::npos && end < part.size() && part[end] == ' ' &&
                         part != "TIMESTAMP WITH TIME ZONE";
      if (named) fields += std::string(part.substr(0, end)) + " ";
      fields += name_of_type(named ? part.substr(end + 1) : part, depth + 1);
    }
    return "row(" + fields + ")";
  }
  for (const auto& [name, trino] : kNames) {
    if (name == duckdb) return std::string(trino);
  }
  std::string lower;
  for (const char c : duckdb)
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower.starts_with("enum") ? "varchar" : lower;
}

}  // namespace

std::string trino_type_name(std::string_view duckdb) { return name_of_type(duckdb, 0); }

}  // namespace ticklake::query::athena
