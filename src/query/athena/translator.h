#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "query/athena/cursor.h"
#include "query/athena/statement.h"
#include "query/athena/type.h"

namespace ticklake::query::athena {

/// An expression in DuckDB's SQL, put in parentheses where an operator could tear it apart.
struct Expr {
  std::string sql;
  Type type = {};
  /// What the macros in it come to, counted in names of values.
  size_t cost = 1;
  /// Of a timestamp in a zone of its own: `sql` is what its clock shows, this is the instant.
  std::string instant = {};
  std::string zone = {};
  /// The name that a column reference gives its column of the result.
  std::string name = {};
  /// A plain reference, and not a value made of others.
  bool is_column = false;
  bool is_literal = false;
  /// JSON text that json_object and json_array take as JSON, not as a string.
  bool is_json_text = false;
};

/// An expression whose macros come to more is computed once, in a list of one row, instead of being
/// copied into the next macro.
inline constexpr size_t kExpansionMax = 200;

/// What stands for a name within a lambda's body.
struct Binding {
  std::string name;
  std::string sql;
  Type type = {};
};

/// An argument of a call: an expression, or a lambda whose body waits to be translated.
struct Argument {
  Expr value;
  bool is_lambda = false;
  std::vector<std::string> parameters;
  size_t body_begin = 0;
  size_t body_end = 0;
};

/// A call with what stands in and behind its parentheses.
struct Call {
  std::string name;
  size_t token = 0;
  std::vector<Argument> arguments;
  bool star = false;
  bool distinct = false;
  std::string order_by;  ///< " ORDER BY …" or empty
  std::string filter;    ///< " FILTER (WHERE …)" or empty
  std::string over;      ///< " OVER (…)" or empty
  std::string nulls;     ///< " IGNORE NULLS" or empty
  size_t cost = 0;       ///< of what stands in order_by, filter and over

  size_t size() const { return arguments.size(); }
  Expr& operator[](size_t i) { return arguments[i].value; }
  const Expr& operator[](size_t i) const { return arguments[i].value; }
};

/// Trino's queries and expressions in DuckDB's SQL. A parser by recursive descent over the grammar
/// of Trino's SqlBase that hands up the text of what it has read.
class Translator {
 public:
  Translator(Cursor& cursor, const Options& options) : cursor_(cursor), options_(options) {}

  /// A whole query: WITH …, SELECT …, ORDER BY …, LIMIT …. `outermost`: its columns are the
  /// statement's result, where values with a zone are printed with it.
  std::string query(bool outermost = false);
  Expr expression();
  NamedType type();
  /// A table's name of one, two or three parts.
  TableName table_name();
  /// A query begins here, maybe behind braces: (SELECT 1) UNION …, but not (SELECT 1) JOIN ….
  bool starts_query(size_t ahead = 0, size_t depth = 0) const;

  std::vector<TableName>& tables() { return tables_; }
  std::vector<OutputOverride>& overrides() { return overrides_; }
  uint32_t parameters() const { return parameters_; }

 private:
  friend class Nesting;
  using Handler = Expr (Translator::*)(Call&);
  struct Rule;
  static const Rule kRules[];  ///< function_table.cc; the last one has no name
  static const Rule* find_rule(std::string_view name);

  // type.cc
  NamedType collection_type(bool is_map);
  NamedType row_type();
  NamedType time_type(bool is_time, size_t token);
  NamedType plain_type(const std::string& name, size_t token);
  NamedType decimal_type(size_t token);

  // query.cc
  std::string query_without_with(bool outermost);
  std::string query_term(bool outermost, int level);
  std::string query_primary(bool outermost);
  std::string with_clause();
  std::string select(bool outermost);
  std::string select_item(size_t index, bool outermost);
  std::string values();
  std::string group_by();
  std::string grouping_element();
  std::string window_clause();
  std::string limits();
  std::string expression_list();

