#include <nlohmann/json.hpp>

#include "gateway/error_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {
namespace {

/// What the status says of a table; an empty object if it says nothing.
nlohmann::json counts_of(const nlohmann::json& status, const std::string& name) {
  if (!status.is_object() || !status.contains("tables")) return nlohmann::json::object();
  for (const nlohmann::json& table : status["tables"]) {
    if (table.is_object() && table.value("name", "") == name) return table;
  }
  return nlohmann::json::object();
}

http::Response tables_json(Context& context, const std::string& status_text) {
  const auto tables = context.engine.tables();
  if (!tables) return error_answer(tables.error());
  const auto status = nlohmann::json::parse(status_text, nullptr, false);
  nlohmann::json answer = nlohmann::json::array();
  for (const query::TableColumns& table : *tables) {
    nlohmann::json columns = nlohmann::json::array();
    for (const query::Column& column : table.columns)
      columns.push_back({{"name", column.name}, {"type", column.type}});
    nlohmann::json entry = {{"name", table.name}, {"columns", std::move(columns)}};
    const nlohmann::json counts = counts_of(status, table.name);
    for (const char* count : {"rows_lake", "rows_tail", "files"})
      entry[count] = counts.value(count, uint64_t{0});
    answer.push_back(std::move(entry));
  }
  return json_answer(answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace

http::Task<http::Response> answer_tables(Context& context, http::Exchange& exchange) {
  const auto status = co_await context.status.get(exchange, kStatusInterval);
  http::Response response;
  std::function<void()> work = [&] { response = tables_json(context, *status); };
  co_await context.places.run(exchange, std::move(work));
  co_return response;
}

}  // namespace ticklake::gateway
