// CAST and TRY_CAST: what Trino's conversions do that DuckDB's do otherwise.
#include "query/athena/translator.h"

namespace ticklake::query::athena {

Expr Translator::cast(Expr value, const NamedType& type, bool safely, size_t token) {
  if (cursor_.failed()) return {};
  static_cast<void>(token);
  const size_t cost = value.cost;
  Expr out;
  if (value.type.is(TypeKind::kNull)) {
    out = made("CAST(NULL AS " + type.duckdb + ")", type.type, 1);
  } else if (type.type.is_text()) {
    out = cast_to_text(std::move(value), type);
  } else if (type.type.is_integer()) {
    out = cast_to_integer(std::move(value), type);
  } else if (type.type.is(TypeKind::kJson)) {
    out = value.type.is(TypeKind::kJson) ? std::move(value)
                                         : made("to_json(" + value.sql + ")", type.type, cost);
  } else if (type.type.is(TypeKind::kVarbinary) && value.type.is_text()) {
    out = made("encode(" + value.sql + ")", type.type, cost);
  } else if (type.type.is(TypeKind::kRow) && value.type.is(TypeKind::kJson)) {
    out = row_cast_from_json(value, type);
  } else if (type.type.is(TypeKind::kTimestampTz) && !value.instant.empty()) {
    out = std::move(value);
  } else {
    out = made("CAST(" + value.sql + " AS " + type.duckdb + ")", type.type, cost);
  }
  if (!safely) return out;
  return made("TRY(" + out.sql + ")", out.type, out.cost);
}

Expr Translator::cast_to_text(Expr value, const NamedType& type) {
  const size_t cost = value.cost;
  std::string sql;
  switch (value.type.kind) {
    case TypeKind::kVarchar:
    case TypeKind::kChar: sql = value.sql; break;
    case TypeKind::kTimestamp:
      sql = "strftime(" + value.sql + ", '%Y-%m-%d %H:%M:%S.%g')";
      if (!value.zone.empty()) sql = "(" + sql + " || ' ' || " + value.zone + ")";
      break;
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kUuid: sql = "CAST(" + value.sql + " AS VARCHAR)"; break;
    default: {
      Expr text = macro("to_varchar", {std::move(value)});
      sql = std::move(text.sql);
    }
  }
  if (type.length > 0) {
    const std::string length = std::to_string(type.length);
    sql = type.type.is(TypeKind::kChar) ? "rpad(" + sql + ", " + length + ", ' ')"
                                        : "substr(" + sql + ", 1, " + length + ")";
  }
  return made(sql, {TypeKind::kVarchar}, cost + 4);
}

Expr Translator::cast_to_integer(Expr value, const NamedType& type) {
  const size_t cost = value.cost;
  std::string sql = value.sql;
  if (value.type.is_floating()) {
    sql = "round(" + sql + ")";
  } else if (value.type.is_text()) {
    sql = macro("integer_text", {std::move(value)}).sql;
  } else if (!value.type.is_number() && !value.type.is(TypeKind::kBoolean)) {
    sql = macro("to_integer", {std::move(value)}).sql;
  }
  return made("CAST(" + sql + " AS " + type.duckdb + ")", type.type, cost + 4);
}

/// A JSON array is cast to a row by position, an object by name.
Expr Translator::row_cast_from_json(const Expr& value, const NamedType& type) {
  const std::string variable = new_variable();
  std::string by_position = type.row_from_json;
  for (size_t at = 0; (at = by_position.find("$j", at)) != std::string::npos;
       at += variable.size()) {
    by_position.replace(at, 2, variable);
  }
  return made("list_transform([" + value.sql + "], lambda " + variable + ": CASE json_type(" +
                  variable + ") WHEN 'ARRAY' THEN " + by_position + " ELSE CAST(" + variable +
                  " AS " + type.duckdb + ") END)[1]",
              type.type, value.cost + 8);
}

}  // namespace ticklake::query::athena