  // relation.cc
  std::string relation();
  std::string joined(std::string left);
  std::string sampled_relation();
  std::string aliased_relation();
  std::string primary_relation(bool& has_alias);
  std::string unnest();
  std::string unnest_of(const std::vector<Expr>& arguments, bool ordinality,
                        const std::vector<std::string>& columns);
  std::string table_reference();
  std::string resolved_reference(const TableName& name, size_t token);
  bool is_common_table(const std::string& name) const;
  std::vector<std::string> column_aliases();
  bool is_alias_here() const;

  // expression.cc
  Expr conjunction();
  Expr negation();
  Expr predicate();
  Expr comparison(Expr left, std::string_view op);
  Expr between(Expr left, bool inverted);
  Expr in_list(Expr left, bool inverted);
  Expr like(Expr left, bool inverted);
  Expr is_test(Expr left);
  Expr value();
  Expr additive();
  Expr multiplicative();
  Expr unary();
  Expr at_time_zone();
  Expr in_zone(Expr instant, const Expr& zone);

  // arithmetic.cc
  Expr concat(Expr left, Expr right);
  Expr plus(Expr left, Expr right);
  Expr minus(Expr left, Expr right);
  Expr times(Expr left, Expr right);
  Expr divide(Expr left, Expr right);
  Expr modulo(Expr left, Expr right);

  // primary.cc
  Expr postfix();
  Expr primary();
  Expr word_primary();
  Expr parenthesized();
  Expr subscript(Expr base, const Expr& index);
  Expr case_expression();
  Expr array_constructor();
  Expr row_constructor();
  Expr cast_expression(bool safely);
  Expr extract_expression();
  Expr trim_expression();
  Expr substring_expression();
  Expr position_expression();
  Expr normalize_expression();
  Expr current_expression();
  Expr column_reference();
  Expr parameter();

  // literal.cc
  Expr number_literal();
  Expr string_literal();
  Expr typed_literal();
  Expr interval_literal();
  Expr timestamp_literal(const std::string& text, size_t token);
  bool is_typed_literal() const;

  // cast.cc
  Expr cast(Expr value, const NamedType& type, bool safely, size_t token);
  Expr cast_to_text(Expr value, const NamedType& type);
  Expr cast_to_integer(Expr value, const NamedType& type);
  Expr row_cast_from_json(const Expr& value, const NamedType& type);

  // call.cc
  Expr call();
  void arguments(Call& call);
  Argument argument();
  void behind_arguments(Call& call);
  std::string over_clause();
  std::string window_specification();
  std::string frame_bound();
  std::string order_by_items();
  Expr lambda_body(const Argument& argument, std::vector<Binding> bindings);
  std::string new_variable();
  Expr macro(std::string_view name, std::vector<Expr> arguments, Type type = {});
  Expr aggregate(Call& call, std::string_view target);
  std::string aggregate_text(const Call& call, std::string_view target);
  bool require_lambda(Call& call, size_t index, size_t parameters);

