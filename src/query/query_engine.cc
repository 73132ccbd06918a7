#include "query/query_engine.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "query/athena/macros.h"
#include "query/athena/relations.h"
#include "query/athena/result.h"
#include "query/athena/session.h"
#include "query/metadata_columns.h"
#include "query/query_error.h"
#include "query/query_memory.h"
#include "query/session.h"
#include "query/sql_token.h"
#include "query/table_references.h"

namespace ticklake::query {
namespace {

using internal::Session;
using internal::Stop;

constexpr std::array<std::string_view, 11> kFirstWords{"select",   "with",  "from", "values",
                                                       "describe", "desc",  "show", "summarize",
                                                       "explain",  "pivot", "table"};

/// How DuckDB says that there is no such table; then come the name and " does not exist!".
constexpr std::string_view kNoTable = "Catalog Error: Table with name ";

base::Error not_a_query() {
  return {base::ErrorCode::kInvalidArgument, "only queries are allowed here",
          "a query is one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN",
          "write data by producing to a topic; set limits by the flags of ticklake up", false};
}

/// A prepared statement, destroyed at the end of scope.
class Prepared {
 public:
  Prepared() = default;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { reset(); }

  /// Null if it went well, else DuckDB's text, which lives as long as this.
  const char* prepare(table::Connection& connection, const std::string& sql) {
    reset();
    const bool ok = duckdb_prepare(connection.handle(), sql.c_str(), &statement_) == DuckDBSuccess;
    return ok ? nullptr : duckdb_prepare_error(statement_);
  }
  duckdb_prepared_statement handle() { return statement_; }

 private:
  void reset() {
    if (statement_ != nullptr) duckdb_destroy_prepare(&statement_);
  }
  duckdb_prepared_statement statement_ = nullptr;
};

/// Where the statement behind EXPLAIN [ANALYZE] [(options)] begins: the index of its first token.
size_t skip_explain(std::string_view sql, const std::vector<Token>& tokens) {
  size_t at = 1;
  const auto is = [&](std::string_view text) {
    return at < tokens.size() && name_of(sql, tokens[at]) == text;
  };
  if (is("analyze") || is("analyse")) ++at;
  if (!is("(")) return at;
  const size_t paren = at;
  while (at < tokens.size() && !is(")"))
    ++at;
  // EXPLAIN (FORMAT json) SELECT … has options; EXPLAIN (SELECT …) has a query in parentheses.
  const std::string first =
      paren + 1 < tokens.size() ? name_of(sql, tokens[paren + 1]) : std::string();
  return first == "format" || first == "analyze" || first == "analyse" ? at + 1 : paren;
}

/// The first word, parentheses skipped, is one that begins a query.
bool begins_query(std::string_view sql, const std::vector<Token>& tokens, size_t at) {
  while (at < tokens.size() && name_of(sql, tokens[at]) == "(")
    ++at;
  if (at >= tokens.size() || tokens[at].kind != TokenKind::kWord) return false;
  const std::string word = name_of(sql, tokens[at]);
  return std::find(kFirstWords.begin(), kFirstWords.end(), word) != kFirstWords.end();
}

/// One statement of the user, without what follows it.
struct Statement {
  std::string sql;
  std::vector<Token> tokens;
  size_t query_begin = 0;  ///< the byte at which the query behind EXPLAIN begins; else 0
};

/// Takes the one statement out of `text`; whatever is no query is refused here, by its first word,
/// and once more by DuckDB's type of the prepared statement, and once more by the transaction.
base::Result<Statement> read_statement(table::Connection& connection, const std::string& text) {
  Statement statement{text, tokenize(text), 0};
  while (!statement.tokens.empty() && text[statement.tokens.back().begin] == ';')
    statement.tokens.pop_back();
  if (statement.tokens.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "there is no statement", "",
                      "SELECT count(*) FROM trades");
  }
  statement.sql.resize(statement.tokens.back().end);

  duckdb_extracted_statements extracted = nullptr;
  const idx_t count =
      duckdb_extract_statements(connection.handle(), statement.sql.c_str(), &extracted);
  std::string error;
  if (count == 0) {
    // The same parser, but only this way does it tell where the fault is.
    Prepared prepared;
    const char* reason = prepared.prepare(connection, statement.sql);
    error = reason != nullptr ? reason : "this is not SQL";
  }
  duckdb_destroy_extracted(&extracted);

