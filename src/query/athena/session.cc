#include "query/athena/session.h"

#include "query/athena/relations.h"
#include "query/athena/result.h"

namespace ticklake::query::athena {
namespace {

/// As unnested_by_name() of relation.cc reads it.
std::string shape_of(duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_MAP) return "MAP()";
  if (id != DUCKDB_TYPE_LIST) return "";
  duckdb_logical_type child = duckdb_list_type_child_type(type);
  const bool of_rows = duckdb_get_type_id(child) == DUCKDB_TYPE_STRUCT;
  duckdb_destroy_logical_type(&child);
  return of_rows ? "STRUCT()[]" : "[]";
}

bool has_query_part(StatementKind kind) {
  return kind == StatementKind::kCreateTableAsSelect || kind == StatementKind::kUnload ||
         kind == StatementKind::kInsert;
}

}  // namespace

base::Error as_error(const AthenaError& error) {
  const base::ErrorCode code = error.name == "PERMISSION_DENIED" ? base::ErrorCode::kPermission
                               : error.name == "EXCEEDED_LOCAL_MEMORY_LIMIT"
                                   ? base::ErrorCode::kNoSpace
                                   : base::ErrorCode::kInvalidArgument;
  return {code, error.reason(), {}, {}, false};
}

TypeOracle type_oracle(table::Connection& connection, const Relations* relations) {
  return [&connection, relations](const std::string& select) -> std::optional<std::string> {
    const std::string sql = relations != nullptr ? relations->with_common_tables(select) : select;
    duckdb_prepared_statement prepared = nullptr;
    std::optional<std::string> shape;
    if (duckdb_prepare(connection.handle(), sql.c_str(), &prepared) == DuckDBSuccess) {
      duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(prepared, 0);
      shape = shape_of(type);
      duckdb_destroy_logical_type(&type);
    }
    duckdb_destroy_prepare(&prepared);
    if (shape && shape->empty()) return std::nullopt;
    return shape;
  };
}

base::Result<Statement> read_query(table::Connection& connection, const QueryRequest& request) {
  Options options;
  options.parameters = request.parameters;
  options.relations = request.relations.get();
  options.type_of = type_oracle(connection, options.relations);
  auto statement = read_statement(request.sql, options);
  if (!statement) return tl::unexpected(as_error(statement.error()));
  const bool is_query = statement->kind == StatementKind::kSelect ||
                        statement->kind == StatementKind::kExplain ||
                        (request.write && has_query_part(statement->kind));
  if (!is_query) {
    std::string what(statement->substatement_type());
    return tl::unexpected(base::Error{
        base::ErrorCode::kInvalidArgument, "NOT_SUPPORTED: only queries are allowed here",
        what + " is no query", "SELECT, WITH, VALUES or EXPLAIN", false});
  }
  return std::move(*statement);
}

base::Error query_failure(std::string_view duckdb, std::string_view sql) {
  return as_error(error_of_duckdb(duckdb, sql));
}

std::vector<Column> columns_of(duckdb_prepared_statement prepared, const Statement& statement) {
  std::vector<Column> columns;
  const idx_t count = duckdb_prepared_statement_column_count(prepared);
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(prepared, i);
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(prepared, i);
    std::string athena_type = column_info("", type).full_type;
    for (const OutputOverride& each : statement.overrides) {
      if (each.column == i) athena_type = each.type;
    }
    // A double may be NaN or Infinity, which is no number of JSON.
    ValueKind kind = kind_of(duckdb_get_type_id(type));
    if (kind == ValueKind::kFloat) kind = ValueKind::kText;
    columns.push_back({name, std::move(athena_type), kind});
    duckdb_free(const_cast<char*>(name));
    duckdb_destroy_logical_type(&type);
  }
  return columns;
}

}  // namespace ticklake::query::athena
