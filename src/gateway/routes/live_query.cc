#include "gateway/error_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {
namespace {

http::Task<base::Result<void>> write_results(LiveQueries& live, const SqlRequest& request,
                                             http::Exchange& exchange, http::BodyWriter& body) {
  LiveQueries::Reader reader(live, request, exchange);
  while (true) {
    const auto frame = co_await reader.next();
    if (!frame) co_return base::Result<void>();
    TICKLAKE_CO_TRY(co_await body.write(frame->text));
  }
}

}  // namespace

http::Response event_stream(
    std::function<http::Task<base::Result<void>>(http::BodyWriter&)> write) {
  http::Response response = http::Response::of(200, "text/event-stream", {});
  // Proxies that hold back a stream until it ends would defeat it.
  response.fields.add("X-Accel-Buffering", "no");
  response.body = http::BodyStream{std::move(write)};
  response.closes = true;
  return response;
}

http::Task<http::Response> answer_live_query(Context&, LiveQueries& live,
                                             http::Exchange& exchange) {
  const auto request = read_live_sql_request(exchange.request());
  if (!request) co_return error_answer(400, request.error());
  co_return event_stream([&live, &exchange, request = *request](http::BodyWriter& body) {
    return write_results(live, request, exchange, body);
  });
}

}  // namespace ticklake::gateway
