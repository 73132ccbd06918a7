#include "gateway/signal.h"

namespace ticklake::gateway {

struct Signal::Waiting {
  explicit Waiting(Signal& the_signal)
      : signal(the_signal), self(the_signal.waiting_.emplace(the_signal.waiting_.end())) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { signal.waiting_.erase(self); }

  Signal& signal;
  std::list<std::stop_source>::iterator self;
};

http::Task<bool> Signal::wait(http::Exchange& exchange, std::chrono::milliseconds time_max) {
  const Waiting waiting(*this);
  std::stop_token woken = waiting.self->get_token();
  co_return co_await exchange.sleep(time_max, std::move(woken));
}

void Signal::notify() {
  // Each takes itself off the list when it goes on, which is later.
  for (std::stop_source& waiting : waiting_)
    waiting.request_stop();
}

}  // namespace ticklake::gateway
