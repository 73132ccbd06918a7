#include "query/table_references.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "query/sql_token.h"

namespace ticklake::query {
namespace {

using Json = nlohmann::ordered_json;

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

class Walk {
 public:
  void visit(const Json& part) {
    if (part.is_array()) {
      for (const Json& element : part)
        visit(element);
    } else if (part.is_object()) {
      const size_t scope = common_.size();
      if (const auto map = part.find("cte_map"); map != part.end()) add_common_tables(*map);
      note(part);
      for (const auto& member : part.items()) {
        if (member.key() != "cte_map") visit(member.value());
      }
      common_.resize(scope);
    }
  }
  TableReferences take() { return std::move(references_); }

 private:
  void add_common_tables(const Json& map) {
    const auto entries = map.find("map");
    if (entries == map.end() || !entries->is_array()) return;
    for (const Json& entry : *entries) {
      const std::string name = to_lower(text_at(entry, "key"));
      if (is_recursive(entry)) common_.push_back(name);
      for (const auto& member : entry.items())
        visit(member.value());
      common_.push_back(name);
    }
  }

  static bool is_recursive(const Json& entry) {
    const auto node = entry.find("value");
    if (node == entry.end() || !node->is_object() || !node->contains("query")) return false;
    const Json& query = (*node)["query"];
    return query.is_object() && query.contains("node") &&
           text_at(query["node"], "type") == "RECURSIVE_CTE_NODE";
  }

  void note(const Json& part) {
    const std::string type = text_at(part, "type");
    const bool is_show = type == "SHOW_REF" && !text_at(part, "table_name").empty();
    if (type == "BASE_TABLE" || is_show) {
      TableReferences::Table table{text_at(part, "catalog_name"), text_at(part, "schema_name"),
                                   text_at(part, "table_name")};
      const bool is_plain = table.catalog.empty() && table.schema.empty();
      if (is_plain && std::ranges::find(common_, to_lower(table.name)) != common_.end()) return;
      references_.tables.push_back(std::move(table));
    } else if (type == "TABLE_FUNCTION") {
      const auto function = part.find("function");
      references_.functions.push_back(
          function != part.end() ? to_lower(text_at(*function, "function_name")) : std::string());
    }
  }

  TableReferences references_;
  std::vector<std::string> common_;  ///< names in scope
};

constexpr std::array<std::string_view, 30> kHarmless{"range",
                                                     "generate_series",
                                                     "generate_subscripts",
                                                     "unnest",
                                                     "repeat",
                                                     "repeat_row",
                                                     "json_each",
                                                     "json_tree",
                                                     "summary",
                                                     "test_all_types",
                                                     "duckdb_columns",
                                                     "duckdb_constraints",
                                                     "duckdb_databases",
                                                     "duckdb_extensions",
                                                     "duckdb_functions",
                                                     "duckdb_indexes",
                                                     "duckdb_keywords",
                                                     "duckdb_memory",
                                                     "duckdb_schemas",
                                                     "duckdb_sequences",
                                                     "duckdb_settings",
                                                     "duckdb_tables",
                                                     "duckdb_types",
                                                     "duckdb_views",
                                                     "pragma_database_size",
                                                     "pragma_table_info",
                                                     "pragma_version",
                                                     "pg_timezone_names",
                                                     "icu_calendar_names",
                                                     "sql_auto_complete"};

}  // namespace

TableReferences references_of(const Json& statements) {
  Walk walk;
  walk.visit(statements);
  return walk.take();
}

bool is_harmless_table_function(std::string_view name) {
  return std::ranges::find(kHarmless, name) != kHarmless.end();
}

bool may_name_file(std::string_view name) {
  return name.find_first_of("/\\.:*?[") != std::string_view::npos;
}

}  // namespace ticklake::query
