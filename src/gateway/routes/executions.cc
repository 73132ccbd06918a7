// GET /api/executions: Athena's query executions of all work groups, newest first, with the first
// kSqlBytesShown of their statements.
// GET /api/executions/{execution}: one of them, with all of it.

#include "base/utf8.h"
#include "gateway/room_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {
namespace {

constexpr size_t kExecutionsMax = 50;
constexpr size_t kSqlBytesShown = 1'000;

using query::executions::Execution;
using query::executions::Executions;

base::Result<Executions*> executions_of(const Context& context) {
  return served(context.options.parts.executions, "queries");
}

/// At most so many bytes, not in the middle of a character.
std::string cut(const std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && base::continues_utf8(text[end]))
    --end;
  return text.substr(0, end);
}

nlohmann::json execution_json(const Execution& execution, size_t sql_bytes_max) {
  nlohmann::json json = {{"id", execution.id},
                         {"sql", cut(execution.sql, sql_bytes_max)},
                         {"is_cut", execution.sql.size() > sql_bytes_max},
                         {"state", name_of(execution.state)},
                         {"error", execution.reason},
                         {"database", execution.database},
                         {"work_group", execution.work_group},
                         {"caller", execution.caller},
                         {"parameters", execution.parameters},
                         {"submitted", time_json(execution.submitted)},
                         {"completed", nullptr},
                         {"total_ms", execution.statistics.total_ms},
                         {"queued_ms", execution.statistics.queued_ms},
                         {"scanned_bytes", execution.statistics.scanned_bytes},
                         {"rows", nullptr},
                         {"output", execution.output_file}};
  if (execution.completed) json["completed"] = time_json(*execution.completed);
  if (const auto rows = execution.update_count ? execution.update_count : execution.result_rows)
    json["rows"] = *rows;
  return json;
}

base::Result<nlohmann::json> list_executions(const Context& context, const http::Request& request) {
  TICKLAKE_ASSIGN(Executions* const executions, executions_of(context));
  TICKLAKE_ASSIGN(const auto ids,
                  executions->store().list_all(kExecutionsMax, page_token(request)));
  auto items = nlohmann::json::array();
  for (const std::string& id : ids.items) {
    const auto found = executions->find(id);
    if (!found) return base::fail(told(found.error(), "cannot read the query " + id));
    if (*found) items.push_back(execution_json(**found, kSqlBytesShown));
  }
  return page_json(std::move(items), ids.next);
}

base::Result<nlohmann::json> find_execution(const Context& context, const http::Request& request) {
  TICKLAKE_ASSIGN(Executions* const executions, executions_of(context));
  const std::string id(request.parameter("execution"));
  const auto found = executions->find(id);
  if (!found) return base::fail(told(found.error(), "cannot read the query " + id));
  if (!*found) return base::fail(base::ErrorCode::kNotFound, "there is no query " + id);
  return execution_json(**found, SIZE_MAX);
}

}  // namespace

http::Task<http::Response> answer_executions(Context& context, http::Exchange& exchange) {
  return answer_look(context, exchange, [&context, &request = exchange.request()] {
    return list_executions(context, request);
  });
}

http::Task<http::Response> answer_execution(Context& context, http::Exchange& exchange) {
  return answer_look(context, exchange, [&context, &request = exchange.request()] {
    return find_execution(context, request);
  });
}

}  // namespace ticklake::gateway
