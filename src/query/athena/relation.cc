// What stands in FROM: tables, joins, subqueries, UNNEST, samples.
#include <algorithm>
#include <array>
#include <utility>

#include "query/athena/relations.h"
#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

/// Trino's reserved words, which name nothing unless they are quoted.
constexpr std::array<std::string_view, 72> kReserved{"alter",
                                                     "and",
                                                     "as",
                                                     "between",
                                                     "by",
                                                     "case",
                                                     "cast",
                                                     "constraint",
                                                     "create",
                                                     "cross",
                                                     "cube",
                                                     "current_catalog",
                                                     "current_date",
                                                     "current_path",
                                                     "current_role",
                                                     "current_schema",
                                                     "current_time",
                                                     "current_timestamp",
                                                     "current_user",
                                                     "deallocate",
                                                     "delete",
                                                     "describe",
                                                     "distinct",
                                                     "drop",
                                                     "else",
                                                     "end",
                                                     "escape",
                                                     "except",
                                                     "execute",
                                                     "exists",
                                                     "extract",
                                                     "false",
                                                     "for",
                                                     "from",
                                                     "full",
                                                     "group",
                                                     "grouping",
                                                     "having",
                                                     "in",
                                                     "inner",
                                                     "insert",
                                                     "intersect",
                                                     "into",
                                                     "is",
                                                     "join",
                                                     "left",
                                                     "like",
                                                     "localtime",
                                                     "localtimestamp",
                                                     "natural",
                                                     "normalize",
                                                     "not",
                                                     "null",
                                                     "on",
                                                     "or",
                                                     "order",
                                                     "outer",
                                                     "prepare",
                                                     "recursive",
                                                     "right",
                                                     "rollup",
                                                     "select",
                                                     "skip",
                                                     "table",
                                                     "then",
                                                     "true",
                                                     "uescape",
                                                     "union",
                                                     "unnest",
                                                     "using",
                                                     "values",
                                                     "when"};
constexpr std::array<std::string_view, 2> kReservedToo{"where", "with"};

bool is_reserved(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end() ||
         std::find(kReservedToo.begin(), kReservedToo.end(), word) != kReservedToo.end();
}

enum class Unnested : uint8_t { kUnknown, kValues, kRows, kEntries };

Unnested unnested_by_type(const Type& type) {
  if (type.is(TypeKind::kMap)) return Unnested::kEntries;
  if (!type.is(TypeKind::kArray) || type.element == TypeKind::kUnknown) return Unnested::kUnknown;
  return type.element == TypeKind::kRow ? Unnested::kRows : Unnested::kValues;
}

Unnested unnested_by_name(std::string_view duckdb_type) {
  if (duckdb_type.starts_with("MAP(") && !duckdb_type.ends_with("]")) return Unnested::kEntries;
  const bool is_list_of_lists = duckdb_type.ends_with("[][]");
  if (duckdb_type.starts_with("STRUCT(") && !is_list_of_lists) return Unnested::kRows;
  return Unnested::kValues;
}

}  // namespace

bool Translator::is_alias_here() const {
  if (cursor_.is_kind(TokenKind::kQuotedName)) return true;
  if (!cursor_.is_kind(TokenKind::kWord)) return false;
  const std::string word = to_lower(cursor_.text());
  if (is_reserved(word)) return false;
  if (word == "limit" || word == "offset" || word == "fetch") {
    return !cursor_.is_kind(TokenKind::kNumber, 1) && !cursor_.is_kind(TokenKind::kWord, 1) &&
           !cursor_.is_symbol("?", 1);
  }
  if (word == "window") return !(cursor_.is_name(1) && cursor_.is_word("as", 2));
  return word != "tablesample" && word != "match_recognize";
}

std::string Translator::relation() { return joined(sampled_relation()); }

