#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ticklake::query {

/// What a statement names in FROM, wherever in it.
struct TableReferences {
  struct Table {
    std::string catalog;
    std::string schema;
    std::string name;
  };
  std::vector<Table> tables;           ///< as written; common tables in scope are none
  std::vector<std::string> functions;  ///< table functions, in lower case
};

/// `statements`: of DuckDB's json_serialize_sql. DuckDB's own parser has said what is a table, so
/// that nothing hides in quotes, comments or spellings.
TableReferences references_of(const nlohmann::ordered_json& statements);

/// True for table functions that make rows of their arguments or of DuckDB's own catalog: none
/// reads a file, runs SQL in a text, or tells of what others do.
bool is_harmless_table_function(std::string_view name);

/// True if a table of that name, which is not there, would be taken for a file.
bool may_name_file(std::string_view name);

}  // namespace ticklake::query
