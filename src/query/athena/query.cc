// Queries: WITH, SELECT, set operations, VALUES, ORDER BY, OFFSET, LIMIT and FETCH.
#include <algorithm>

#include "query/athena/relations.h"
#include "query/athena/translator.h"

namespace ticklake::query::athena {
Nesting::Nesting(Translator& translator) : translator_(translator) {
  if (++translator_.depth_ <= kNestingMax) return;
  translator_.cursor_.fail_here(
      "QUERY_TOO_COMPLEX",
      "the statement is nested too deeply; at most " + std::to_string(kNestingMax) + " levels");
}

Nesting::~Nesting() { --translator_.depth_; }

bool Translator::starts_query(size_t ahead, size_t depth) const {
  if (cursor_.is_word("table", ahead)) return cursor_.is_name(ahead + 1);
  if (cursor_.is_word("select", ahead) || cursor_.is_word("values", ahead)) return true;
  if (cursor_.is_word("with", ahead)) return true;
  if (!cursor_.is_symbol("(", ahead) || depth > kNestingMax) return false;
  // (SELECT …) is a query if what follows goes on with one, and not a JOIN or an operator.
  const size_t behind = cursor_.behind_paren(ahead);
  if (!starts_query(ahead + 1, depth + 1)) return false;
  if (cursor_.peek(behind) == nullptr || cursor_.is_symbol(")", behind)) return true;
  for (const std::string_view word :
       {"union", "intersect", "except", "order", "offset", "limit", "fetch"}) {
    if (cursor_.is_word(word, behind)) return true;
  }
  return false;
}

std::string Translator::query(bool outermost) {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  const size_t with_before = with_texts_.size();
  const size_t common_before = common_tables_.size();
  std::string sql;
  if (cursor_.is_word("with")) sql = with_clause();
  sql += query_without_with(outermost);
  with_texts_.resize(with_before);
  common_tables_.resize(common_before);
  check_size(sql);
  return sql;
}

std::string Translator::with_clause() {
  cursor_.expect_word("with");
  const bool recursive = cursor_.accept_word("recursive");
  std::string sql = recursive ? "WITH RECURSIVE " : "WITH ";
  bool first = true;
  do {
    const std::string name = cursor_.expect_name("<identifier>");
    std::string item = quoted_name(name);
    if (recursive) common_tables_.push_back(name);
    if (cursor_.is_symbol("(")) {
      std::string list;
      for (const std::string& column : column_aliases())
        list += (list.empty() ? "" : ", ") + quoted_name(column);
      item += "(" + list + ")";
    }
    cursor_.expect_word("as");
    cursor_.expect_symbol("(");
    item += " AS (" + query() + ")";
    cursor_.expect_symbol(")");
    if (!recursive) common_tables_.push_back(name);
    with_texts_.push_back(item);
    sql += (first ? "" : ", ") + item;
    first = false;
  } while (cursor_.accept_symbol(","));
  return sql + " ";
}

std::string Translator::query_without_with(bool outermost) {
  std::string body = query_term(outermost, 0);
  std::string order;
  if (cursor_.accept_words("order", "by")) order = " ORDER BY " + order_by_items();
  std::string offset;
  if (cursor_.accept_word("offset")) {
    offset = " OFFSET " + (cursor_.is_symbol("?") ? parameter().sql : cursor_.expect_digits());
    if (!cursor_.accept_word("row")) cursor_.accept_word("rows");
  }
  if (cursor_.accept_word("limit")) {
    if (cursor_.accept_word("all")) return body + order + offset;
    const std::string rows = cursor_.is_symbol("?") ? parameter().sql : cursor_.expect_digits();
    return body + order + " LIMIT " + rows + offset;
  }
  if (!cursor_.accept_word("fetch")) return body + order + offset;

  if (!cursor_.accept_word("first")) cursor_.expect_word("next");
  const std::string rows = cursor_.is_symbol("?")                ? parameter().sql
                           : cursor_.is_kind(TokenKind::kNumber) ? cursor_.expect_digits()
                                                                 : "1";
  if (!cursor_.accept_word("row")) cursor_.expect_word("rows");
  if (cursor_.accept_word("only")) return body + order + " LIMIT " + rows + offset;
  const size_t ties = cursor_.position();
  cursor_.expect_word("with");
  cursor_.expect_word("ties");
  if (order.empty()) {
    cursor_.fail("MISSING_ORDER_BY", "FETCH FIRST WITH TIES clause requires ORDER BY", ties);
    return {};
  }
  if (!offset.empty()) cursor_.not_supported("OFFSET together with FETCH FIRST WITH TIES", ties);
  return "SELECT * FROM (" + body + ") QUALIFY rank() OVER (" + order.substr(1) + ") <= " + rows +
         order;
}

/// UNION and EXCEPT bind weaker (level 0) than INTERSECT (level 1); both from the left.
std::string Translator::query_term(bool outermost, int level) {
  const auto operand = [&] {
    return level == 0 ? query_term(outermost, 1) : query_primary(outermost);
  };
  std::string sql = operand();
  while (!cursor_.failed()) {
    std::string op;
    if (level == 1 && cursor_.accept_word("intersect")) op = "INTERSECT";
    if (level == 0 && cursor_.accept_word("union")) op = "UNION";
    if (level == 0 && op.empty() && cursor_.accept_word("except")) op = "EXCEPT";
    if (op.empty()) return sql;
    if (cursor_.accept_word("all")) {
      op += " ALL";
    } else {
      cursor_.accept_word("distinct");
    }
    if (cursor_.is_word("corresponding")) {
      cursor_.not_supported("CORRESPONDING in set operations", cursor_.position());
    }
    sql += " " + op + " " + operand();
  }
  return sql;
}

std::string Translator::query_primary(bool outermost) {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  if (cursor_.accept_symbol("(")) {
    const std::string inner = query(outermost);
    cursor_.expect_symbol(")");
    return "(" + inner + ")";
  }
  if (cursor_.accept_word("table")) {
    std::string sql = "SELECT * FROM " + table_reference();
    implied_alias_.clear();
    return sql;
  }
  if (cursor_.is_word("values")) {
    return values();
  }
  return select(outermost);
}

std::string Translator::values() {
  cursor_.expect_word("values");
  std::string sql = "VALUES ";
  bool first = true;
  size_t columns = 0;
  do {
    // Braces are a row of columns only if nothing is done with them: (1) + 1 is one value.
    bool is_row = false;
    if (cursor_.is_symbol("(") && !starts_query()) {
      const size_t behind = cursor_.behind_paren();
      is_row = cursor_.peek(behind) == nullptr || cursor_.is_symbol(",", behind) ||
               cursor_.is_symbol(")", behind) || cursor_.is_kind(TokenKind::kWord, behind);
    } else if (cursor_.is_word("row") && cursor_.is_symbol("(", 1)) {
      cursor_.advance();
      is_row = true;
    }
    std::string row;
    size_t count = 1;
    if (is_row) {
      cursor_.expect_symbol("(");
      row = expression().sql;
      while (cursor_.accept_symbol(",")) {
        row += ", " + expression().sql;
        ++count;
      }
      cursor_.expect_symbol(")");
    } else {
      row = expression().sql;
    }
    columns = std::max(columns, count);
    sql += (first ? "(" : ", (") + row + ")";
    first = false;
  } while (cursor_.accept_symbol(","));
  std::string names;
  for (size_t i = 0; i < columns; ++i)
    names += (i > 0 ? ", \"_col" : "\"_col") + std::to_string(i) + "\"";
  return "SELECT * FROM (" + sql + ") AS \"_values\"(" + names + ")";
}

std::string Translator::select(bool outermost) {
  cursor_.expect_word("select");
  std::string sql = "SELECT ";
  if (cursor_.accept_word("distinct")) {
    sql += "DISTINCT ";
  } else {
    cursor_.accept_word("all");
  }
  // FROM comes behind the items, but what they are does not depend on it.
  size_t index = 0;
  do {
    sql += (index > 0 ? ", " : "") + select_item(index, outermost);
    ++index;
  } while (cursor_.accept_symbol(","));
  const std::string from_outside = std::move(from_before_);
  from_before_.clear();
  if (cursor_.accept_word("from")) {
    std::string from = relation();
    size_t links = 0;
    while (goes_on(links) && cursor_.accept_symbol(",")) {
      from_before_ = from;
      from += ", " + relation();
    }
    sql += " FROM " + from;
    from_before_ = std::move(from);
  }
  if (cursor_.accept_word("where")) sql += " WHERE " + expression().sql;
  if (cursor_.accept_words("group", "by")) sql += " GROUP BY " + group_by();
  if (cursor_.accept_word("having")) sql += " HAVING " + expression().sql;
  if (cursor_.is_word("window") && cursor_.is_name(1) && cursor_.is_word("as", 2)) {
    sql += window_clause();
  }
  from_before_ = from_outside;
  return sql;
}

std::string Translator::select_item(size_t index, bool outermost) {
  if (cursor_.accept_symbol("*")) return "*";
  // t.* and s.t.* are the columns of a relation.
  size_t ahead = 0;
  std::vector<std::string> parts;
  while (cursor_.is_name(ahead) && cursor_.is_symbol(".", ahead + 1)) {
    parts.push_back(name_of(cursor_.sql(), *cursor_.peek(ahead)));
    ahead += 2;
  }
  if (!parts.empty() && cursor_.is_symbol("*", ahead)) {
    cursor_.move_to(cursor_.position() + ahead + 1);
    parts.emplace_back("*");
    if (options_.relations != nullptr) options_.relations->drop_database(parts);
    parts.pop_back();
    std::string prefix;
    for (const std::string& part : parts)
      prefix += quoted_name(part) + ".";
    return prefix + "*";
  }
  Expr expr = expression();
  if (cursor_.is_symbol(".") && cursor_.is_symbol("*", 1)) {
    cursor_.move_to(cursor_.position() + 2);
    return "unnest(" + expr.sql + ")";
  }
  std::string name = expr.name;
  if (cursor_.accept_word("as")) {
    name = cursor_.expect_name("<identifier>");
  } else if (is_alias_here()) {
    name = cursor_.expect_name("<identifier>");
  }
  if (name.empty()) name = "_col" + std::to_string(index);
  if (outermost && !expr.zone.empty()) {
    overrides_.push_back({index, "timestamp with time zone"});
    return "strftime(" + expr.sql + ", '%Y-%m-%d %H:%M:%S.%g') || ' ' || " + expr.zone + " AS " +
           quoted_name(name);
  }
  return expr.sql + " AS " + quoted_name(name);
}

std::string Translator::group_by() {
  if (cursor_.is_word("distinct")) {
    cursor_.not_supported("GROUP BY DISTINCT", cursor_.position());
  }
  cursor_.accept_word("all");
  std::string sql = grouping_element();
  while (cursor_.accept_symbol(","))
    sql += ", " + grouping_element();
  return sql;
}

std::string Translator::grouping_element() {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  for (const std::string_view kind : {"rollup", "cube"}) {
    if (!cursor_.is_word(kind) || !cursor_.is_symbol("(", 1)) continue;
    cursor_.advance();
    return (kind == "cube" ? "CUBE" : "ROLLUP") + expression_list();
  }
  if (cursor_.is_word("grouping") && cursor_.is_word("sets", 1)) {
    cursor_.move_to(cursor_.position() + 2);
    cursor_.expect_symbol("(");
    std::string sql = "GROUPING SETS (" + grouping_element();
    while (cursor_.accept_symbol(","))
      sql += ", " + grouping_element();
    cursor_.expect_symbol(")");
    return sql + ")";
  }
  if (cursor_.is_symbol("(")) {
    const size_t behind = cursor_.behind_paren();
    if (cursor_.peek(behind) == nullptr || cursor_.is_symbol(",", behind) ||
        cursor_.is_symbol(")", behind) || cursor_.is_kind(TokenKind::kWord, behind)) {
      return expression_list();
    }
  }
  return expression().sql;
}

/// "(a, b)", also "()".
std::string Translator::expression_list() {
  cursor_.expect_symbol("(");
  std::string sql = "(";
  if (cursor_.accept_symbol(")")) return "()";
  bool first = true;
  do {
    sql += (first ? "" : ", ") + (cursor_.is_symbol("(") ? grouping_element() : expression().sql);
    first = false;
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return sql + ")";
}

std::string Translator::window_clause() {
  cursor_.expect_word("window");
  std::string sql = " WINDOW ";
  bool first = true;
  do {
    const std::string name = cursor_.expect_name("<identifier>");
    cursor_.expect_word("as");
    cursor_.expect_symbol("(");
    sql += (first ? "" : ", ") + quoted_name(name) + " AS (" + window_specification() + ")";
    cursor_.expect_symbol(")");
    first = false;
  } while (cursor_.accept_symbol(","));
  return sql;
}

std::string Translator::order_by_items() {
  std::string sql;
  do {
    const Expr expr = expression();
    sql += (sql.empty() ? "" : ", ") + (expr.instant.empty() ? expr.sql : expr.instant);
    if (cursor_.accept_word("asc")) sql += " ASC";
    if (cursor_.accept_word("desc")) sql += " DESC";
    if (cursor_.accept_words("nulls", "first")) {
      sql += " NULLS FIRST";
    } else {
      cursor_.accept_words("nulls", "last");
      sql += " NULLS LAST";
    }
  } while (cursor_.accept_symbol(","));
  return sql;
}

}  // namespace ticklake::query::athena
