#include "gateway/query_answer.h"

#include <fmt/format.h>

#include "gateway/error_answer.h"
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

QueryAnswer run_query(Context& context, const SqlRequest& request, std::stop_token stop) {
  auto share = std::make_shared<AnswerBudget::Share>(context.answers);
  auto json = query::within_query_memory(
      [&] { return query_json(context, request, std::move(stop), *share); });
  if (!json) return {status_of(json.error().code), error_json(json.error()) + "\n"};
  return {200, std::move(*json), std::move(share)};
}

http::Response to_response(QueryAnswer answer) {
  const int status = answer.status;
  if (answer.json.size() <= kAnswerBytesFree)
    return http::Response::of(status, "application/json", std::move(answer.json));
  http::Response response = http::Response::of(status, "application/json", {});
  const auto held = std::make_shared<const QueryAnswer>(std::move(answer));
  response.body =
      http::BodyStream{[held](http::BodyWriter& body) -> http::Task<base::Result<void>> {
                         co_return co_await body.write(held->json);
                       },
                       held->json.size()};
  return response;
}

}  // namespace ticklake::gateway
