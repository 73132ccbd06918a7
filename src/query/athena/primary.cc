// What operators are applied to: names, literals, calls, CASE, CAST, constructors, subqueries.
#include <array>

#include "query/athena/relations.h"
#include "query/athena/translator.h"

namespace ticklake::query::athena {

Expr Translator::postfix() {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  Expr expr = primary();
  size_t links = 0;
  while (goes_on(links)) {
    if (cursor_.accept_symbol("[")) {
      const Expr index = expression();
      cursor_.expect_symbol("]");
      expr = subscript(std::move(expr), index);
    } else if (cursor_.is_symbol(".") && cursor_.is_name(1)) {
      cursor_.advance();
      const std::string field = cursor_.expect_name("<identifier>");
      expr =
          made("struct_extract(" + expr.sql + ", " + quoted_string(field) + ")", {}, expr.cost + 1);
      expr.name = field;
    } else {
      return expr;
    }
  }
  return expr;
}

Expr Translator::subscript(Expr base, const Expr& index) {
  Type element;
  if (base.type.is(TypeKind::kArray) && base.type.element != TypeKind::kArray) {
    element = {base.type.element};
  }
  if (base.type.is(TypeKind::kRow)) {
    return made("struct_extract_at(" + base.sql + ", " + index.sql + ")", {}, base.cost + 1);
  }
  const std::string_view name = base.type.is(TypeKind::kMap)     ? "map_subscript"
                                : base.type.is(TypeKind::kArray) ? "array_subscript"
                                                                 : "subscript";
  return macro(name, {std::move(base), index}, element);
}

Expr Translator::primary() {
  if (cursor_.is_kind(TokenKind::kNumber)) return number_literal();
  if (cursor_.is_kind(TokenKind::kString)) return string_literal();
  if (cursor_.is_symbol("?")) return parameter();
  if (cursor_.is_symbol("(")) return parenthesized();
  if (is_typed_literal()) return typed_literal();
  if (!cursor_.is_name()) {
    cursor_.unexpected("<expression>");
    return {};
  }
  return cursor_.is_kind(TokenKind::kWord) ? word_primary()
         : cursor_.is_symbol("(", 1)       ? call()
                                           : column_reference();
}

Expr Translator::word_primary() {
  const std::string word = to_lower(cursor_.text());
  const bool is_call = cursor_.is_symbol("(", 1);
  if (word == "null") {
    cursor_.advance();
    Expr expr = made("NULL", {TypeKind::kNull}, 1);
    return expr;
  }
  if (word == "true" || word == "false") {
    cursor_.advance();
    return made(word, {TypeKind::kBoolean}, 1);
  }
  if (word == "case") return case_expression();
  if (word == "array" && cursor_.is_symbol("[", 1)) return array_constructor();
  if (word.starts_with("current_") || word.starts_with("local")) {
    if (!is_call || word.ends_with("time") || word.ends_with("timestamp")) {
      Expr expr = current_expression();
      if (!expr.sql.empty() || cursor_.failed()) return expr;
    }
  }
  if (word == "exists" && is_call) {
    cursor_.move_to(cursor_.position() + 2);
    const std::string subquery = query();
    cursor_.expect_symbol(")");
    return made("EXISTS (" + subquery + ")", {TypeKind::kBoolean}, 1);
  }
  if (!is_call) {
    static constexpr std::array<std::string_view, 22> kNoNames{
        "select", "from", "where", "group", "order", "having", "union", "join", "on", "and", "or",
        "when",   "then", "else",  "end",   "as",    "in",     "using", "with", "is", "not", "by"};
    for (const std::string_view reserved : kNoNames) {
      if (word == reserved) {
        cursor_.unexpected("<expression>");
        return {};
      }
    }
    return column_reference();
  }
  if (word == "cast") return cast_expression(false);
  if (word == "try_cast") return cast_expression(true);
  if (word == "row") return row_constructor();
  if (word == "extract") return extract_expression();
  if (word == "trim") return trim_expression();
  if (word == "substring") return substring_expression();
  if (word == "position") return position_expression();
  if (word == "normalize") return normalize_expression();
  if (word == "json_exists") return json_exists();
  if (word == "json_value") return json_value();
  if (word == "json_query") return json_query();
  if (word == "json_object") return json_object();
  if (word == "json_array") return json_array();
  return call();
}

Expr Translator::parameter() {
  const size_t token = cursor_.position();
  cursor_.expect_symbol("?");
  ++parameters_;
  if (options_.parameters.empty()) return made("$" + std::to_string(parameters_), {}, 1);
  if (parameters_ > options_.parameters.size()) {
    cursor_.fail("INVALID_PARAMETER_USAGE",
                 "Incorrect number of parameters: expected more than " +
                     std::to_string(options_.parameters.size()),
                 token);
    return {};
  }
  // A value is an expression of its own: it cannot reach into the statement.
  Cursor cursor(options_.parameters[parameters_ - 1]);
  const Options no_parameters;
  Translator translator(cursor, no_parameters);
  Expr expr = translator.expression();
  cursor.expect_end();
  if (cursor.failed() || translator.parameters() > 0) {
    cursor_.fail("INVALID_PARAMETER_USAGE",
                 "execution parameter " + std::to_string(parameters_) +
                     " is no literal: " + options_.parameters[parameters_ - 1].substr(0, 60),
                 token);
  }
  return expr;
}

Expr Translator::parenthesized() {
  if (starts_query(1)) {
    cursor_.expect_symbol("(");
    const std::string subquery = query();
    cursor_.expect_symbol(")");
    // As with aggregates, its type is known behind a lambda only.
    return made("(" + subquery + ")", {}, kExpansionMax + 1);
  }
  cursor_.expect_symbol("(");
  Expr first = expression();
  if (!cursor_.is_symbol(",")) {
    cursor_.expect_symbol(")");
    return first;
  }
  std::string sql = "row(" + first.sql;
  size_t cost = first.cost;
  while (cursor_.accept_symbol(",")) {
    const Expr next = expression();
    sql += ", " + next.sql;
    cost += next.cost;
  }
  cursor_.expect_symbol(")");
  return made(sql + ")", {TypeKind::kRow}, cost);
}

Expr Translator::row_constructor() {
  cursor_.expect_word("row");
  cursor_.expect_symbol("(");
  std::string sql = "row(";
  size_t cost = 0;
  bool first = true;
  do {
    const Expr next = expression();
    sql += (first ? "" : ", ") + next.sql;
    cost += next.cost;
    first = false;
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return made(sql + ")", {TypeKind::kRow}, cost);
}

Expr Translator::array_constructor() {
  cursor_.expect_word("array");
  cursor_.expect_symbol("[");
  std::string sql = "[";
  Type type{TypeKind::kArray};
  size_t cost = 0;
  if (!cursor_.accept_symbol("]")) {
    bool first = true;
    do {
      const Expr next = expression();
      if (type.element == TypeKind::kUnknown) type.element = next.type.kind;
      if (type.element == TypeKind::kNull) type.element = TypeKind::kUnknown;
      sql += (first ? "" : ", ") + next.sql;
      cost += next.cost;
      first = false;
    } while (cursor_.accept_symbol(","));
    cursor_.expect_symbol("]");
  }
  return made(sql + "]", type, cost + 1);
}

Expr Translator::case_expression() {
  cursor_.expect_word("case");
  std::string sql = "(CASE";
  size_t cost = 0;
  Type type;
  const auto part = [&](std::string_view word) {
    const Expr expr = expression();
    sql += " " + std::string(word) + (word.empty() ? "" : " ") + expr.sql;
    cost += expr.cost;
    return expr.type;
  };
  if (!cursor_.is_word("when")) part("");
  if (!cursor_.is_word("when")) cursor_.unexpected("'WHEN'");
  bool first = true;
  while (cursor_.accept_word("when")) {
    part("WHEN");
    cursor_.expect_word("then");
    const Type branch = part("THEN");
    if (first) type = branch;
    if (!first && branch.kind != type.kind) type = {};
    if (type.is_decimal()) type = {};
    first = false;
  }
  if (cursor_.accept_word("else") && part("ELSE").kind != type.kind) type = {};
  cursor_.expect_word("end");
  return made(sql + " END)", type, cost);
}

Expr Translator::cast_expression(bool safely) {
  const size_t token = cursor_.position();
  cursor_.advance();
  cursor_.expect_symbol("(");
  Expr value = expression();
  cursor_.expect_word("as");
  const NamedType target = type();
  cursor_.expect_symbol(")");
  return cast(std::move(value), target, safely, token);
}

Expr Translator::extract_expression() {
  cursor_.expect_word("extract");
  cursor_.expect_symbol("(");
  const size_t token = cursor_.position();
  const std::string field = cursor_.expect_name("<field>");
  cursor_.expect_word("from");
  Expr value = expression();
  cursor_.expect_symbol(")");
  if (field == "timezone_hour" || field == "timezone_minute") {
    Call call;
    call.name = field;
    call.token = token;
    call.arguments.push_back({std::move(value), false, {}, 0, 0});
    return call_timezone_part(call);
  }
  static constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"year", "year"},
      {"quarter", "quarter"},
      {"month", "month"},
      {"week", "week"},
      {"day", "day"},
      {"day_of_month", "day"},
      {"day_of_week", "isodow"},
      {"dow", "isodow"},
      {"day_of_year", "dayofyear"},
      {"doy", "dayofyear"},
      {"year_of_week", "isoyear"},
      {"yow", "isoyear"},
      {"hour", "hour"},
      {"minute", "minute"},
      {"second", "second"},
      {"millisecond", ""}};
  for (const auto& [name, function] : kFields) {
    if (name != field) continue;
    if (function.empty()) return macro("millisecond", {std::move(value)}, {TypeKind::kBigint});
    return made(std::string(function) + "(" + value.sql + ")", {TypeKind::kBigint}, value.cost);
  }
  cursor_.fail("SYNTAX_ERROR", "Invalid EXTRACT field: " + field, token);
  return {};
}

