// Names of types, Trino's and Hive's: array(integer), array<int>, row(a int), struct<a:int>.
#include <array>

#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

struct PlainType {
  std::string_view name;
  TypeKind kind;
  std::string_view duckdb;
  std::string_view hive;
};
constexpr std::array<PlainType, 20> kPlainTypes{{
    {"boolean", TypeKind::kBoolean, "BOOLEAN", "boolean"},
    {"tinyint", TypeKind::kTinyint, "TINYINT", "tinyint"},
    {"smallint", TypeKind::kSmallint, "SMALLINT", "smallint"},
    {"int", TypeKind::kInteger, "INTEGER", "int"},
    {"integer", TypeKind::kInteger, "INTEGER", "int"},
    {"bigint", TypeKind::kBigint, "BIGINT", "bigint"},
    {"real", TypeKind::kReal, "FLOAT", "float"},
    {"float", TypeKind::kReal, "FLOAT", "float"},
    {"double", TypeKind::kDouble, "DOUBLE", "double"},
    {"decimal", TypeKind::kDecimal, "DECIMAL(38,0)", "decimal(38,0)"},
    {"dec", TypeKind::kDecimal, "DECIMAL(38,0)", "decimal(38,0)"},
    {"numeric", TypeKind::kDecimal, "DECIMAL(38,0)", "decimal(38,0)"},
    {"varchar", TypeKind::kVarchar, "VARCHAR", "string"},
    {"string", TypeKind::kVarchar, "VARCHAR", "string"},
    {"char", TypeKind::kChar, "VARCHAR", "char(1)"},
    {"varbinary", TypeKind::kVarbinary, "BLOB", "binary"},
    {"binary", TypeKind::kVarbinary, "BLOB", "binary"},
    {"json", TypeKind::kJson, "JSON", "string"},
    {"date", TypeKind::kDate, "DATE", "date"},
    {"uuid", TypeKind::kUuid, "UUID", "string"},
}};
constexpr std::array<std::string_view, 14> kRefusedTypes{
    "ipaddress", "hyperloglog",        "p4hyperloglog", "qdigest",   "tdigest",
    "setdigest", "geometry",           "color",         "unknown",   "objectid",
    "variant",   "sphericalgeography", "regressor",     "classifier"};

}  // namespace

NamedType Translator::type() {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  const size_t token = cursor_.position();
  if (!cursor_.is_name()) {
    cursor_.unexpected("<type>");
    return {};
  }
  const std::string name = cursor_.expect_name("<type>");
  NamedType out;
  if (name == "array" || name == "map") {
    out = collection_type(name == "map");
  } else if (name == "row" || name == "struct") {
    out = row_type();
  } else if (name == "timestamp" || name == "time") {
    out = time_type(name == "time", token);
  } else if (name == "interval") {
    const bool years = cursor_.is_word("year");
    cursor_.move_to(cursor_.position() + 3);
    out = {{years ? TypeKind::kIntervalYear : TypeKind::kIntervalDay}, "INTERVAL", "interval"};
  } else {
    out = plain_type(name, token);
  }
  // integer array, the old form.
  while (cursor_.is_word("array") && !cursor_.is_symbol("(", 1) && !cursor_.is_symbol("[", 1)) {
    cursor_.advance();
    out = {{TypeKind::kArray, 0, 0, out.type.kind}, out.duckdb + "[]", "array<" + out.hive + ">"};
  }
  check_size(out.duckdb + out.row_from_json);
  return out;
}

/// Behind ARRAY or MAP: (T), (K, V), or Hive's <T>, <K,V>.
NamedType Translator::collection_type(bool is_map) {
  const bool hive = cursor_.is_symbol("<");
  cursor_.expect_symbol(hive ? "<" : "(");
  const NamedType first = type();
  NamedType out{
      {TypeKind::kArray, 0, 0, first.type.kind}, first.duckdb + "[]", "array<" + first.hive + ">"};
  if (is_map) {
    cursor_.expect_symbol(",");
    const NamedType second = type();
    out = {{TypeKind::kMap},
           "MAP(" + first.duckdb + ", " + second.duckdb + ")",
           "map<" + first.hive + "," + second.hive + ">"};
  }
  cursor_.expect_symbol(hive ? ">" : ")");
  return out;
}

