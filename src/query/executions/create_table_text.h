#pragma once

#include <string>
#include <vector>

#include "catalog/model.h"

namespace ticklake::query::executions {

/// SHOW CREATE TABLE, a line an element.
std::vector<std::string> create_table_lines(const catalog::Table& table);

/// A table as a person writes it for Athena: CREATE EXTERNAL TABLE IF NOT EXISTS with its database,
/// if it has one, columns, PARTITIONED BY, format, LOCATION and TBLPROPERTIES, ended by ';'. Names
/// may hold anything; texts must hold neither quotes nor backslashes.
std::string create_external_table_sql(const catalog::Table& table);

}  // namespace ticklake::query::executions
