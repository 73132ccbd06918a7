#include "query/athena/relations.h"

#include <algorithm>

#include "query/athena/cursor.h"
#include "query/sql_token.h"

namespace ticklake::query::athena {

const Relation* Relations::find(const TableName& name) const {
  if (!name.catalog.empty() && !is_catalog_name(name.catalog)) return nullptr;
  const std::string& database = name.database.empty() ? database_ : name.database;
  const auto found = std::ranges::find_if(all_, [&](const Relation& relation) {
    return relation.database == database && relation.table == name.table;
  });
  return found == all_.end() ? nullptr : &*found;
}

void Relations::drop_database(std::vector<std::string>& parts) const {
  const size_t catalog = !parts.empty() && is_catalog_name(parts[0]) ? 1 : 0;
  if (parts.size() < catalog + 3) return;
  if (find({"", parts[catalog], parts[catalog + 1]}) == nullptr) return;
  parts.erase(parts.begin(), parts.begin() + static_cast<ptrdiff_t>(catalog) + 1);
}

std::string Relations::with_common_tables(const std::string& query) const {
  std::string list;
  for (const Relation& relation : all_) {
    if (relation.query.empty()) continue;
    // Otherwise a table that is named twice would be read whole into memory first.
    list += (list.empty() ? "" : ", ") + relation.reference + " AS NOT MATERIALIZED (" +
            relation.query + ")";
  }
  if (list.empty()) return query;
  std::string_view rest = query;
  std::string front;
  for (const std::string_view words : {"EXPLAIN ANALYZE ", "EXPLAIN "}) {
    if (!rest.starts_with(words)) continue;
    front = words;
    rest.remove_prefix(words.size());
    break;
  }
  for (const std::string_view words : {"WITH RECURSIVE ", "WITH "}) {
    if (!rest.starts_with(words)) continue;
    return front.append(words).append(list).append(", ").append(rest.substr(words.size()));
  }
  return front.append("WITH ").append(list).append(" ").append(rest);
}

bool is_catalog_name(std::string_view name) { return to_lower(name) == "awsdatacatalog"; }

std::string common_table_name(std::string_view database, std::string_view table) {
  return quoted_name(std::string(database).append(".").append(table));
}

}  // namespace ticklake::query::athena
