#include <nlohmann/json.hpp>

#include "gateway/error_answer.h"
#include "gateway/routes.h"

namespace ticklake::gateway {

http::Response answer_live(const http::Request&) { return json_answer("{\"live\":true}\n"); }

http::Task<http::Response> answer_ready(Context& context, http::Exchange& exchange) {
  const auto text = co_await context.status.get(exchange, kFreshStatus);
  const auto status = nlohmann::json::parse(*text, nullptr, false);
  const bool is_ready = status.is_object() && status.value("ready", false);
  if (is_ready) {
    const auto problems = status.find("problems");
    const nlohmann::json answer = {
        {"ready", true},
        {"problems", problems == status.end() ? nlohmann::json::array() : *problems}};
    co_return json_answer(answer.dump() + "\n");
  }
  const nlohmann::json answer = {
      {"ready", false},
      {"reason",
       status.is_object() ? status.value("reason", std::string("starting")) : "starting"}};
  co_return http::Response::of(503, "application/json", answer.dump() + "\n");
}

}  // namespace ticklake::gateway
