#include "gateway/error_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {

http::Task<http::Response> answer_status(Context& context, http::Exchange& exchange) {
  const auto text = co_await context.status.get(exchange, kFreshStatus);
  co_return json_answer(*text + "\n");
}

}  // namespace ticklake::gateway