  const std::string first = name_of(statement.sql, statement.tokens.front());
  if (first == "explain") {
    const size_t inner = skip_explain(statement.sql, statement.tokens);
    if (inner < statement.tokens.size()) statement.query_begin = statement.tokens[inner].begin;
    if (error.empty() && !begins_query(statement.sql, statement.tokens, inner)) {
      return tl::unexpected(not_a_query());
    }
  }
  if (count == 0) return tl::unexpected(query_error(error, statement.sql, statement.sql));
  if (!begins_query(statement.sql, statement.tokens, 0)) return tl::unexpected(not_a_query());
  if (count > 1) {
    const bool pivots = first == "pivot";
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        pivots ? "PIVOT needs the values of its columns" : "one statement at a time",
        pivots ? "their number must be known before the query runs"
               : std::to_string(count) + " statements came together",
        pivots ? "PIVOT trades ON venue IN ('Q', 'N') USING sum(size)" : "send each by itself");
  }
  return statement;
}

/// The first row's first column, text; empty if there is none.
base::Result<std::string> single_text(table::Connection& connection, const std::string& sql) {
  TICKLAKE_ASSIGN(table::QueryResult result, connection.query(sql));
  TICKLAKE_ASSIGN(table::QueryResult::Chunk chunk, result.next_chunk());
  RowBlock block(1);
  if (chunk) {
    TICKLAKE_TRY(append_rows(chunk.handle(), 0, 1, block));
  }
  return std::string(block.rows() > 0 ? block.cell(0, 0).value_or("") : "");
}

/// The first row's second column.
base::Result<std::string> second_text(table::Connection& connection, const std::string& sql) {
  TICKLAKE_ASSIGN(table::QueryResult result, connection.query(sql));
  TICKLAKE_ASSIGN(table::QueryResult::Chunk chunk, result.next_chunk());
  RowBlock block(2);
  if (chunk && result.column_count() == 2) {
    TICKLAKE_TRY(append_rows(chunk.handle(), 0, 1, block));
  }
  return std::string(block.rows() > 0 ? block.cell(0, 1).value_or("") : "");
}

base::Result<MetadataColumns> metadata_columns(table::Connection& connection,
                                               std::string_view schema) {
  TICKLAKE_ASSIGN(
      table::QueryResult result,
      connection.query("SELECT w.table_name, w.column_name FROM duckdb_columns() w ANTI JOIN "
                       "(SELECT * FROM duckdb_columns() WHERE schema_name = 'main') m "
                       "ON w.table_name = m.table_name AND w.column_name = m.column_name "
                       "WHERE w.schema_name = " +
                       table::sql_literal(schema) + " ORDER BY ALL"));
  MetadataColumns columns;
  while (true) {
    TICKLAKE_ASSIGN(table::QueryResult::Chunk chunk, result.next_chunk());
    if (!chunk) return columns;
    RowBlock block(2);
    for (uint64_t next = 0; next < chunk.rows();) {
      TICKLAKE_ASSIGN(next, append_rows(chunk.handle(), next, chunk.rows(), block));
    }
    for (size_t row = 0; row < block.rows(); ++row) {
      columns[to_lower(*block.cell(row, 0))].emplace_back(*block.cell(row, 1));
    }
  }
}

/// A query in the form of json_serialize_sql; null for what DuckDB cannot say in it.
base::Result<nlohmann::ordered_json> tree_of(table::Connection& connection,
                                             const std::string& query) {
  TICKLAKE_ASSIGN(
      const std::string serialized,
      single_text(connection, "SELECT json_serialize_sql(" + table::sql_literal(query) + ")"));
  auto json = nlohmann::ordered_json::parse(serialized, nullptr, false);
  if (json.is_discarded() || json.value("error", true)) return nlohmann::ordered_json();
  return json;
}

base::Error not_a_table(const std::string& name) {
  return {base::ErrorCode::kPermission, "queries read tables, no files: " + name, "",
          "read the table that the file belongs to", false};
}

