// Operators, from the weakest to the strongest: OR, AND, NOT, predicates, ||, + -, * / %, signs,
// AT TIME ZONE. What is made of an operator is put in parentheses.
#include <array>

#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

constexpr Type kBoolean{TypeKind::kBoolean};

/// The instant where a value has one of its own, as comparisons need it.
const std::string& compared(const Expr& expr) {
  return expr.instant.empty() ? expr.sql : expr.instant;
}

}  // namespace

Expr Translator::made(std::string sql, Type type, size_t cost) {
  check_size(sql);
  Expr expr;
  expr.sql = std::move(sql);
  expr.type = type;
  expr.cost = cost;
  return expr;
}

void Translator::check_size(const std::string& sql) {
  if (sql.size() > kGrowthMax * cursor_.sql().size() + kOutputBytesFree) {
    cursor_.fail_here("QUERY_TOO_COMPLEX", "the statement is too complex to be translated");
  }
}

bool Translator::goes_on(size_t& links) {
  if (++links > kChainMax) {
    cursor_.fail_here("QUERY_TOO_COMPLEX", "more than " + std::to_string(kChainMax) +
                                               " operators or relations in a row");
  }
  return !cursor_.failed();
}

Expr Translator::expression() {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  Expr left = conjunction();
  if (!cursor_.is_word("or")) return left;
  std::string sql = "(" + left.sql;
  size_t cost = left.cost;
  while (cursor_.accept_word("or")) {
    const Expr right = conjunction();
    sql += " OR " + right.sql;
    cost += right.cost;
  }
  return made(sql + ")", kBoolean, cost);
}

Expr Translator::conjunction() {
  Expr left = negation();
  if (!cursor_.is_word("and")) return left;
  std::string sql = "(" + left.sql;
  size_t cost = left.cost;
  while (cursor_.accept_word("and")) {
    const Expr right = negation();
    sql += " AND " + right.sql;
    cost += right.cost;
  }
  return made(sql + ")", kBoolean, cost);
}

Expr Translator::negation() {
  bool inverted = false;
  bool any = false;
  while (cursor_.accept_word("not")) {
    inverted = !inverted;
    any = true;
  }
  Expr expr = predicate();
  if (!any) return expr;
  return made((inverted ? "(NOT " : "(") + expr.sql + ")", kBoolean, expr.cost);
}

Expr Translator::predicate() {
  Expr left = value();
  size_t links = 0;
  while (goes_on(links)) {
    bool compared_one = false;
    for (const std::string_view op : {"<>", "!=", "<=", ">=", "=", "<", ">"}) {
      if (!cursor_.accept_symbol(op)) continue;
      left = comparison(std::move(left), op);
      compared_one = true;
      break;
    }
    if (compared_one) continue;
    const bool inverted =
        cursor_.is_word("not") &&
        (cursor_.is_word("between", 1) || cursor_.is_word("in", 1) || cursor_.is_word("like", 1));
    if (inverted) cursor_.advance();
    if (cursor_.accept_word("between")) {
      left = between(std::move(left), inverted);
    } else if (cursor_.accept_word("in")) {
      left = in_list(std::move(left), inverted);
    } else if (cursor_.accept_word("like")) {
      left = like(std::move(left), inverted);
    } else if (cursor_.accept_word("is")) {
      left = is_test(std::move(left));
    } else {
      return left;
    }
  }
  return left;
}

Expr Translator::comparison(Expr left, std::string_view op) {
  const size_t token = cursor_.position() - op.size();
  const std::string sql_op = op == "!=" ? "<>" : std::string(op);
  for (const std::string_view quantifier : {"all", "some", "any"}) {
    if (!cursor_.is_word(quantifier) || !cursor_.is_symbol("(", 1)) continue;
    cursor_.move_to(cursor_.position() + 2);
    const std::string subquery = query();
    cursor_.expect_symbol(")");
    return made("(" + compared(left) + " " + sql_op + (quantifier == "all" ? " ALL (" : " ANY (") +
                    subquery + "))",
                kBoolean, left.cost);
  }
  const Expr right = value();
  const bool mismatch = (left.type.is_number() && right.type.is_text()) ||
                        (left.type.is_text() && right.type.is_number());
  if (mismatch) {
    const std::string types =
        left.type.is_text() ? "varchar " + sql_op + " number" : "number " + sql_op + " varchar";
    cursor_.fail("TYPE_MISMATCH", "Cannot apply operator: " + types, token);
  }
  return made("(" + compared(left) + " " + sql_op + " " + compared(right) + ")", kBoolean,
              left.cost + right.cost);
}

Expr Translator::between(Expr left, bool inverted) {
  const Expr low = value();
  cursor_.expect_word("and");
  const Expr high = value();
  return made("(" + compared(left) + (inverted ? " NOT BETWEEN " : " BETWEEN ") + compared(low) +
                  " AND " + compared(high) + ")",
              kBoolean, left.cost + low.cost + high.cost);
}

