// Calls: arguments, lambdas, and what stands behind the parentheses (FILTER, OVER, nulls).
#include <algorithm>

#include "query/athena/macros.h"
#include "query/athena/translator.h"

namespace ticklake::query::athena {
std::string Translator::new_variable() { return quoted_name("#" + std::to_string(++variables_)); }

/// A call of one of our macros. Its body may name a parameter several times, so nested calls would
/// grow without bound: from some size on the arguments become the fields of a lambda's parameter.
Expr Translator::macro(std::string_view name, std::vector<Expr> arguments, Type type) {
  size_t total = 1;
  for (const Expr& argument : arguments)
    total += argument.cost;
  const std::vector<size_t> typed = macro_type_arguments(name);
  const size_t uses = macro_uses(name).value_or(1) + typed.size();
  const auto call = [&](const std::vector<std::string>& values) {
    std::string list;
    for (const size_t argument : typed) {
      if (argument <= values.size()) list += (list.empty() ? "" : ", ") + values[argument - 1];
    }
    for (const std::string& value : values)
      list += (list.empty() ? "" : ", ") + value;
    return "athena." + std::string(name) + "(" + list + ")";
  };
  std::vector<std::string> values;
  if (total * uses <= kExpansionMax || arguments.empty()) {
    for (const Expr& argument : arguments)
      values.push_back(argument.sql);
    return made(call(values), type, total * uses + 1);
  }
  const std::string variable = new_variable();
  std::string fields;
  for (size_t i = 0; i < arguments.size(); ++i) {
    // Some of DuckDB's functions want constants.
    if (arguments[i].is_literal) {
      values.push_back(arguments[i].sql);
      continue;
    }
    const std::string field = "a" + std::to_string(i);
    fields += (fields.empty() ? "" : ", ") + field + " := " + arguments[i].sql;
    values.push_back(variable + "." + field);
  }
  return made("list_transform([struct_pack(" + fields + ")], lambda " + variable + ": " +
                  call(values) + ")[1]",
              type, total + 1);
}

Argument Translator::argument() {
  Argument out;
  // x -> …, (x, y) -> …, () -> …
  size_t ahead = 0;
  if (cursor_.is_name() && cursor_.is_symbol("->", 1)) {
    out.parameters.push_back(cursor_.expect_name("<identifier>"));
  } else if (cursor_.is_symbol("(")) {
    ahead = cursor_.behind_paren();
    if (!cursor_.is_symbol("->", ahead)) {
      out.value = expression();
      return out;
    }
    cursor_.expect_symbol("(");
    if (!cursor_.accept_symbol(")")) {
      do {
        out.parameters.push_back(cursor_.expect_name("<identifier>"));
      } while (cursor_.accept_symbol(","));
      cursor_.expect_symbol(")");
    }
  } else {
    out.value = expression();
    return out;
  }
  cursor_.expect_symbol("->");
  out.is_lambda = true;
  out.body_begin = cursor_.position();
  // The body ends where the argument does; the function says what its names stand for.
  size_t brackets = 0;
  while (!cursor_.at_end() && !cursor_.failed()) {
    if (cursor_.is_symbol("(")) {
      cursor_.move_to(cursor_.position() + cursor_.behind_paren());
      continue;
    }
    if (cursor_.is_symbol("[")) ++brackets;
    if (cursor_.is_symbol("]") && brackets > 0) --brackets;
    if (cursor_.is_symbol(")") || (cursor_.is_symbol(",") && brackets == 0)) break;
    cursor_.advance();
  }
  out.body_end = cursor_.position();
  return out;
}

Expr Translator::lambda_body(const Argument& argument, std::vector<Binding> bindings) {
  const size_t after = cursor_.position();
  const size_t before = bindings_.size();
  cursor_.move_to(argument.body_begin);
  for (Binding& binding : bindings)
    bindings_.push_back(std::move(binding));
  Expr body = expression();
  bindings_.resize(before);
  if (cursor_.position() != argument.body_end) cursor_.unexpected("')'");
  cursor_.move_to(after);
  return body;
}

bool Translator::require_lambda(Call& call, size_t index, size_t parameters) {
  if (cursor_.failed()) return false;
  if (index < call.size() && call.arguments[index].is_lambda &&
      call.arguments[index].parameters.size() == parameters) {
    return true;
  }
  cursor_.fail("FUNCTION_NOT_FOUND",
               "Unexpected parameters for function " + call.name + ": argument " +
                   std::to_string(index + 1) + " is a lambda of " + std::to_string(parameters) +
                   " parameters",
               call.token);
  return false;
}

void Translator::arguments(Call& call) {
  cursor_.expect_symbol("(");
  if (cursor_.accept_symbol("*")) {
    call.star = true;
    cursor_.expect_symbol(")");
    return;
  }
  if (cursor_.accept_symbol(")")) return;
  if (cursor_.accept_word("distinct")) {
    call.distinct = true;
  } else if (cursor_.is_word("all") && !cursor_.is_symbol(",", 1) && !cursor_.is_symbol(")", 1)) {
    cursor_.advance();
  }
  do {
    call.arguments.push_back(argument());
  } while (cursor_.accept_symbol(","));
  if (cursor_.accept_words("on", "overflow")) {
    if (!cursor_.accept_word("error")) {
      cursor_.not_supported("listagg with ON OVERFLOW TRUNCATE", cursor_.position());
    }
  }
  if (cursor_.accept_words("order", "by")) call.order_by = " ORDER BY " + order_by_items();
  cursor_.expect_symbol(")");
}

void Translator::behind_arguments(Call& call) {
  if (cursor_.accept_words("within", "group")) {
    cursor_.expect_symbol("(");
    cursor_.expect_word("order");
    cursor_.expect_word("by");
    call.order_by = " ORDER BY " + order_by_items();
    cursor_.expect_symbol(")");
  }
  if (cursor_.is_word("filter") && cursor_.is_symbol("(", 1)) {
    cursor_.move_to(cursor_.position() + 2);
    cursor_.expect_word("where");
    const Expr condition = expression();
    call.filter = " FILTER (WHERE " + condition.sql + ")";
    call.cost += condition.cost;
    cursor_.expect_symbol(")");
  }
  if (cursor_.accept_words("ignore", "nulls")) call.nulls = " IGNORE NULLS";
  cursor_.accept_words("respect", "nulls");
  if (cursor_.is_word("over") && (cursor_.is_symbol("(", 1) || cursor_.is_name(1))) {
    cursor_.advance();
    call.over = over_clause();
  }
}

std::string Translator::over_clause() {
  if (!cursor_.is_symbol("(")) return " OVER " + quoted_name(cursor_.expect_name("<identifier>"));
  cursor_.expect_symbol("(");
  const std::string window = window_specification();
  cursor_.expect_symbol(")");
  return " OVER (" + window + ")";
}

std::string Translator::window_specification() {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  std::string sql;
  const bool is_clause = cursor_.is_word("partition") || cursor_.is_word("order") ||
                         cursor_.is_word("rows") || cursor_.is_word("range") ||
                         cursor_.is_word("groups");
  if (cursor_.is_name() && !is_clause) sql = quoted_name(cursor_.expect_name("<identifier>"));
  if (cursor_.accept_words("partition", "by")) {
    sql += sql.empty() ? "PARTITION BY " : " PARTITION BY ";
    bool first = true;
    do {
      sql += (first ? "" : ", ") + expression().sql;
      first = false;
    } while (cursor_.accept_symbol(","));
  }
  if (cursor_.accept_words("order", "by")) sql += " ORDER BY " + order_by_items();
  for (const std::string_view unit : {"rows", "range", "groups"}) {
    if (!cursor_.accept_word(unit)) continue;
    sql += " " + std::string(unit);
    if (cursor_.accept_word("between")) {
      sql += " BETWEEN " + frame_bound();
      cursor_.expect_word("and");
      sql += " AND " + frame_bound();
    } else {
      sql += " " + frame_bound();
    }
    break;
  }
  if (!cursor_.is_symbol(")")) {
    cursor_.not_supported("this window (only PARTITION BY, ORDER BY and a frame)",
                          cursor_.position());
  }
  return sql;
}

std::string Translator::frame_bound() {
  if (cursor_.accept_words("unbounded", "preceding")) return "UNBOUNDED PRECEDING";
  if (cursor_.accept_words("unbounded", "following")) return "UNBOUNDED FOLLOWING";
  if (cursor_.accept_words("current", "row")) return "CURRENT ROW";
  std::string sql = expression().sql;
  if (cursor_.accept_word("preceding")) return sql + " PRECEDING";
  cursor_.expect_word("following");
  return sql + " FOLLOWING";
}

/// The text of an aggregate or window call, with all that stands around its arguments.
std::string Translator::aggregate_text(const Call& call, std::string_view target) {
  std::string sql = std::string(target) + "(" + (call.distinct ? "DISTINCT " : "");
  if (call.star) sql += "*";
  for (size_t i = 0; i < call.size(); ++i)
    sql += (i > 0 ? ", " : "") + call[i].sql;
  return sql + call.nulls + call.order_by + ")" + call.filter + call.over;
}

/// DuckDB knows the type of an aggregate, and so the overload of a macro over it, only behind a
/// lambda: its cost makes macro() take that way.
Expr Translator::aggregate(Call& call, std::string_view target) {
  size_t cost = kExpansionMax + 1 + call.cost;
  for (const Argument& argument : call.arguments)
    cost += argument.value.cost;
  return made(aggregate_text(call, target), {}, cost);
}

std::string Translator::constant_text(const Expr& expr, std::string_view what, size_t token) {
  const auto text = constant_string(expr);
  if (!text) cursor_.not_supported(std::string(what) + " that is no constant", token);
  return text.value_or("");
}

}  // namespace ticklake::query::athena