/// Of a user's statement, which may name tables and nothing that reads by itself.
base::Result<void> check_files(table::Connection& connection, const TableReferences& references) {
  for (const std::string& function : references.functions) {
    if (!is_harmless_table_function(function)) return tl::unexpected(not_a_table(function + "()"));
  }
  for (const TableReferences::Table& table : references.tables) {
    if (!may_name_file(table.name)) continue;
    TICKLAKE_ASSIGN(table::QueryResult found,
                    connection.query("SELECT count(*) FROM duckdb_columns() WHERE "
                                     "lower(table_name) = lower(" +
                                     table::sql_literal(table.name) + ")"));
    TICKLAKE_ASSIGN(const int64_t columns, found.single_integer());
    if (columns == 0) return tl::unexpected(not_a_table(table.name));
  }
  return {};
}

/// Of Athena's translated statement: all that it reads is one of `relations`. The translator has
/// seen to that; here DuckDB's parser, which decides what is read, is asked once more.
base::Result<void> check_relations(const athena::Relations& relations,
                                   const TableReferences& references) {
  for (const std::string& function : references.functions) {
    if (!is_harmless_table_function(function)) return tl::unexpected(not_a_table(function + "()"));
  }
  for (const TableReferences::Table& table : references.tables) {
    const bool is_known =
        std::ranges::any_of(relations.all(), [&](const athena::Relation& relation) {
          if (!relation.query.empty()) {
            return table.schema.empty() && relation.reference == table::sql_identifier(table.name);
          }
          return (table.schema == "main" || table.schema == kWideSchema ||
                  table.schema == kPlacedSchema) &&
                 to_lower(relation.reference) ==
                     "main." + table::sql_identifier(to_lower(table.name));
        });
    if (!is_known) return tl::unexpected(not_a_table(table.name));
  }
  return {};
}

/// The statement with its metadata columns resolved. What DuckDB cannot turn into JSON and back
/// stays as it is.
base::Result<std::string> resolved(table::Connection& connection, const Statement& statement) {
  if (!mentions_metadata(statement.sql, statement.tokens)) return statement.sql;
  const std::string prefix = statement.sql.substr(0, statement.query_begin);
  TICKLAKE_ASSIGN(auto json, tree_of(connection, statement.sql.substr(statement.query_begin)));
  if (json.is_null()) return statement.sql;
  const std::string_view schema = metadata_schema(statement.sql, statement.tokens);
  TICKLAKE_ASSIGN(const MetadataColumns columns, metadata_columns(connection, schema));
  show_metadata(json["statements"], columns, schema);
  TICKLAKE_ASSIGN(std::string sql,
                  single_text(connection, "SELECT json_deserialize_sql(" +
                                              table::sql_literal(json.dump()) + "::JSON)"));
  while (!sql.empty() && (sql.back() == ';' || sql.back() == ' '))
    sql.pop_back();
  return prefix + sql;
}

std::vector<Column> columns_of(Prepared& prepared) {
  std::vector<Column> columns;
  const idx_t count = duckdb_prepared_statement_column_count(prepared.handle());
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(prepared.handle(), i);
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(prepared.handle(), i);
    columns.push_back({name, type_name(type), kind_of(duckdb_get_type_id(type))});
    duckdb_free(const_cast<char*>(name));
    duckdb_destroy_logical_type(&type);
  }
  return columns;
}

bool is_nested(duckdb_type type) {
  return type == DUCKDB_TYPE_LIST || type == DUCKDB_TYPE_STRUCT || type == DUCKDB_TYPE_MAP ||
         type == DUCKDB_TYPE_ARRAY;
}

/// The statement with every column of a type that rows.h does not print as text; empty if there is
/// no such column. Marks in `columns` what became JSON.
std::string with_printed_columns(Prepared& prepared, const std::string& sql, bool nested_as_json,
                                 std::vector<Column>& columns) {
  bool needed = false;
  std::string items;
  std::string names;
  for (size_t i = 0; i < columns.size(); ++i) {
    const duckdb_type type = duckdb_prepared_statement_column_type(prepared.handle(), i);
    const std::string name = "c" + std::to_string(i);
    const bool as_json = nested_as_json && is_nested(type);
    if (as_json) columns[i].kind = ValueKind::kJson;
    std::string item = name;
    if (as_json) item = "CAST(to_json(" + name + ") AS VARCHAR)";
    if (!as_json && !is_printed(type)) item = "CAST(" + name + " AS VARCHAR)";
    needed = needed || item != name;
    items += (i > 0 ? ", " : "") + item;
    names += (i > 0 ? ", " : "") + name;
  }
  if (!needed) return {};
  return "SELECT " + items + " FROM (" + sql + "\n) AS printed(" + names + ")";
}

}  // namespace

