#include "gateway/status_text.h"

#include <nlohmann/json.hpp>

namespace ticklake::gateway {

http::Task<std::shared_ptr<const std::string>> StatusText::get(http::Exchange& exchange,
                                                               std::chrono::milliseconds age_max) {
  if (auto text = fresh(age_max)) co_return text;
  co_await exchange.run_blocking([this, age_max] { make(age_max); });
  const std::lock_guard lock(mutex_);
  co_return text_;
}

std::shared_ptr<const std::string> StatusText::fresh(std::chrono::milliseconds age_max) {
  const std::lock_guard lock(mutex_);
  if (text_ == nullptr || clock_.monotonic_now() - time_ > age_max) return nullptr;
  return text_;
}

void StatusText::make(std::chrono::milliseconds age_max) {
  const std::lock_guard one(making_);
  // Somebody may have made it while this one waited.
  if (fresh(age_max)) return;
  const base::MonotonicTime now = clock_.monotonic_now();
  auto text = std::make_shared<const std::string>(
      status_().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
  time_ = now;
}

}  // namespace ticklake::gateway