  // Handlers of calls that need more than another name.
  Expr call_if(Call& call);
  Expr call_concat(Call& call);
  Expr call_concat_ws(Call& call);
  Expr call_extreme(Call& call);
  Expr call_coalesce(Call& call);
  Expr call_try(Call& call);
  Expr call_typeof(Call& call);
  Expr call_format(Call& call);
  Expr call_date_add(Call& call);
  Expr call_date_trunc(Call& call);
  Expr call_date_parse(Call& call);
  Expr call_parse_datetime(Call& call);
  Expr call_date_format(Call& call);
  Expr call_format_datetime(Call& call);
  Expr call_at_timezone(Call& call);
  Expr call_with_timezone(Call& call);
  Expr call_from_iso8601(Call& call);
  Expr call_instant(Call& call);
  Expr call_timezone_part(Call& call);
  Expr call_sequence(Call& call);
  Expr call_random(Call& call);
  Expr call_regexp(Call& call);
  Expr call_regexp_replace(Call& call);
  Expr replaced_by_lambda(Call& call);
  Expr call_json_path(Call& call);
  Expr call_array_sort(Call& call);
  Expr call_array_join(Call& call);
  Expr call_transform(Call& call);
  Expr call_filter(Call& call);
  Expr call_reduce(Call& call);
  Expr call_match(Call& call);
  Expr call_zip_with(Call& call);
  Expr call_map_lambda(Call& call);
  Expr call_map_zip_with(Call& call);
  Expr call_map(Call& call);
  Expr call_map_agg(Call& call);
  Expr call_multimap_agg(Call& call);
  Expr call_sum(Call& call);
  Expr call_avg(Call& call);
  Expr call_entropy(Call& call);
  Expr call_extreme_aggregate(Call& call);
  Expr call_approx_percentile(Call& call);
  Expr call_approx_distinct(Call& call);
  Expr call_listagg(Call& call);
  Expr call_array_agg(Call& call);
  Expr call_reduce_agg(Call& call);
  Expr call_round(Call& call);
  Expr call_division(Call& call);
  Expr call_modulo(Call& call);
  Expr call_combinations(Call& call);

  // json.cc: the JSON functions of the SQL standard, whose arguments have a grammar of their own.
  Expr json_exists();
  Expr json_value();
  Expr json_query();
  Expr json_object();
  Expr json_array();
  struct JsonInput;
  JsonInput json_input();
  struct JsonAction;
  JsonAction json_action(bool json_query);
  Expr json_element();
  bool json_null_clause(bool absent_by_default);
  void json_returning(NamedType* type);

  Expr made(std::string sql, Type type, size_t cost);
  void check_size(const std::string& sql);
  /// Counts the links of a chain; false, and the statement fails, where there are too many.
  bool goes_on(size_t& links);
  std::string constant_text(const Expr& expr, std::string_view what, size_t token);

  Cursor& cursor_;
  const Options& options_;
  std::vector<Binding> bindings_;
  std::vector<std::string> with_texts_;     ///< WITH clauses in force, for the type oracle
  std::string from_before_;                 ///< the FROM clause so far, for the type oracle
  std::vector<std::string> common_tables_;  ///< in scope here, innermost last
  /// The alias that the table just read has if none is given, since it is called otherwise here.
  std::string implied_alias_;
  std::vector<TableName> tables_;
  std::vector<OutputOverride> overrides_;
  size_t depth_ = 0;
  size_t variables_ = 0;
  uint32_t parameters_ = 0;
};

/// Counts one level of nesting while it lives; too many fail the statement.
class Nesting {
 public:
  explicit Nesting(Translator& translator);
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  ~Nesting();

 private:
  Translator& translator_;
};

/// A constant '…' in DuckDB's SQL, its value; none if the expression is something else.
std::optional<std::string> constant_string(const Expr& expr);

/// Translates a path of json_extract ($.a["b c"][0]) or, with `standard`, of the SQL standard
/// (lax $.a[*]) to DuckDB's. None if DuckDB has no such path.
struct JsonPath {
  std::string duckdb;
  bool strict = false;
  bool many = false;  ///< a wildcard: DuckDB gives a list
};
std::optional<JsonPath> json_path(std::string_view path, bool standard);

/// A MySQL (%Y-%m-%d %H:%i) or Joda (yyyy-MM-dd HH:mm) format as strptime's or strftime's. An error
/// names the letter that DuckDB lacks.
struct DateFormat {
  std::string duckdb;
  std::string unknown;  ///< not empty: this cannot be said in DuckDB's
};
DateFormat mysql_format(std::string_view format, bool parse);
DateFormat joda_format(std::string_view format, bool parse);

/// "+05:30" in minutes; none if the zone is a name.
std::optional<int> zone_offset_minutes(std::string_view zone);

}  // namespace ticklake::query::athena