Expr Translator::in_list(Expr left, bool inverted) {
  std::string sql = "(" + compared(left) + (inverted ? " NOT IN (" : " IN (");
  size_t cost = left.cost;
  cursor_.expect_symbol("(");
  if (starts_query()) {
    sql += query();
  } else {
    bool first = true;
    do {
      const Expr item = expression();
      sql += (first ? "" : ", ") + compared(item);
      cost += item.cost;
      first = false;
    } while (cursor_.accept_symbol(","));
  }
  cursor_.expect_symbol(")");
  return made(sql + "))", kBoolean, cost);
}

Expr Translator::like(Expr left, bool inverted) {
  const Expr pattern = value();
  std::string sql = "(" + left.sql + (inverted ? " NOT LIKE " : " LIKE ") + pattern.sql;
  size_t cost = left.cost + pattern.cost;
  if (cursor_.accept_word("escape")) {
    const Expr escape = value();
    sql += " ESCAPE " + escape.sql;
    cost += escape.cost;
  }
  return made(sql + ")", kBoolean, cost);
}

Expr Translator::is_test(Expr left) {
  const bool inverted = cursor_.accept_word("not");
  const std::string is = inverted ? " IS NOT " : " IS ";
  if (cursor_.accept_words("distinct", "from")) {
    const Expr right = value();
    return made("(" + compared(left) + is + "DISTINCT FROM " + compared(right) + ")", kBoolean,
                left.cost + right.cost);
  }
  if (cursor_.is_word("json")) cursor_.not_supported("IS JSON", cursor_.position());
  cursor_.expect_word("null");
  return made("(" + left.sql + is + "NULL)", kBoolean, left.cost);
}

Expr Translator::value() {
  Expr left = additive();
  size_t links = 0;
  while (goes_on(links) && cursor_.accept_symbol("||"))
    left = concat(std::move(left), additive());
  return left;
}

Expr Translator::additive() {
  Expr left = multiplicative();
  size_t links = 0;
  while (goes_on(links)) {
    if (cursor_.is_symbol("->")) return left;
    if (cursor_.accept_symbol("+")) {
      left = plus(std::move(left), multiplicative());
    } else if (cursor_.accept_symbol("-")) {
      left = minus(std::move(left), multiplicative());
    } else {
      return left;
    }
  }
  return left;
}

Expr Translator::multiplicative() {
  Expr left = unary();
  size_t links = 0;
  while (goes_on(links)) {
    if (cursor_.accept_symbol("*")) {
      left = times(std::move(left), unary());
    } else if (cursor_.accept_symbol("/")) {
      left = divide(std::move(left), unary());
    } else if (cursor_.accept_symbol("%")) {
      left = modulo(std::move(left), unary());
    } else {
      return left;
    }
  }
  return left;
}

Expr Translator::unary() {
  bool negative = false;
  bool any = false;
  while (!cursor_.failed()) {
    if (cursor_.accept_symbol("-")) {
      negative = !negative;
    } else if (!cursor_.accept_symbol("+")) {
      break;
    }
    any = true;
  }
  Expr expr = at_time_zone();
  if (!any) return expr;
  Expr out = made("(" + std::string(negative ? "-" : "") + expr.sql + ")", expr.type, expr.cost);
  out.is_literal = expr.is_literal;
  return out;
}

Expr Translator::at_time_zone() {
  Expr expr = postfix();
  size_t links = 0;
  while (goes_on(links) && cursor_.is_word("at") && cursor_.is_word("time", 1) &&
         cursor_.is_word("zone", 2)) {
    cursor_.move_to(cursor_.position() + 3);
    expr = in_zone(std::move(expr), postfix());
  }
  return expr;
}

/// The wall clock of a zone, and beside it the instant. A timestamp without a zone is one in UTC,
/// the zone of each session.
Expr Translator::in_zone(Expr instant, const Expr& zone) {
  const std::string moment = "CAST(" + (instant.instant.empty() ? instant.sql : instant.instant) +
                             " AS TIMESTAMP WITH TIME ZONE)";
  std::string wall = "timezone(" + zone.sql + ", " + moment + ")";
  if (const auto constant = constant_string(zone)) {
    if (const auto minutes = zone_offset_minutes(*constant)) {
      wall = "(CAST(" + moment + " AS TIMESTAMP) + INTERVAL (" + std::to_string(*minutes) +
             ") MINUTE)";
    }
  }
  Expr expr = made(std::move(wall), {TypeKind::kTimestamp}, instant.cost + zone.cost);
  expr.instant = moment;
  expr.zone = zone.sql;
  return expr;
}

}  // namespace ticklake::query::athena
