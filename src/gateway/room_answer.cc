#include "gateway/room_answer.h"

#include "gateway/error_answer.h"
#include "http/percent.h"
#include "market/time_text.h"

namespace ticklake::gateway {

nlohmann::json page_json(nlohmann::json items, const std::string& next) {
  nlohmann::json page = {{"items", std::move(items)}, {"next", nullptr}};
  if (!next.empty()) page["next"] = next;
  return page;
}

std::string page_token(const http::Request& request) {
  return http::query_value(request.raw_query(), "from").value_or("");
}

std::string time_json(base::WallTime time) { return market::to_rfc3339(time, 3); }

base::Error not_served(std::string_view what) {
  return {base::ErrorCode::kNotFound, std::string(what) + " are not served here",
          "ticklake runs without the endpoint of AWS clients",
          "start `ticklake up` without --aws-listen none", false};
}

base::Error told(const aws::ServiceError& error, std::string_view what) {
  return aws::to_base_error(error, what);
}

http::Task<http::Response> answer_work(Context& context, http::Exchange& exchange, Work work) {
  http::Response response;
  std::function<void()> job = [&] { response = work(); };
  co_await context.looks.run(exchange, std::move(job));
  co_return response;
}

http::Task<http::Response> answer_look(Context& context, http::Exchange& exchange, Look look) {
  return answer_work(context, exchange, [look = std::move(look)] {
    const auto found = look();
    if (!found) return error_answer(found.error());
    return json_answer(found->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
                       "\n");
  });
}

}  // namespace ticklake::gateway