std::string Translator::joined(std::string left) {
  size_t links = 0;
  while (goes_on(links)) {
    std::string join;
    if (cursor_.accept_words("cross", "join")) {
      from_before_ = left;
      left += " CROSS JOIN " + sampled_relation();
      continue;
    }
    const bool natural = cursor_.accept_word("natural");
    for (const auto& [word, sql] : {std::pair{"left", "LEFT "},
                                    {"right", "RIGHT "},
                                    {"full", "FULL "},
                                    {"inner", "INNER "}}) {
      if (!join.empty() || !cursor_.accept_word(word)) continue;
      join = sql;
      cursor_.accept_word("outer");
    }
    if (join.empty() && !natural && !cursor_.is_word("join")) return left;
    cursor_.expect_word("join");
    from_before_ = left;
    const std::string before = left;
    // A JOIN b JOIN c ON … ON … nests to the right; what follows ON tells.
    std::string right = sampled_relation();
    while (!natural && !cursor_.failed() && !cursor_.is_word("on") && !cursor_.is_word("using")) {
      const size_t position = cursor_.position();
      right = joined(right);
      if (cursor_.position() == position) {
        cursor_.unexpected("'ON', 'USING'");
        return left;
      }
      right = "(" + right + ")";
    }
    left = before + (natural ? " NATURAL " : " ") + join + "JOIN " + right;
    if (natural) continue;
    if (cursor_.accept_word("on")) {
      left += " ON " + expression().sql;
    } else {
      cursor_.expect_word("using");
      std::string list;
      for (const std::string& column : column_aliases())
        list += (list.empty() ? "" : ", ") + quoted_name(column);
      left += " USING (" + list + ")";
    }
  }
  return left;
}

std::string Translator::sampled_relation() {
  const Nesting nesting(*this);
  if (cursor_.failed()) return {};
  std::string sql = aliased_relation();
  if (!cursor_.accept_word("tablesample")) return sql;
  const bool system = cursor_.accept_word("system");
  if (!system) cursor_.expect_word("bernoulli");
  cursor_.expect_symbol("(");
  const Expr percent = expression();
  if (!cursor_.failed() && !percent.type.is_number()) {
    cursor_.not_supported("TABLESAMPLE with an expression", cursor_.position());
  }
  cursor_.expect_symbol(")");
  return sql + (system ? " TABLESAMPLE SYSTEM (" : " TABLESAMPLE BERNOULLI (") + percent.sql +
         " PERCENT)";
}

std::string Translator::aliased_relation() {
  bool has_alias = false;
  implied_alias_.clear();
  std::string sql = primary_relation(has_alias);
  const std::string implied_alias = std::exchange(implied_alias_, {});
  const auto refuse_patterns = [&] {
    if (!cursor_.is_word("match_recognize")) return;
    cursor_.not_supported("MATCH_RECOGNIZE", cursor_.position());
  };
  refuse_patterns();
  if (has_alias) return sql;
  if (!cursor_.accept_word("as") && !is_alias_here()) {
    return implied_alias.empty() ? sql : sql + " AS " + quoted_name(implied_alias);
  }
  sql += " AS " + quoted_name(cursor_.expect_name("<identifier>"));
  refuse_patterns();
  if (!cursor_.is_symbol("(")) return sql;
  std::string list;
  for (const std::string& column : column_aliases())
    list += (list.empty() ? "" : ", ") + quoted_name(column);
  refuse_patterns();
  return sql + "(" + list + ")";
}

std::string Translator::primary_relation(bool& has_alias) {
  if (cursor_.is_word("unnest") && cursor_.is_symbol("(", 1)) {
    has_alias = true;
    return unnest();
  }
  if (cursor_.is_word("lateral") && cursor_.is_symbol("(", 1)) {
    cursor_.move_to(cursor_.position() + 2);
    const std::string before = from_before_;
    std::string sql = "LATERAL (" + query() + ")";
    from_before_ = before;
    cursor_.expect_symbol(")");
    return sql;
  }
  if (cursor_.is_symbol("(", 1) && (cursor_.is_word("table") || cursor_.is_word("json_table"))) {
    cursor_.not_supported("table functions in FROM", cursor_.position());
    return {};
  }
  if (!cursor_.accept_symbol("(")) {
    if (!cursor_.is_name() ||
        (cursor_.is_kind(TokenKind::kWord) && is_reserved(to_lower(cursor_.text())))) {
      cursor_.unexpected("'(', 'LATERAL', 'TABLE', 'UNNEST', <identifier>");
      return {};
    }
    return table_reference();
  }
  const std::string before = from_before_;
  std::string sql;
  if (starts_query()) {
    sql = "(" + query() + ")";
    cursor_.expect_symbol(")");
    from_before_ = before;
    return sql;
  }
  sql = "(" + relation() + ")";
  cursor_.expect_symbol(")");
  from_before_ = before;
  return sql;
}

TableName Translator::table_name() {
  TableName name;
  name.table = cursor_.expect_name("<identifier>");
  while (cursor_.is_symbol(".") && cursor_.is_name(1)) {
    if (!name.catalog.empty()) break;
    cursor_.advance();
    name.catalog = std::move(name.database);
    name.database = std::move(name.table);
    name.table = cursor_.expect_name("<identifier>");
  }
  return name;
}

