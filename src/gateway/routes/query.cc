#include "gateway/error_answer.h"
#include "gateway/query_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {

http::Task<http::Response> answer_query(Context& context, http::Exchange& exchange) {
  const auto body = co_await exchange.read_whole_body();
  if (!body) co_return error_answer(body.error());
  const auto request = read_sql_request(exchange.request(), *body);
  if (!request) co_return error_answer(400, request.error());
  if (request->streams()) co_return co_await stream_rows(context, exchange, *request);
  QueryAnswer answer;
  std::function<void()> work = [&, stop = exchange.stop_token()] {
    answer = run_query(context, *request, stop);
  };
  co_await context.places.run(exchange, std::move(work));
  co_return to_response(std::move(answer));
}

}  // namespace ticklake::gateway