struct RunningQuery::State {
  State(internal::SessionPool& lender, std::unique_ptr<Session> lent)
      : pool(lender), session(std::move(lent)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    chunk.reset();
    result.reset();
    // A rollback that is interrupted leaves its transaction to the session's next query.
    pool.leave_alone(*session);
    // It fails where no transaction was begun, and that is well.
    if (session->connection.query("ROLLBACK")) {
    }
    pool.give_back(std::move(session));
  }

  /// An interruption as what it was; any other error as it is.
  base::Error as_stopped(base::Error error) const {
    switch (session->stopped) {
      case Stop::kAsked: return internal::cancelled();
      case Stop::kMemory: return out_of_memory("this process has no more of it");
      case Stop::kTimeLimit:
        return {base::ErrorCode::kTimeout, "the query took too long",
                "its time limit is " + std::to_string(time_max.count()) + " ms",
                "narrow it down, for example by WHERE symbol = … or a shorter time", false};
      case Stop::kNone: break;
    }
    // Of a statement of ours that prepares the user's: it ran out of what his query needs.
    if (error.code == base::ErrorCode::kNoSpace && error.advice.empty()) {
      return out_of_memory(error.cause);
    }
    return error;
  }
  base::Error explain(base::Error error) const {
    pool.failed += 1;
    return as_stopped(std::move(error));
  }

  base::Result<void> open(const QueryRequest& request);
  base::Result<RowBlock> next();
  base::Result<void> prepare(const QueryRequest& request, Prepared& prepared);
  base::Result<void> prepare_write(const QueryRequest& request, Prepared& prepared);
  base::Result<void> check_names(const QueryRequest& request, const std::string& query);
  base::Error explain_sql(const char* text, const std::string& sql, const std::string& ran);

  internal::SessionPool& pool;
  std::unique_ptr<Session> session;
  std::optional<table::QueryResult> result;
  std::optional<table::QueryResult::Chunk> chunk;
  uint64_t chunk_row = 0;  ///< the first that next() has not handed out
  std::vector<Column> columns;
  std::string user_sql;
  std::string ran_sql;
  std::string plan;
  bool is_write = false;
  /// In Athena's dialect: what its translation says of the statement.
  std::optional<athena::Statement> athena_statement;
  std::chrono::milliseconds time_max{};
  uint64_t rows_left = 0;
  bool done = false;
  bool truncated = false;
};

base::Error RunningQuery::State::explain_sql(const char* text, const std::string& sql,
                                             const std::string& ran) {
  if (athena_statement) return explain(athena::query_failure(text != nullptr ? text : "", sql));
  base::Error error = query_error(text != nullptr ? text : "DuckDB gave no reason", sql, ran);
  if (error.what.starts_with("Permission Error")) {
    error.code = base::ErrorCode::kPermission;
    error.what = "queries read tables, no files: " + error.what;
  } else if (error.what.starts_with("Out of Memory")) {
    // A statement that cannot be prepared has a text only, and no type of error.
    error = out_of_memory(error.what);
  } else if (error.what.starts_with(kNoTable)) {
    const std::string_view rest = std::string_view(error.what).substr(kNoTable.size());
    const auto why =
        pool.why_absent ? pool.why_absent(rest.substr(0, rest.find(' '))) : std::nullopt;
    if (why) return explain(*why);
    const auto names = single_text(
        session->connection,
        "ROLLBACK; SELECT string_agg(DISTINCT table_name, ', ' ORDER BY table_name) FROM "
        "duckdb_columns() WHERE schema_name = 'wide'");
    if (names && !names->empty()) error.advice = "tables: " + *names;
    if (names && names->empty()) error.advice = "there are no tables yet: ticklake feed --help";
  }
  return explain(std::move(error));
}