std::string Translator::table_reference() {
  const size_t at = cursor_.position();
  const TableName name = table_name();
  if (cursor_.is_symbol("(")) {
    cursor_.not_supported("table functions in FROM", at);
    return {};
  }
  if (cursor_.is_word("for") &&
      (cursor_.is_word("timestamp", 1) || cursor_.is_word("version", 1) ||
       cursor_.is_word("system_time", 1) || cursor_.is_word("system_version", 1))) {
    cursor_.not_supported("time travel (FOR TIMESTAMP or VERSION AS OF)", cursor_.position());
    return {};
  }
  if (name.database.empty() && is_common_table(name.table)) return quoted_name(name.table);
  tables_.push_back(name);
  if (options_.relations != nullptr) return resolved_reference(name, at);
  if (name.database.empty()) return quoted_name(name.table);
  // The one catalog is ours; "default" is the database that is always there.
  if (name.database == "default") return quoted_name(name.table);
  return quoted_name(name.database) + "." + quoted_name(name.table);
}

std::string Translator::resolved_reference(const TableName& name, size_t token) {
  const Relation* relation = options_.relations->find(name);
  if (relation == nullptr) {
    const std::string& database =
        name.database.empty() ? options_.relations->database() : name.database;
    cursor_.fail("TABLE_NOT_FOUND",
                 "Table 'awsdatacatalog." + database + "." + name.table + "' does not exist",
                 token);
    return {};
  }
  implied_alias_ = name.table;
  return relation->reference;
}

bool Translator::is_common_table(const std::string& name) const {
  return std::ranges::find(common_tables_, name) != common_tables_.end();
}

std::vector<std::string> Translator::column_aliases() {
  std::vector<std::string> names;
  cursor_.expect_symbol("(");
  do {
    names.push_back(cursor_.expect_name("<identifier>"));
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  return names;
}

std::string Translator::unnest() {
  cursor_.expect_word("unnest");
  cursor_.expect_symbol("(");
  std::vector<Expr> arguments;
  const std::string before = from_before_;
  do {
    arguments.push_back(expression());
  } while (cursor_.accept_symbol(","));
  cursor_.expect_symbol(")");
  from_before_ = before;
  const bool ordinality = cursor_.accept_words("with", "ordinality");
  std::string alias = "_unnest";
  std::vector<std::string> columns;
  if (cursor_.accept_word("as") || is_alias_here()) {
    alias = cursor_.expect_name("<identifier>");
    if (cursor_.is_symbol("(")) columns = column_aliases();
  }
  if (cursor_.failed()) return {};
  std::string sql = before.empty() ? "(" : "LATERAL (";
  sql += unnest_of(arguments, ordinality, columns) + ") AS " + quoted_name(alias);
  std::string list;
  for (const std::string& column : columns)
    list += (list.empty() ? "" : ", ") + quoted_name(column);
  check_size(sql);
  return columns.empty() ? sql : sql + "(" + list + ")";
}

std::string Translator::unnest_of(const std::vector<Expr>& arguments, bool ordinality,
                                  const std::vector<std::string>& columns) {
  const size_t named = columns.size() - (ordinality && !columns.empty() ? 1 : 0);
  std::string items;
  std::string lengths;
  for (const Expr& argument : arguments) {
    Unnested kind = unnested_by_type(argument.type);
    if (kind == Unnested::kUnknown && options_.type_of) {
      std::string with;
      for (const std::string& text : with_texts_)
        with += (with.empty() ? "WITH RECURSIVE " : ", ") + text;
      const auto type =
          options_.type_of(with + " SELECT " + argument.sql +
                           (from_before_.empty() ? std::string() : " FROM " + from_before_));
      if (type) kind = unnested_by_name(*type);
    }
    if (kind == Unnested::kUnknown && arguments.size() == 1 && named >= 2) {
      kind = named == 2 ? Unnested::kEntries : Unnested::kRows;
    }
    const std::string length =
        kind == Unnested::kEntries ? "map_keys(" + argument.sql + ")" : argument.sql;
    lengths += (lengths.empty() ? "" : ", ") + ("coalesce(len(" + length + "), 0)");
    items += items.empty() ? "" : ", ";
    if (kind == Unnested::kEntries) {
      items += "unnest(map_keys(" + argument.sql + ")), unnest(map_values(" + argument.sql + "))";
    } else if (kind == Unnested::kRows) {
      items += "unnest(" + argument.sql + ", max_depth := 2)";
    } else {
      items += "unnest(" + argument.sql + ")";
    }
  }
  if (ordinality) items += ", unnest(range(1, greatest(" + lengths + ") + 1))";
  return "SELECT " + items;
}

}  // namespace ticklake::query::athena
