#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "query/sql_token.h"

namespace ticklake::query {

/// The schema whose views have the metadata columns as well (see src/table).
inline constexpr std::string_view kWideSchema = "wide";

/// The schema whose views have all of them but _visible_time and _durable_time, which cost a join.
inline constexpr std::string_view kPlacedSchema = "placed";

/// Table name in lower case -> the columns that only its view in the schema with metadata has.
using MetadataColumns = std::map<std::string, std::vector<std::string>>;

/// True if a name in the statement is one of the metadata columns (_topic, _partition, _offset, the
/// four times, dt). A statement without one needs no rewriting: schema `main` has the answer.
bool mentions_metadata(std::string_view sql, const std::vector<Token>& tokens);

/// The schema that has what the statement may ask for: kWideSchema if a name in it is that of a
/// time of kPlacedSchema's lack, or if it can name columns by a pattern (COLUMNS).
std::string_view metadata_schema(std::string_view sql, const std::vector<Token>& tokens);

/// Changes a statement, in the form of DuckDB's json_serialize_sql, so that it reads the tables of
/// `columns` from `schema`, and so that a star still shows the user's columns only.
/// Through a star in a subquery of FROM or in a CTE the metadata can be named from outside:
/// `SELECT *, _offset FROM (SELECT * FROM trades)` has _offset once. Tables named with
/// another schema than main, CTEs of the same name, COLUMNS('regular expression') and PIVOT are
/// left as they are.
void show_metadata(nlohmann::ordered_json& statements, const MetadataColumns& columns,
                   std::string_view schema);

}  // namespace ticklake::query