/// Behind ROW or STRUCT: (a T, …), or Hive's <a:T,…>.
NamedType Translator::row_type() {
  const bool hive = cursor_.is_symbol("<");
  cursor_.expect_symbol(hive ? "<" : "(");
  std::string duckdb;
  std::string fields;
  std::string from_json;
  size_t index = 0;
  do {
    std::string field = "field" + std::to_string(index);
    // A field may have no name: row(integer, varchar(3)).
    const bool is_unnamed = !hive && (cursor_.is_symbol(",", 1) || cursor_.is_symbol(")", 1) ||
                                      cursor_.is_symbol("(", 1));
    if (!is_unnamed) field = cursor_.expect_name("<identifier>");
    if (hive) cursor_.expect_symbol(":");
    const NamedType member = type();
    const std::string separator = index > 0 ? ", " : "";
    duckdb += separator + quoted_name(field) + " " + member.duckdb;
    fields += (index > 0 ? "," : "") + field + ":" + member.hive;
    from_json += separator + quoted_name(field) + " := CAST(" +
                 (member.type.is_text() ? "json_extract_string" : "json_extract") + "($j, '$[" +
                 std::to_string(index) + "]') AS " + member.duckdb + ")";
    ++index;
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(hive ? ">" : ")");
  return {{TypeKind::kRow},
          "STRUCT(" + duckdb + ")",
          "struct<" + fields + ">",
          0,
          "struct_pack(" + from_json + ")"};
}

/// Behind TIME or TIMESTAMP: (p) WITH TIME ZONE.
NamedType Translator::time_type(bool is_time, size_t token) {
  if (cursor_.accept_symbol("(")) {
    cursor_.expect_digits();
    cursor_.expect_symbol(")");
  }
  const bool zoned =
      cursor_.is_word("with") && cursor_.is_word("time", 1) && cursor_.is_word("zone", 2);
  if (zoned || (cursor_.is_word("without") && cursor_.is_word("time", 1))) {
    cursor_.move_to(cursor_.position() + 3);
  }
  if (is_time) {
    if (zoned) cursor_.not_supported("type time with time zone", token);
    return {{TypeKind::kTime}, "TIME", "time"};
  }
  if (zoned) return {{TypeKind::kTimestampTz}, "TIMESTAMP WITH TIME ZONE", "timestamp"};
  return {{TypeKind::kTimestamp}, "TIMESTAMP", "timestamp"};
}

NamedType Translator::plain_type(const std::string& name, size_t token) {
  NamedType out;
  bool known = false;
  for (const PlainType& plain : kPlainTypes) {
    if (plain.name != name) continue;
    known = true;
    out = {{plain.kind}, std::string(plain.duckdb), std::string(plain.hive)};
  }
  for (const std::string_view refused : kRefusedTypes) {
    if (refused == name) cursor_.not_supported("type " + name, token);
  }
  if (!known) cursor_.fail("TYPE_NOT_FOUND", "Unknown type: " + name, token);
  if (name == "double") cursor_.accept_word("precision");
  if (out.type.is_decimal()) return decimal_type(token);
  if (out.type.is_text() && cursor_.accept_symbol("(")) {
    const std::string length = cursor_.expect_digits();
    cursor_.expect_symbol(")");
    if (length.size() <= 9 && !length.empty()) {
      out.length = static_cast<uint32_t>(std::stoul(length));
      out.hive = (out.type.is(TypeKind::kChar) ? "char(" : "varchar(") + length + ")";
    }
  } else if (out.type.is(TypeKind::kChar)) {
    out.length = 1;
  }
  return out;
}

/// Behind DECIMAL: (p, s), (p), or nothing for (38, 0).
NamedType Translator::decimal_type(size_t token) {
  std::string precision = "38";
  std::string scale = "0";
  if (cursor_.accept_symbol("(")) {
    precision = cursor_.expect_digits();
    if (cursor_.accept_symbol(",")) scale = cursor_.expect_digits();
    cursor_.expect_symbol(")");
  }
  if (cursor_.failed()) return {};
  const bool is_short = precision.size() <= 2 && scale.size() <= 2;
  if (!is_short || std::stoi(precision) > 38 || std::stoi(precision) < 1 ||
      std::stoi(scale) > std::stoi(precision)) {
    cursor_.fail("INVALID_PARAMETER_USAGE",
                 "DECIMAL precision must be in range [1, 38] and scale at most as much", token);
    return {};
  }
  const std::string digits = "(" + precision + "," + scale + ")";
  return {{TypeKind::kDecimal, static_cast<uint8_t>(std::stoi(precision)),
           static_cast<uint8_t>(std::stoi(scale))},
          "DECIMAL" + digits,
          "decimal" + digits};
}

}  // namespace ticklake::query::athena