base::Result<void> RunningQuery::State::prepare(const QueryRequest& request, Prepared& prepared) {
  table::Connection& connection = session->connection;
  const bool is_athena = request.dialect == Dialect::kAthena;
  if (is_athena) {
    TICKLAKE_TRY(pool.create_athena_macros(connection));
    TICKLAKE_ASSIGN(athena_statement, athena::read_query(connection, request));
  }
  TICKLAKE_ASSIGN(const Statement statement,
                  read_statement(connection, is_athena ? athena_statement->query : request.sql));
  user_sql = is_athena ? request.sql : statement.sql;
  TICKLAKE_TRY(connection.query("START TRANSACTION READ ONLY"));
  TICKLAKE_ASSIGN(ran_sql, resolved(connection, statement));
  TICKLAKE_TRY(check_names(request, ran_sql.substr(statement.query_begin)));
  if (request.relations) ran_sql = request.relations->with_common_tables(ran_sql);
  if (const char* text = prepared.prepare(connection, ran_sql)) {
    return tl::unexpected(explain_sql(text, user_sql, ran_sql));
  }
  const duckdb_statement_type type = duckdb_prepared_statement_type(prepared.handle());
  if (type != DUCKDB_STATEMENT_TYPE_SELECT && type != DUCKDB_STATEMENT_TYPE_EXPLAIN) {
    return tl::unexpected(not_a_query());
  }
  if (is_athena) {
    columns = athena::columns_of(prepared.handle(), *athena_statement);
    return request.write ? prepare_write(request, prepared) : base::Result<void>{};
  }
  columns = columns_of(prepared);
  const std::string printed =
      with_printed_columns(prepared, ran_sql, request.nested_as_json, columns);
  if (printed.empty()) return {};
  if (const char* text = prepared.prepare(connection, printed)) {
    return tl::unexpected(explain_sql(text, user_sql, printed));
  }
  return {};
}

base::Result<void> RunningQuery::State::check_names(const QueryRequest& request,
                                                    const std::string& query) {
  if (!request.relations && (request.is_own || pool.limits().names_files)) return {};
  TICKLAKE_ASSIGN(const auto tree, tree_of(session->connection, query));
  if (tree.is_null()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the tables of this query cannot be told",
                      "DuckDB's json_serialize_sql does not know its form", "write it otherwise");
  }
  const TableReferences references = references_of(tree);
  if (request.relations) return check_relations(*request.relations, references);
  return check_files(session->connection, references);
}

base::Result<void> RunningQuery::State::prepare_write(const QueryRequest& request,
                                                      Prepared& prepared) {
  TICKLAKE_ASSIGN(const std::string sql, request.write(columns, ran_sql));
  if (const char* text = prepared.prepare(session->connection, sql)) {
    return tl::unexpected(explain_sql(text, user_sql, sql));
  }
  if (duckdb_prepared_statement_type(prepared.handle()) != DUCKDB_STATEMENT_TYPE_COPY) {
    return tl::unexpected(not_a_query());
  }
  is_write = true;
  return {};
}

base::Result<void> RunningQuery::State::open(const QueryRequest& request) {
  time_max = request.time_max;
  rows_left = request.rows_max;
  Prepared prepared;
  TICKLAKE_TRY(prepare(request, prepared));
  if (request.wants_plan && !ran_sql.starts_with("EXPLAIN")) {
    TICKLAKE_ASSIGN(plan, second_text(session->connection, "EXPLAIN (FORMAT json) " + ran_sql));
  }
  duckdb_pending_result pending = nullptr;
  duckdb_result opened{};
  std::optional<base::Error> error;
  if (duckdb_pending_prepared_streaming(prepared.handle(), &pending) == DuckDBError) {
    error = explain_sql(duckdb_pending_error(pending), user_sql, ran_sql);
  } else if (duckdb_execute_pending(pending, &opened) == DuckDBError) {
    error = explain_sql(duckdb_result_error(&opened), user_sql, ran_sql);
    duckdb_destroy_result(&opened);
  } else {
    result.emplace(opened);
  }
  duckdb_destroy_pending(&pending);
  if (error) return tl::unexpected(std::move(*error));
  return {};
}

