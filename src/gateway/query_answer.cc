#include <fmt/format.h>

#include "gateway/routes.h"
#include "query/format.h"
#include "query/query_memory.h"

namespace ticklake::gateway {
namespace {

base::Result<void> make_room(AnswerBudget::Share& share, uint64_t bytes) {
  if (bytes > kAnswerBytesMax) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the answer is too large",
                      fmt::format("an answer as JSON holds at most {} MiB", kAnswerBytesMax >> 20),
                      "ask for fewer rows or columns, or let it stream: format=csv or ndjson");
  }
  if (share.grow(bytes)) return {};
  return base::fail(base::ErrorCode::kUnavailable, "too many answers wait for their readers",
                    fmt::format("they hold {} MiB together", kAnswersBytesMax >> 20),
                    "try again when they have been read, or ask for fewer rows");
}

base::Result<std::string> query_json(Context& context, const SqlRequest& request,
                                     std::stop_token stop, AnswerBudget::Share& share) {
  const base::MonotonicTime begin = context.clock.monotonic_now();
  const bool as_text = request.format == SqlRequest::Format::kText;
  TICKLAKE_ASSIGN(
      query::RunningQuery query,
      context.engine.start({request.sql, request.rows_max, context.options.query_time_max,
                            std::move(stop), !as_text, request.dialect}));
  std::string json = "{\"columns\":";
  query::append_json_columns(query.columns(), json);
  json += ",\"rows\":[";
  uint64_t rows = 0;
  while (true) {
    TICKLAKE_ASSIGN(const query::RowBlock block, query.next());
    if (block.rows() == 0) break;
    if (rows > 0) json += ',';
    query::append_json_arrays(query.columns(), block, as_text, json);
    rows += block.rows();
    TICKLAKE_TRY(make_room(share, json.size()));
  }
  const std::chrono::duration<double, std::milli> elapsed = context.clock.monotonic_now() - begin;
  json += fmt::format("],\"row_count\":{},\"truncated\":{},\"elapsed_ms\":{:.3f}}}", rows,
                      query.truncated(), elapsed.count());
  json += '\n';
  return json;
}

}  // namespace

Response answer_query(Context& context, const SqlRequest& request, std::stop_token stop) {
  const auto share = std::make_shared<AnswerBudget::Share>(context.answers);
  auto json = query::within_query_memory(
      [&] { return query_json(context, request, std::move(stop), *share); });
  if (!json) return error_response(status_of(json.error().code), json.error());
  return {200, "application/json", std::move(*json), {}, share};
}

}  // namespace ticklake::gateway