/// trim([LEADING|TRAILING|BOTH] [characters] FROM text), trim(text), trim(text, characters).
Expr Translator::trim_expression() {
  cursor_.expect_word("trim");
  cursor_.expect_symbol("(");
  std::string function = "trim";
  bool specified = true;
  if (cursor_.accept_word("leading")) {
    function = "ltrim";
  } else if (cursor_.accept_word("trailing")) {
    function = "rtrim";
  } else {
    specified = cursor_.accept_word("both");
  }
  Expr first;
  if (!(specified && cursor_.is_word("from"))) first = expression();
  Expr text;
  std::string characters;
  if (cursor_.accept_word("from")) {
    text = expression();
    characters = first.sql;
  } else if (cursor_.accept_symbol(",")) {
    text = std::move(first);
    characters = expression().sql;
  } else {
    text = std::move(first);
  }
  cursor_.expect_symbol(")");
  return made(function + "(" + text.sql + (characters.empty() ? "" : ", " + characters) + ")",
              {TypeKind::kVarchar}, text.cost + 1);
}

Expr Translator::substring_expression() {
  const size_t token = cursor_.position();
  cursor_.expect_word("substring");
  cursor_.expect_symbol("(");
  std::vector<Expr> arguments;
  arguments.push_back(expression());
  if (cursor_.accept_word("from")) {
    arguments.push_back(expression());
    if (cursor_.accept_word("for")) arguments.push_back(expression());
  } else {
    while (cursor_.accept_symbol(","))
      arguments.push_back(expression());
  }
  cursor_.expect_symbol(")");
  if (arguments.size() < 2 || arguments.size() > 3) {
    cursor_.fail("FUNCTION_NOT_FOUND", "Unexpected parameters for function substring", token);
    return {};
  }
  return macro("substr", std::move(arguments), {TypeKind::kVarchar});
}

