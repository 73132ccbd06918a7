#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "table/database.h"

namespace ticklake::query::athena {

/// Registers what no macro can say, as scalar functions of DuckDB named athena_…: hashes, bit
/// shifts, IEEE bytes, Java's texts of numbers. Twice in one database is well.
base::Result<void> register_native_functions(table::Connection& connection);

/// A double as CAST(… AS VARCHAR) prints it in Trino: 1.5E0, 1.0E10, 0E0, NaN, Infinity.
std::string scientific_text(double value);
std::string scientific_text(float value);
/// A double as Java prints it, and so Athena its results: 1.5, 1.0E10, 1.0E-5, NaN, Infinity.
std::string java_text(double value);
std::string java_text(float value);

/// DuckDB's name of a type as Trino's: INTEGER[] is array(integer), STRUCT(a INTEGER) row(a
/// integer), DECIMAL(10,2) decimal(10,2), HUGEINT bigint.
std::string trino_type_name(std::string_view duckdb);

}  // namespace ticklake::query::athena
