// Calls of functions on dates and times, where the type of the result is that of an argument.
#include <algorithm>
#include <array>

#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

constexpr std::array<std::string_view, 9> kUnits{"millisecond", "second", "minute",  "hour", "day",
                                                 "week",        "month",  "quarter", "year"};

bool is_unit(std::string_view unit) {
  return std::find(kUnits.begin(), kUnits.end(), unit) != kUnits.end();
}

}  // namespace

/// date_add(unit, n, x) and date_diff(unit, a, b).
Expr Translator::call_date_add(Call& call) {
  const bool adds = call.name == "date_add";
  if (const auto unit = constant_string(call[0])) {
    if (!is_unit(to_lower(*unit))) {
      cursor_.fail("INVALID_FUNCTION_ARGUMENT", "'" + *unit + "' is not a valid DATE field",
                   call.token);
      return {};
    }
    call[0].sql = quoted_string(to_lower(*unit));
  }
  for (size_t i = 1; i < 3 && !adds; ++i) {
    if (!call[i].instant.empty()) call[i].sql = call[i].instant;
  }
  const Type type = adds ? call[2].type : Type{TypeKind::kBigint};
  if (adds && type.is(TypeKind::kDate)) {
    return made("CAST(" + call[2].sql + " + athena.unit_interval(" + call[0].sql + ") * " +
                    call[1].sql + " AS DATE)",
                type, call[0].cost * 12 + call[1].cost + call[2].cost);
  }
  if (adds && !type.is(TypeKind::kUnknown)) {
    const std::string step = " + athena.unit_interval(" + call[0].sql + ") * " + call[1].sql + ")";
    Expr expr =
        made("(" + call[2].sql + step, type, call[0].cost * 12 + call[1].cost + call[2].cost);
    if (!call[2].zone.empty()) {
      expr.instant = "(" + call[2].instant + step;
      expr.zone = call[2].zone;
    }
    return expr;
  }
  std::vector<Expr> arguments;
  for (size_t i = 0; i < 3; ++i)
    arguments.push_back(std::move(call[i]));
  return macro(adds ? "date_add" : "date_diff", std::move(arguments), type);
}

Expr Translator::call_date_trunc(Call& call) {
  if (const auto unit = constant_string(call[0])) {
    if (!is_unit(to_lower(*unit))) {
      cursor_.fail("INVALID_FUNCTION_ARGUMENT", "'" + *unit + "' is not a valid TIMESTAMP field",
                   call.token);
      return {};
    }
    call[0].sql = quoted_string(to_lower(*unit));
  }
  const std::string sql = "date_trunc(" + call[0].sql + ", " + call[1].sql + ")";
  const size_t cost = call[0].cost + call[1].cost;
  const Type type = call[1].type;
  if (type.is(TypeKind::kDate)) return made("CAST(" + sql + " AS DATE)", type, cost);
  if (!type.is(TypeKind::kTime) && !type.is(TypeKind::kUnknown)) {
    Expr expr = made(sql, type, cost);
    if (!call[1].zone.empty()) {
      expr.zone = call[1].zone;
      expr.instant = "timezone(" + expr.zone + ", " + sql + ")";
    }
    return expr;
  }
  std::vector<Expr> arguments;
  arguments.push_back(std::move(call[0]));
  arguments.push_back(std::move(call[1]));
  return macro("date_trunc", std::move(arguments), type);
}

Expr Translator::call_date_parse(Call& call) {
  const std::string text = constant_text(call[1], "date_parse with a format", call.token);
  const DateFormat format = mysql_format(text, true);
  if (!format.unknown.empty()) {
    cursor_.not_supported("date_parse with " + format.unknown, call.token);
    return {};
  }
  return made(
      "CAST(strptime(" + call[0].sql + ", " + quoted_string(format.duckdb) + ") AS TIMESTAMP)",
      {TypeKind::kTimestamp}, call[0].cost);
}

Expr Translator::call_parse_datetime(Call& call) {
  const std::string text = constant_text(call[1], "parse_datetime with a format", call.token);
  const DateFormat format = joda_format(text, true);
  if (!format.unknown.empty()) {
    cursor_.not_supported("parse_datetime with " + format.unknown, call.token);
    return {};
  }
  return made("CAST(strptime(" + call[0].sql + ", " + quoted_string(format.duckdb) +
                  ") AS TIMESTAMP WITH TIME ZONE)",
              {TypeKind::kTimestampTz}, call[0].cost);
}

Expr Translator::call_date_format(Call& call) {
  const std::string text = constant_text(call[1], "date_format with a format", call.token);
  const DateFormat format = mysql_format(text, false);
  if (!format.unknown.empty()) {
    cursor_.not_supported("date_format with " + format.unknown, call.token);
    return {};
  }
  return made(
      "strftime(CAST(" + call[0].sql + " AS TIMESTAMP), " + quoted_string(format.duckdb) + ")",
      {TypeKind::kVarchar}, call[0].cost);
}

