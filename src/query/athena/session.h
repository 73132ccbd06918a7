#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "query/athena/statement.h"
#include "query/query_engine.h"
#include "query/rows.h"
#include "table/database.h"

namespace ticklake::query::athena {

/// Asks a connection for the type of an expression, without running it. `connection` and
/// `relations`, which may be null, must outlive the function.
TypeOracle type_oracle(table::Connection& connection, const Relations* relations);

/// A statement of Athena as the query that the engine runs. Errors: kInvalidArgument with Athena's
/// text; what is no query ("CREATE …", "SHOW …") is NOT_SUPPORTED here: the engine only reads. Of
/// CTAS, UNLOAD and INSERT it is the query part if the request says how its result is written.
base::Result<Statement> read_query(table::Connection& connection, const QueryRequest& request);

/// The error of a statement as one of ours.
base::Error as_error(const AthenaError& error);

/// DuckDB's error for a query of read_query() in Athena's words.
base::Error query_failure(std::string_view duckdb, std::string_view sql);

/// The result's columns, with Athena's types.
std::vector<Column> columns_of(duckdb_prepared_statement prepared, const Statement& statement);

}  // namespace ticklake::query::athena
