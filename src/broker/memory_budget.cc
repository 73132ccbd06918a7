#include "broker/memory_budget.h"

#include <utility>

namespace ticklake::broker {

bool MemoryBudget::try_reserve(size_t bytes) {
  if (is_spent()) return false;
  used_ += bytes;
  return true;
}

void MemoryBudget::serve() {
  if (is_serving_) return;  // one who goes on may cause this
  is_serving_ = true;
  // Those who come back at once wait for the next time.
  for (size_t i = waiting_.size(); i > 0 && !is_spent(); --i) {
    const auto resume = std::move(waiting_.front());
    waiting_.pop_front();
    resume();
  }
  is_serving_ = false;
}

}  // namespace ticklake::broker