Expr Translator::call_format_datetime(Call& call) {
  const std::string text = constant_text(call[1], "format_datetime with a format", call.token);
  const DateFormat format = joda_format(text, false);
  if (!format.unknown.empty()) {
    cursor_.not_supported("format_datetime with " + format.unknown, call.token);
    return {};
  }
  return made(
      "strftime(CAST(" + call[0].sql + " AS TIMESTAMP), " + quoted_string(format.duckdb) + ")",
      {TypeKind::kVarchar}, call[0].cost);
}

Expr Translator::call_at_timezone(Call& call) { return in_zone(std::move(call[0]), call[1]); }

Expr Translator::call_with_timezone(Call& call) {
  // The same clock, now that of the zone.
  Expr expr = made("CAST(" + call[0].sql + " AS TIMESTAMP)", {TypeKind::kTimestamp},
                   call[0].cost + call[1].cost);
  expr.instant = "timezone(" + call[1].sql + ", " + expr.sql + ")";
  expr.zone = call[1].sql;
  return expr;
}

/// A constant shows the offset that it was written with.
Expr Translator::call_from_iso8601(Call& call) {
  const auto text = constant_string(call[0]);
  std::vector<Expr> arguments;
  arguments.push_back(std::move(call[0]));
  Expr instant = macro("from_iso8601_timestamp", std::move(arguments), {TypeKind::kTimestampTz});
  constexpr size_t kOffsetSize = 6;  // +01:00
  if (!text || text->size() <= kOffsetSize || text->find('T') == std::string::npos) return instant;
  const std::string offset = text->substr(text->size() - kOffsetSize);
  if ((offset[0] != '+' && offset[0] != '-') || offset[3] != ':') return instant;
  Expr zone = made(quoted_string(offset), {TypeKind::kVarchar}, 1);
  zone.is_literal = true;
  return in_zone(std::move(instant), zone);
}

/// to_unixtime(x), from_unixtime(n[, zone | hours, minutes]).
Expr Translator::call_instant(Call& call) {
  if (call.name == "to_unixtime") {
    const std::string& instant = call[0].instant.empty() ? call[0].sql : call[0].instant;
    return made("CAST(epoch(" + instant + ") AS DOUBLE)", {TypeKind::kDouble}, call[0].cost);
  }
  Expr instant = made("to_timestamp(CAST(" + call[0].sql + " AS DOUBLE))", {TypeKind::kTimestampTz},
                      call[0].cost);
  if (call.size() == 1) return instant;
  if (call.size() == 2) return in_zone(std::move(instant), call[1]);
  const std::string minutes = "(" + call[1].sql + ") * 60 + (" + call[2].sql + ")";
  Expr expr = made("(CAST(" + instant.sql + " AS TIMESTAMP) + to_minutes(" + minutes + "))",
                   {TypeKind::kTimestamp}, call[0].cost + call[1].cost + call[2].cost);
  expr.instant = instant.sql;
  expr.zone = "athena.offset_name(" + minutes + ")";
  return expr;
}

/// timezone(x), timezone_hour(x), timezone_minute(x): what is not in a zone of its own is in UTC.
Expr Translator::call_timezone_part(Call& call) {
  const Expr& value = call[0];
  if (call.name == "timezone") {
    return made(value.zone.empty() ? "'UTC'" : value.zone, {TypeKind::kVarchar}, 1);
  }
  const bool hour = call.name == "timezone_hour";
  if (value.zone.empty()) return made("0", {TypeKind::kBigint}, 1);
  const std::string minutes =
      "CAST(epoch(" + value.sql + " - CAST(" + value.instant + " AS TIMESTAMP)) AS BIGINT) // 60";
  return made("((" + minutes + ") " + (hour ? "// 60)" : "% 60)"), {TypeKind::kBigint},
              value.cost * 2);
}

Expr Translator::call_sequence(Call& call) {
  const Type type = call[0].type;
  const bool dates = type.is(TypeKind::kDate);
  std::vector<Expr> arguments;
  for (size_t i = 0; i < call.size(); ++i)
    arguments.push_back(std::move(call[i]));
  const bool has_step = arguments.size() == 3;
  if (has_step && arguments[2].type.is_interval()) {
    return macro(dates ? "sequence_of_dates" : "sequence_of_moments", std::move(arguments),
                 {TypeKind::kArray, 0, 0, type.kind});
  }
  if (dates) {
    return macro("sequence_of_days", std::move(arguments), {TypeKind::kArray, 0, 0, type.kind});
  }
  return macro(has_step ? "sequence" : "sequence_to", std::move(arguments),
               {TypeKind::kArray, 0, 0, type.kind});
}

}  // namespace ticklake::query::athena
