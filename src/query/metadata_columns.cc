#include "query/metadata_columns.h"

#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>

namespace ticklake::query {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

constexpr std::array<std::string_view, 8> kNames{
    "_topic",       "_partition",    "_offset",       "_event_time",
    "_append_time", "_visible_time", "_durable_time", "dt"};

/// A source of FROM whose metadata columns a star must not show.
struct Source {
  std::string alias;
  Names hidden;
};

/// What a name in FROM may stand for besides a table: CTEs, with the metadata they let through.
using Scope = std::map<std::string, Names>;

std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}
bool filled(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_array() && !found->empty();
}

bool is_star(const Json& expression) {
  const auto inner = expression.find("expr");
  return expression.is_object() && text_at(expression, "class") == "STAR" &&
         (inner == expression.end() || inner->is_null());
}

/// The names under which a select list shows its items other than stars.
std::set<std::string> item_names(const Json& select_list) {
  std::set<std::string> names;
  for (const Json& item : select_list) {
    if (const std::string alias = text_at(item, "alias"); !alias.empty()) {
      names.insert(to_lower(alias));
    } else if (filled(item, "column_names") && item["column_names"].back().is_string()) {
      names.insert(to_lower(item["column_names"].back().get<std::string>()));
    }
  }
  return names;
}

class Rewriter {
 public:
  Rewriter(const MetadataColumns& columns, std::string_view schema)
      : columns_(columns), schema_(schema) {}

  /// Any part of the statement. `sources` is what its stars stand for.
  void visit(Json& part, const Scope& scope, const std::vector<Source>& sources) {
    if (part.is_array()) {
      for (Json& element : part)
        visit(element, scope, sources);
    } else if (part.is_object()) {
      if (part.contains("cte_map")) {
        visit_query(part, scope, false);
      } else {
        if (is_star(part)) hide(part, sources, {});
        for (auto& member : part.items())
          visit(member.value(), scope, sources);
      }
    }
  }

  /// A query node; the metadata columns that its star lets through, if `pass` allows it.
  Names visit_query(Json& node, Scope scope, bool pass) {
    for (Json& entry : node["cte_map"]["map"]) {
      Json& query = entry["value"]["query"]["node"];
      const bool recursive = text_at(query, "type") == "RECURSIVE_CTE_NODE";
      const std::string name = to_lower(text_at(entry, "key"));
      if (recursive) scope[name] = {};
      const bool may_pass = !recursive && !filled(entry["value"], "aliases");
      Names passed = visit_query(query, scope, may_pass);
      scope[name] = std::move(passed);
    }
    if (text_at(node, "type") == "SELECT_NODE") return visit_select(node, scope, pass);
    for (auto& member : node.items()) {
      if (member.key() != "cte_map") visit(member.value(), scope, {});
    }
    return {};
  }

 private:
  Names visit_select(Json& node, const Scope& scope, bool pass) {
    std::vector<Source> sources;
    std::set<std::string> joined;
    if (node.contains("from_table")) visit_from(node["from_table"], scope, sources, joined);
    for (Source& source : sources)
      std::erase_if(source.hidden, [&](const auto& name) { return joined.contains(name); });

    Names passed;
    Json& items = node["select_list"];
    if (pass && sources.size() == 1 && lets_through(node)) {
      const std::set<std::string> named = item_names(items);
      std::copy_if(sources[0].hidden.begin(), sources[0].hidden.end(), std::back_inserter(passed),
                   [&](const auto& name) { return !named.contains(to_lower(name)); });
      for (Json& item : items) {
        if (is_star(item)) hide(item, sources, passed);
      }
    }
    for (auto& member : node.items()) {
      if (member.key() == "cte_map" || member.key() == "from_table") continue;
      if (member.key() == "modifiers") {
        visit(member.value(), scope, {});  // ORDER BY ALL is written as a star, and is none
      } else if (member.key() == "select_list" && !passed.empty()) {
        for (Json& item : items) {
          if (!is_star(item)) visit(item, scope, sources);
        }
      } else {
        visit(member.value(), scope, sources);
      }
    }
    return passed;
  }

