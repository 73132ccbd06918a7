#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/crawl_flags.h"
#include "cli/listing.h"

namespace ticklake::cli {
namespace {

using nlohmann::json;

json columns_json(const std::vector<catalog::Column>& columns) {
  json list = json::array();
  for (const catalog::Column& column : columns)
    list.push_back({{"name", column.name}, {"type", column.type}});
  return list;
}

void print_json(const catalog::Table& table, size_t partitions) {
  const catalog::StorageDescriptor storage = table.storage.value_or(catalog::StorageDescriptor{});
  const json object{{"database", table.database},
                    {"table", table.name},
                    {"location", storage.location},
                    {"partitions", partitions},
                    {"columns", columns_json(storage.columns)},
                    {"partition_keys", columns_json(table.partition_keys)},
                    {"parameters", table.parameters}};
  fmt::print("{}\n", object.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string parameter(const catalog::Table& table, const char* name) {
  const auto found = table.parameters.find(name);
  return found == table.parameters.end() ? std::string() : found->second;
}

}  // namespace

void print_crawled_tables(const std::vector<CrawledTable>& tables, bool is_json) {
  Listing listing({{"table"},
                   {"format"},
                   {"columns", true},
                   {"partitions", true},
                   {"files", true},
                   {"records", true},
                   {"location"}});
  for (const auto& [table, partitions] : tables) {
    if (is_json) {
      print_json(table, partitions);
      continue;
    }
    listing.add({table.name, parameter(table, "classification"),
                 std::to_string(table.storage ? table.storage->columns.size() : 0),
                 std::to_string(partitions), parameter(table, "objectCount"),
                 parameter(table, "recordCount"), table.storage ? table.storage->location : ""});
  }
  if (!is_json && !listing.is_empty()) listing.print("table");
}

}  // namespace ticklake::cli
