// json_exists, json_value, json_query, json_object, json_array, with the clauses of the SQL
// standard between their parentheses.
#include "query/athena/translator.h"

namespace ticklake::query::athena {

/// The JSON value and the path that a function begins with.
struct Translator::JsonInput {
  Expr value;
  JsonPath path;
};

/// What ON EMPTY or ON ERROR says: DuckDB's SQL of the value in its place.
struct Translator::JsonAction {
  std::string sql;
  bool on_empty = false;
};

Translator::JsonInput Translator::json_input() {
  JsonInput out;
  cursor_.advance();
  cursor_.expect_symbol("(");
  out.value = json_element();
  cursor_.expect_symbol(",");
  const size_t token = cursor_.position();
  const std::string path = cursor_.expect_string();
  if (cursor_.failed()) return out;
  const auto known = json_path(path, true);
  if (!known) {
    cursor_.not_supported("the JSON path '" + path.substr(0, 60) + "'", token);
    return out;
  }
  out.path = *known;
  if (cursor_.is_word("passing")) {
    cursor_.not_supported("PASSING in JSON functions", cursor_.position());
  }
  return out;
}

/// A value, maybe with FORMAT JSON behind it.
Expr Translator::json_element() {
  Expr value = expression();
  if (cursor_.accept_word("format")) {
    cursor_.expect_word("json");
    if (cursor_.accept_word("encoding")) {
      if (!cursor_.accept_word("utf8")) {
        cursor_.not_supported("JSON in other encodings than UTF8", cursor_.position());
      }
    }
    if (value.type.is(TypeKind::kVarbinary)) value.sql = "decode(" + value.sql + ")";
    value.is_json_text = true;
  }
  return value;
}

/// {ERROR | NULL | TRUE | FALSE | UNKNOWN | EMPTY ARRAY | EMPTY OBJECT | DEFAULT x} ON
/// {EMPTY|ERROR}
Translator::JsonAction Translator::json_action(bool json_query) {
  JsonAction out;
  if (cursor_.accept_word("null") || cursor_.accept_word("unknown")) {
    out.sql = "NULL";
  } else if (cursor_.accept_word("true")) {
    out.sql = "true";
  } else if (cursor_.accept_word("false")) {
    out.sql = "false";
  } else if (cursor_.accept_word("error")) {
    out.sql = "athena.fail('JSON_VALUE_RESULT_ERROR: Cannot extract value from JSON')";
  } else if (json_query && cursor_.accept_word("empty")) {
    const bool object = cursor_.accept_word("object");
    if (!object) cursor_.accept_word("array");
    out.sql = object ? "'{}'" : "'[]'";
  } else if (cursor_.accept_word("default")) {
    out.sql = expression().sql;
  } else {
    cursor_.unexpected("')'");
    return out;
  }
  cursor_.expect_word("on");
  out.on_empty = cursor_.accept_word("empty");
  if (!out.on_empty) cursor_.expect_word("error");
  return out;
}

Expr Translator::json_exists() {
  const JsonInput input = json_input();
  std::string on_error = "false";
  if (!cursor_.is_symbol(")") && !cursor_.failed()) on_error = json_action(false).sql;
  cursor_.expect_symbol(")");
  return macro("json_exists_in",
               {input.value, made(quoted_string(input.path.duckdb), {}, 1), made(on_error, {}, 1)},
               {TypeKind::kBoolean});
}

Expr Translator::json_value() {
  const size_t token = cursor_.position();
  const JsonInput input = json_input();
  NamedType returned;
  json_returning(&returned);
  std::string on_empty;
  std::string on_error = "NULL";
  while (!cursor_.is_symbol(")") && !cursor_.failed()) {
    const JsonAction action = json_action(false);
    (action.on_empty ? on_empty : on_error) = action.sql;
  }
  cursor_.expect_symbol(")");
  if (input.path.strict) on_empty = on_error;
  if (on_empty.empty()) on_empty = "NULL";
  if (input.path.many) cursor_.not_supported("json_value with a wildcard in its path", token);
  Expr value = macro("json_value_of",
                     {input.value, made(quoted_string(input.path.duckdb), {}, 1),
                      made(on_empty, {}, 1), made(on_error, {}, 1)},
                     {TypeKind::kVarchar});
  if (returned.duckdb.empty()) return value;
  return cast(std::move(value), returned, true, token);
}

Expr Translator::json_query() {
  const JsonInput input = json_input();
  json_returning(nullptr);
  std::string wrapper = "none";
  if (cursor_.accept_word("without")) {
    cursor_.accept_word("array");
    cursor_.expect_word("wrapper");
  } else if (cursor_.accept_word("with")) {
    wrapper = cursor_.accept_word("conditional") ? "conditional" : "always";
    cursor_.accept_word("unconditional");
    cursor_.accept_word("array");
    cursor_.expect_word("wrapper");
  }
  bool omit_quotes = false;
  if (cursor_.accept_word("keep") || (omit_quotes = cursor_.accept_word("omit"))) {
    cursor_.expect_word("quotes");
    if (cursor_.accept_word("on")) {
      cursor_.expect_word("scalar");
      cursor_.expect_word("string");
    }
  }
  std::string on_empty;
  std::string on_error = "NULL";
  while (!cursor_.is_symbol(")") && !cursor_.failed()) {
    const JsonAction action = json_action(true);
    (action.on_empty ? on_empty : on_error) = action.sql;
  }
  cursor_.expect_symbol(")");
  if (on_empty.empty()) on_empty = input.path.strict ? on_error : "NULL";
  Expr items = macro(input.path.many ? "json_items" : "json_item",
                     {input.value, made(quoted_string(input.path.duckdb), {}, 1)});
  Expr text = macro(
      "json_query_of",
      {std::move(items), made("'" + wrapper + "'", {}, 1),
       made(omit_quotes ? "true" : "false", {}, 1), made(on_empty, {}, 1), made(on_error, {}, 1)},
      {TypeKind::kVarchar});
  text.is_json_text = true;
  return text;
}

/// RETURNING type [FORMAT JSON]. Where there is no place for the type, only varchar is taken.
void Translator::json_returning(NamedType* type) {
  if (!cursor_.accept_word("returning")) return;
  const size_t token = cursor_.position();
  NamedType named = this->type();
  if (cursor_.accept_word("format")) cursor_.expect_word("json");
  if (type != nullptr) {
    *type = std::move(named);
  } else if (!named.type.is_text()) {
    cursor_.not_supported("RETURNING another type than varchar", token);
  }
}

/// {NULL | ABSENT} ON NULL; true if NULLs are left out.
bool Translator::json_null_clause(bool absent_by_default) {
  bool absent = absent_by_default;
  if (cursor_.is_word("null") && cursor_.is_word("on", 1)) {
    absent = false;
  } else if (cursor_.is_word("absent") && cursor_.is_word("on", 1)) {
    absent = true;
  } else {
    return absent;
  }
  cursor_.advance();
  cursor_.expect_word("on");
  cursor_.expect_word("null");
  return absent;
}

Expr Translator::json_object() {
  cursor_.advance();
  cursor_.expect_symbol("(");
  std::string members;
  size_t cost = 1;
  const auto ends = [&] {
    return cursor_.is_symbol(")") || cursor_.failed() ||
           (cursor_.is_word("null") && cursor_.is_word("on", 1)) ||
           (cursor_.is_word("absent") && cursor_.is_word("on", 1)) ||
           cursor_.is_word("returning") || cursor_.is_word("with") || cursor_.is_word("without");
  };
  while (!ends()) {
    if (cursor_.is_word("key") && !cursor_.is_symbol(":", 1) && !cursor_.is_word("value", 1)) {
      cursor_.advance();
    }
    const Expr key = expression();
    if (!cursor_.accept_symbol(":")) cursor_.expect_word("value");
    const Expr value = json_element();
    members += (members.empty() ? "" : ", ") + ("{'k': " + key.sql + ", 'v': ") +
               (value.is_json_text ? "json(" : "to_json(") + value.sql + ")}";
    cost += key.cost + value.cost;
    if (!cursor_.accept_symbol(",")) break;
  }
  const bool absent = json_null_clause(false);
  if (cursor_.accept_word("without") || cursor_.is_word("with")) {
    if (cursor_.is_word("with")) cursor_.not_supported("WITH UNIQUE KEYS", cursor_.position());
    cursor_.expect_word("unique");
    cursor_.accept_word("keys");
  }
  json_returning(nullptr);
  cursor_.expect_symbol(")");
  Expr text =
      members.empty()
          ? made("'{}'", {TypeKind::kVarchar}, 1)
          : macro("json_object_of",
                  {made("[" + members + "]", {}, cost), made(absent ? "true" : "false", {}, 1)},
                  {TypeKind::kVarchar});
  text.is_json_text = true;
  return text;
}

Expr Translator::json_array() {
  cursor_.advance();
  cursor_.expect_symbol("(");
  std::string items;
  size_t cost = 1;
  while (!cursor_.failed() && !cursor_.is_symbol(")") && !cursor_.is_word("returning")) {
    const Expr value = json_element();
    items += (items.empty() ? "" : ", ") + std::string(value.is_json_text ? "json(" : "to_json(") +
             value.sql + ")";
    cost += value.cost;
    if (!cursor_.accept_symbol(",")) break;
  }
  const bool absent = json_null_clause(true);
  json_returning(nullptr);
  cursor_.expect_symbol(")");
  Expr text =
      items.empty()
          ? made("'[]'", {TypeKind::kVarchar}, 1)
          : macro("json_array_of",
                  {made("[" + items + "]", {}, cost), made(absent ? "true" : "false", {}, 1)},
                  {TypeKind::kVarchar});
  text.is_json_text = true;
  return text;
}

}  // namespace ticklake::query::athena