  /// Rows as they are, with one star among the items: metadata can ride along without a trace.
  static bool lets_through(const Json& node) {
    if (filled(node, "group_expressions") || filled(node, "group_sets")) return false;
    if (text_at(node, "aggregate_handling") != "STANDARD_HANDLING") return false;
    for (const Json& modifier : node["modifiers"]) {
      if (text_at(modifier, "type") == "DISTINCT_MODIFIER") return false;
    }
    const Json& items = node["select_list"];
    const auto is_plain = [](const Json& item) {
      return is_star(item) && !item.value("columns", false) && !filled(item, "rename_list") &&
             !filled(item, "replace_list");
    };
    return std::count_if(items.begin(), items.end(), is_star) == 1 &&
           std::any_of(items.begin(), items.end(), is_plain);
  }

  void visit_from(Json& table, const Scope& scope, std::vector<Source>& sources,
                  std::set<std::string>& joined) {
    if (!table.is_object()) return;
    const std::string type = text_at(table, "type");
    if (type == "BASE_TABLE") {
      visit_table(table, scope, sources);
    } else if (type == "JOIN") {
      for (const Json& column : table["using_columns"])
        joined.insert(column.get<std::string>());
      visit_from(table["left"], scope, sources, joined);
      visit_from(table["right"], scope, sources, joined);
      visit(table["condition"], scope, {});
    } else if (type == "SUBQUERY" && table["subquery"].contains("node")) {
      const bool may_pass = !filled(table, "column_name_alias");
      Names passed = visit_query(table["subquery"]["node"], scope, may_pass);
      // Without an alias its columns cannot be named apart, yet EXCLUDE must name them.
      if (!passed.empty() && text_at(table, "alias").empty()) table["alias"] = next_alias();
      if (!passed.empty()) sources.push_back({text_at(table, "alias"), std::move(passed)});
    } else if (type != "PIVOT") {
      visit(table, scope, {});
    }
  }

  void visit_table(Json& table, const Scope& scope, std::vector<Source>& sources) {
    const std::string schema = text_at(table, "schema_name");
    if ((!schema.empty() && schema != "main") || !text_at(table, "catalog_name").empty()) return;
    const std::string name = text_at(table, "table_name");
    std::string alias = text_at(table, "alias");
    if (alias.empty()) alias = name;
    const auto cte = schema.empty() ? scope.find(to_lower(name)) : scope.end();
    if (cte != scope.end()) {
      if (!cte->second.empty()) sources.push_back({alias, cte->second});
    } else if (const auto found = columns_.find(to_lower(name)); found != columns_.end()) {
      table["schema_name"] = schema_;
      sources.push_back({alias, found->second});
    }
  }

  /// Takes the metadata of `sources`, except `kept`, out of what a star stands for.
  static void hide(Json& star, const std::vector<Source>& sources, const Names& kept) {
    const std::string relation = to_lower(text_at(star, "relation_name"));
    for (const Source& source : sources) {
      if (!relation.empty() && relation != to_lower(source.alias)) continue;
      for (const std::string& column : source.hidden) {
        if (std::find(kept.begin(), kept.end(), column) != kept.end()) continue;
        if (names_column(star, column)) continue;
        star["qualified_exclude_list"].push_back(
            {{"catalog", ""}, {"schema", ""}, {"table", source.alias}, {"column", column}});
      }
    }
  }

  /// The user's own EXCLUDE or REPLACE speaks of the column already.
  static bool names_column(const Json& star, const std::string& column) {
    const auto is_column = [&](const Json& name) {
      return name.is_string() && to_lower(name.get<std::string>()) == column;
    };
    const Json& excluded = star["exclude_list"];
    return std::any_of(excluded.begin(), excluded.end(), is_column);
  }

  std::string next_alias() { return "subquery_" + std::to_string(++aliases_); }

  const MetadataColumns& columns_;
  const std::string_view schema_;
  size_t aliases_ = 0;
};

}  // namespace

bool mentions_metadata(std::string_view sql, const std::vector<Token>& tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) {
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) return false;
    return std::find(kNames.begin(), kNames.end(), name_of(sql, token)) != kNames.end();
  });
}

std::string_view metadata_schema(std::string_view sql, const std::vector<Token>& tokens) {
  constexpr std::array<std::string_view, 3> kNeedAll{"_visible_time", "_durable_time", "columns"};
  const bool needs_all = std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) {
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) return false;
    return std::find(kNeedAll.begin(), kNeedAll.end(), name_of(sql, token)) != kNeedAll.end();
  });
  return needs_all ? kWideSchema : kPlacedSchema;
}

void show_metadata(nlohmann::ordered_json& statements, const MetadataColumns& columns,
                   std::string_view schema) {
  Rewriter(columns, schema).visit(statements, {}, {});
}

}  // namespace ticklake::query
