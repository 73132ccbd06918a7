// The catalog, as Glue's clients see it; names in the answers are Glue's in lower case.
//
// GET /api/catalog/databases
// GET /api/catalog/databases/{database}/tables
// GET /api/catalog/databases/{database}/tables/{table}: its columns and how it is read
// GET /api/catalog/databases/{database}/tables/{table}/partitions

#include <algorithm>

#include "aws/request_view.h"
#include "gateway/room_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {
namespace {

/// More columns are counted only.
constexpr size_t kColumnsMax = 1'000;

using Find = base::Result<nlohmann::json>(catalog::Catalog&, const http::Request&);

http::Task<http::Response> answer_catalog(Context& context, http::Exchange& exchange, Find& find) {
  return answer_look(
      context, exchange,
      [&context, &find, &request = exchange.request()]() -> base::Result<nlohmann::json> {
        TICKLAKE_ASSIGN(catalog::Catalog* const metadata,
                        served(context.options.parts.metadata, "databases"));
        return find(*metadata, request);
      });
}

catalog::PageRequest page_of(const http::Request& request) {
  return {.max = kPageItemsMax, .token = page_token(request)};
}

/// What its files are, in a word; a live table of the sink and a crawler's say it alike.
std::string format_of(const catalog::Table& table) {
  const auto named = table.parameters.find("classification");
  if (named != table.parameters.end()) return named->second;
  if (!table.storage) return table.type == "VIRTUAL_VIEW" ? "view" : "";
  const std::string& library = table.storage->serde.library;
  const std::string name = aws::lower_case(library);
  for (const char* format : {"parquet", "json", "csv"}) {
    if (name.find(format) != std::string::npos) return format;
  }
  return library.find("LazySimple") != std::string::npos ? "text" : "";
}

nlohmann::json columns_json(const std::vector<catalog::Column>& columns) {
  auto list = nlohmann::json::array();
  for (size_t i = 0; i < std::min(columns.size(), kColumnsMax); ++i) {
    list.push_back(
        {{"name", columns[i].name}, {"type", columns[i].type}, {"comment", columns[i].comment}});
  }
  return list;
}

nlohmann::json table_json(const catalog::Table& table) {
  return {{"name", table.name},
          {"database", table.database},
          {"description", table.description},
          {"type", table.type},
          {"format", format_of(table)},
          {"location", table.storage ? table.storage->location : ""},
          {"column_count", table.storage ? table.storage->columns.size() : 0},
          {"partition_keys", columns_json(table.partition_keys)},
          {"created", time_json(table.created)},
          {"updated", time_json(table.updated)},
          {"version", table.version}};
}

base::Result<nlohmann::json> find_databases(catalog::Catalog& metadata,
                                            const http::Request& request) {
  const auto page = metadata.list_databases(page_of(request));
  if (!page) return base::fail(told(page.error(), "cannot list the databases"));
  auto items = nlohmann::json::array();
  for (const catalog::Database& database : page->items) {
    items.push_back({{"name", database.name},
                     {"description", database.description},
                     {"location", database.location_uri},
                     {"created", time_json(database.created)}});
  }
  return page_json(std::move(items), page->next_token);
}

base::Result<nlohmann::json> find_tables(catalog::Catalog& metadata, const http::Request& request) {
  const auto page = metadata.list_tables(request.parameter("database"), page_of(request));
  if (!page) return base::fail(told(page.error(), "cannot list the tables"));
  auto items = nlohmann::json::array();
  for (const catalog::Table& table : page->items)
    items.push_back(table_json(table));
  return page_json(std::move(items), page->next_token);
}

base::Result<nlohmann::json> find_table(catalog::Catalog& metadata, const http::Request& request) {
  const auto table = metadata.get_table(request.parameter("database"), request.parameter("table"));
  if (!table) return base::fail(told(table.error(), "cannot show the table"));
  nlohmann::json json = table_json(*table);
  json["columns"] =
      table->storage ? columns_json(table->storage->columns) : nlohmann::json::array();
  json["serde"] = table->storage ? table->storage->serde.library : "";
  json["view"] = table->view_original_text;
  json["parameters"] = table->parameters;
  return json;
}

base::Result<nlohmann::json> find_partitions(catalog::Catalog& metadata,
                                             const http::Request& request) {
  const auto page = metadata.list_partitions(request.parameter("database"),
                                             request.parameter("table"), {}, page_of(request));
  if (!page) return base::fail(told(page.error(), "cannot list the partitions"));
  auto items = nlohmann::json::array();
  for (const catalog::Partition& partition : page->items) {
    items.push_back({{"values", partition.values},
                     {"location", partition.storage ? partition.storage->location : ""},
                     {"created", time_json(partition.created)}});
  }
  return page_json(std::move(items), page->next_token);
}

}  // namespace

http::Task<http::Response> answer_catalog_databases(Context& context, http::Exchange& exchange) {
  return answer_catalog(context, exchange, find_databases);
}
http::Task<http::Response> answer_catalog_tables(Context& context, http::Exchange& exchange) {
  return answer_catalog(context, exchange, find_tables);
}
http::Task<http::Response> answer_catalog_table(Context& context, http::Exchange& exchange) {
  return answer_catalog(context, exchange, find_table);
}
http::Task<http::Response> answer_catalog_partitions(Context& context, http::Exchange& exchange) {
  return answer_catalog(context, exchange, find_partitions);
}

}  // namespace ticklake::gateway
