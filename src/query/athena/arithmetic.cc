// What an operator means for the types of its sides: Trino's integers divide to integers, its
// decimals stay decimals, its dates plus days stay dates.
#include <algorithm>

#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

constexpr int kDigitsMax = 38;
/// DuckDB divides decimals as doubles: 2.55 / 2 is a little less than 1.275, which rounds up.
constexpr const char* kHalvesUp = " * CAST(1.0000000000000009 AS DOUBLE)";

/// An integer as the decimal that Trino makes of it.
Type as_decimal(const Type& type) {
  switch (type.kind) {
    case TypeKind::kTinyint: return {TypeKind::kDecimal, 3, 0};
    case TypeKind::kSmallint: return {TypeKind::kDecimal, 5, 0};
    case TypeKind::kInteger: return {TypeKind::kDecimal, 10, 0};
    case TypeKind::kBigint: return {TypeKind::kDecimal, 19, 0};
    default: return type;
  }
}

bool are_decimal(const Type& left, const Type& right) {
  return (left.is_decimal() && (right.is_decimal() || right.is_integer())) ||
         (left.is_integer() && right.is_decimal());
}

/// The type of a sum of numbers; unknown if one side is, or no number.
Type sum_type(const Type& left, const Type& right) {
  if (!left.is_number() || !right.is_number()) return {};
  if (left.is_floating() || right.is_floating()) {
    const bool real = left.is(TypeKind::kReal) && right.is(TypeKind::kReal);
    return {real ? TypeKind::kReal : TypeKind::kDouble};
  }
  if (left.is_integer() && right.is_integer()) return {std::max(left.kind, right.kind)};
  const Type a = as_decimal(left);
  const Type b = as_decimal(right);
  const int scale = std::max(a.scale, b.scale);
  const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
  return {TypeKind::kDecimal, static_cast<uint8_t>(std::min(kDigitsMax, whole + scale + 1)),
          static_cast<uint8_t>(scale)};
}

bool is_nonzero_literal(const Expr& expr) {
  return expr.is_literal && expr.sql.find_first_of("123456789") != std::string::npos;
}

std::string decimal_name(int precision, int scale) {
  return "DECIMAL(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
}

}  // namespace

Expr Translator::concat(Expr left, Expr right) {
  const bool left_array = left.type.is(TypeKind::kArray);
  const bool right_array = right.type.is(TypeKind::kArray);
  const auto no_array = [](const Type& type) {
    return !type.is(TypeKind::kUnknown) && !type.is(TypeKind::kArray) && !type.is(TypeKind::kNull);
  };
  const size_t cost = left.cost + right.cost;
  const bool appends = (left_array && no_array(right.type)) || right.type.is_number();
  if (appends && !left.type.is_text()) {
    return made("list_append(" + left.sql + ", " + right.sql + ")", {TypeKind::kArray}, cost);
  }
  if (right_array && no_array(left.type)) {
    return made("list_prepend(" + left.sql + ", " + right.sql + ")", {TypeKind::kArray}, cost);
  }
  const Type type = left.type.is(TypeKind::kUnknown) ? right.type : left.type;
  return made("(" + left.sql + " || " + right.sql + ")", type, cost);
}

Expr Translator::plus(Expr left, Expr right) {
  if (left.type.is_interval() && !right.type.is_interval()) std::swap(left, right);
  const size_t cost = left.cost + right.cost;
  const std::string sql = "(" + left.sql + " + " + right.sql + ")";
  if (!right.type.is_interval()) return made(sql, sum_type(left.type, right.type), cost);
  if (left.type.is_interval()) return made(sql, left.type, cost);
  if (left.type.is(TypeKind::kDate)) return made("CAST(" + sql + " AS DATE)", left.type, cost);
  if (!left.type.is(TypeKind::kUnknown)) {
    Expr expr = made(sql, left.type, cost);
    if (!left.zone.empty()) {
      expr.instant = "(" + left.instant + " + " + right.sql + ")";
      expr.zone = left.zone;
    }
    return expr;
  }
  return macro("plus_interval", {std::move(left), std::move(right)});
}