RunningQuery::RunningQuery(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunningQuery::RunningQuery(RunningQuery&&) noexcept = default;
RunningQuery& RunningQuery::operator=(RunningQuery&&) noexcept = default;
RunningQuery::~RunningQuery() = default;

const std::vector<Column>& RunningQuery::columns() const { return state_->columns; }
bool RunningQuery::truncated() const { return state_->truncated; }
const std::string& RunningQuery::plan() const { return state_->plan; }

base::Result<RowBlock> RunningQuery::State::next() {
  RowBlock block(is_write ? 1 : columns.size());
  if (done) return block;
  if (!chunk) {
    auto fetched = result->next_chunk();
    if (!fetched) {
      return tl::unexpected(explain_sql(fetched.error().cause.c_str(), user_sql, ran_sql));
    }
    if (session->stopped != Stop::kNone) return tl::unexpected(explain({}));
    if (!*fetched) {
      done = true;
      return block;
    }
    chunk.emplace(std::move(*fetched));
    chunk_row = 0;
  }
  const uint64_t end = std::min<uint64_t>(chunk->rows(), chunk_row + rows_left);
  auto next_row = athena_statement ? athena::append_rows(chunk->handle(), chunk_row, end, block)
                                   : append_rows(chunk->handle(), chunk_row, end, block);
  if (!next_row) return tl::unexpected(explain(std::move(next_row).error()));
  chunk_row = *next_row;
  rows_left -= block.rows();
  if (chunk_row == end) {
    truncated = end < chunk->rows();
    done = truncated;
    chunk.reset();
  }
  return block;
}

base::Result<RowBlock> RunningQuery::next() {
  auto block =
      within_query_memory([this] { return state_->next(); }, &state_->session->refuses_memory);
  if (block) return block;
  state_->done = true;
  return tl::unexpected(state_->as_stopped(std::move(block).error()));
}

QueryEngine::QueryEngine(table::Database& database, const base::Clock& clock, EngineLimits limits)
    : pool_(std::make_unique<internal::SessionPool>(database, clock, limits)) {}
QueryEngine::~QueryEngine() = default;

void QueryEngine::explain_absent_tables(WhyAbsent why) { pool_->why_absent = std::move(why); }

base::Result<RunningQuery> QueryEngine::start(QueryRequest request) {
  if (request.sql.size() > pool_->limits().sql_bytes_max) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the statement is too long",
                      std::to_string(request.sql.size()) + " bytes; at most " +
                          std::to_string(pool_->limits().sql_bytes_max));
  }
  if (request.sql.find('\0') != std::string::npos) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the statement holds a NUL character");
  }
  pool_->queries += 1;
  TICKLAKE_ASSIGN(std::unique_ptr<Session> session, pool_->lend(request));
  auto state = std::make_unique<RunningQuery::State>(*pool_, std::move(session));
  const auto opened =
      within_query_memory([&] { return state->open(request); }, &state->session->refuses_memory);
  if (!opened) return tl::unexpected(state->as_stopped(opened.error()));
  return RunningQuery(std::move(state));
}

base::Result<std::vector<TableColumns>> QueryEngine::tables() {
  TICKLAKE_ASSIGN(RunningQuery query,
                  start({"SELECT table_name, column_name, data_type FROM duckdb_columns() "
                         "WHERE schema_name = 'main' AND table_name IN "
                         "(SELECT table_name FROM duckdb_columns() WHERE schema_name = 'wide') "
                         "ORDER BY table_name, column_index",
                         UINT64_MAX}));
  std::vector<TableColumns> tables;
  while (true) {
    TICKLAKE_ASSIGN(const RowBlock block, query.next());
    if (block.rows() == 0) return tables;
    for (size_t row = 0; row < block.rows(); ++row) {
      const std::string name(*block.cell(row, 0));
      if (tables.empty() || tables.back().name != name) tables.push_back({name, {}});
      tables.back().columns.push_back(
          {std::string(*block.cell(row, 1)), std::string(*block.cell(row, 2)), ValueKind::kText});
    }
  }
}

EngineStats QueryEngine::stats() const { return {pool_->queries, pool_->failed}; }

}  // namespace ticklake::query