Expr Translator::position_expression() {
  cursor_.expect_word("position");
  cursor_.expect_symbol("(");
  const Expr part = value();
  cursor_.expect_word("in");
  const Expr text = value();
  cursor_.expect_symbol(")");
  return made("strpos(" + text.sql + ", " + part.sql + ")", {TypeKind::kBigint},
              part.cost + text.cost);
}

Expr Translator::normalize_expression() {
  const size_t token = cursor_.position();
  cursor_.expect_word("normalize");
  cursor_.expect_symbol("(");
  const Expr text = expression();
  if (cursor_.accept_symbol(",")) {
    const std::string form = cursor_.expect_name("'NFD', 'NFC', 'NFKD', 'NFKC'");
    if (form != "nfc") cursor_.not_supported("normalize to other forms than NFC", token);
  }
  cursor_.expect_symbol(")");
  return made("nfc_normalize(" + text.sql + ")", {TypeKind::kVarchar}, text.cost);
}

/// current_date, current_timestamp(6) and their like; an empty expression for any other word.
Expr Translator::current_expression() {
  static constexpr struct {
    std::string_view word;
    std::string_view sql;
    TypeKind kind;
  } kWords[] = {
      {"current_date", "CAST(now() AS DATE)", TypeKind::kDate},
      {"current_timestamp", "date_trunc('millisecond', now())", TypeKind::kTimestampTz},
      {"localtimestamp", "date_trunc('millisecond', CAST(now() AS TIMESTAMP))",
       TypeKind::kTimestamp},
      {"localtime", "CAST(date_trunc('millisecond', CAST(now() AS TIMESTAMP)) AS TIME)",
       TypeKind::kTime},
      {"current_time", "CAST(date_trunc('millisecond', CAST(now() AS TIMESTAMP)) AS TIME)",
       TypeKind::kTime},
      {"current_user", "'ticklake'", TypeKind::kVarchar},
      {"current_catalog", "'awsdatacatalog'", TypeKind::kVarchar},
      {"current_schema", "'default'", TypeKind::kVarchar},
  };
  for (const auto& known : kWords) {
    if (!cursor_.is_word(known.word)) continue;
    cursor_.advance();
    bool micros = false;
    if (known.word.ends_with("time") || known.word.ends_with("timestamp")) {
      if (cursor_.accept_symbol("(")) {
        micros = cursor_.expect_digits() > "3";
        cursor_.expect_symbol(")");
      }
    }
    std::string sql(known.sql);
    if (micros && known.word.ends_with("timestamp")) {
      sql = known.kind == TypeKind::kTimestamp ? "CAST(now() AS TIMESTAMP)" : "now()";
    }
    Expr expr = made(sql, {known.kind}, 1);
    return expr;
  }
  return {};
}

Expr Translator::column_reference() {
  const std::string first = cursor_.expect_name("<identifier>");
  for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding) {
    if (binding->name != first) continue;
    Expr expr = made(binding->sql, binding->type, 1);
    return expr;
  }
  std::vector<std::string> parts{first};
  while (cursor_.is_symbol(".") && cursor_.is_name(1)) {
    cursor_.advance();
    parts.push_back(cursor_.expect_name("<identifier>"));
  }
  if (options_.relations != nullptr) options_.relations->drop_database(parts);
  Expr expr;
  // The parts of a name stay together: whether they are a table or a row, DuckDB finds out.
  for (const std::string& part : parts)
    expr.sql += (expr.sql.empty() ? "" : ".") + quoted_name(part);
  expr.name = parts.back();
  expr.is_column = true;
  return expr;
}

}  // namespace ticklake::query::athena