Expr Translator::minus(Expr left, Expr right) {
  const size_t cost = left.cost + right.cost;
  const std::string sql = "(" + left.sql + " - " + right.sql + ")";
  if (right.type.is_interval()) {
    if (left.type.is_interval()) return made(sql, left.type, cost);
    if (left.type.is(TypeKind::kDate)) return made("CAST(" + sql + " AS DATE)", left.type, cost);
    if (!left.type.is(TypeKind::kUnknown)) return made(sql, left.type, cost);
    return macro("minus_interval", {std::move(left), std::move(right)});
  }
  if (left.type.is(TypeKind::kDate) && right.type.is(TypeKind::kDate)) {
    return made("to_days(CAST" + sql.substr(0, sql.size() - 1) + " AS INTEGER))",
                {TypeKind::kIntervalDay}, cost);
  }
  const bool may_be_dates = (left.is_column || left.type.is(TypeKind::kDate)) &&
                            (right.is_column || right.type.is(TypeKind::kDate));
  if (may_be_dates) return macro("minus", {std::move(left), std::move(right)});
  const bool moments = left.type.is(TypeKind::kTimestamp) || left.type.is(TypeKind::kTimestampTz);
  if (moments) return made(sql, {TypeKind::kIntervalDay}, cost);
  return made(sql, sum_type(left.type, right.type), cost);
}

Expr Translator::times(Expr left, Expr right) {
  const size_t cost = left.cost + right.cost;
  const std::string sql = "(" + left.sql + " * " + right.sql + ")";
  if (left.type.is_interval() || right.type.is_interval()) {
    return made(sql, left.type.is_interval() ? left.type : right.type, cost);
  }
  Type type = sum_type(left.type, right.type);
  if (type.is_decimal()) {
    const Type a = as_decimal(left.type);
    const Type b = as_decimal(right.type);
    type.precision = static_cast<uint8_t>(std::min(kDigitsMax, a.precision + b.precision));
    type.scale = static_cast<uint8_t>(std::min(kDigitsMax, a.scale + b.scale));
  }
  return made(sql, type, cost);
}

Expr Translator::divide(Expr left, Expr right) {
  const size_t cost = left.cost + right.cost;
  if (left.type.is_interval()) {
    return made("(" + left.sql + " / " + right.sql + ")", left.type, cost);
  }
  const Type type = sum_type(left.type, right.type);
  if (type.is_floating()) {
    return made("(CAST(" + left.sql + " AS DOUBLE) / " + right.sql + ")", type, cost);
  }
  if (!is_nonzero_literal(right) && type.kind != TypeKind::kUnknown) {
    right = macro("nonzero", {std::move(right)}, right.type);
  }
  if (type.is_integer()) return made("(" + left.sql + " // " + right.sql + ")", type, cost);
  if (are_decimal(left.type, right.type)) {
    const Type a = as_decimal(left.type);
    const Type b = as_decimal(right.type);
    const int scale = std::max(a.scale, b.scale);
    const int precision =
        std::min(kDigitsMax, a.precision + b.scale + std::max(0, b.scale - a.scale));
    const Type quotient{TypeKind::kDecimal, static_cast<uint8_t>(std::max(precision, scale)),
                        static_cast<uint8_t>(scale)};
    return made("CAST(" + left.sql + " / " + right.sql + kHalvesUp + " AS " +
                    decimal_name(quotient.precision, scale) + ")",
                quotient, cost);
  }
  return macro("divide", {std::move(left), std::move(right)});
}

Expr Translator::modulo(Expr left, Expr right) {
  const Type type = sum_type(left.type, right.type);
  if (!is_nonzero_literal(right) && !type.is_floating()) {
    const Type divisor = right.type;
    right = macro("nonzero", {std::move(right)}, divisor);
  }
  return made("(" + left.sql + " % " + right.sql + ")", type, left.cost + right.cost);
}

}  // namespace ticklake::query::athena
