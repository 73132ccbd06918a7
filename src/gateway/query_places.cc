#include "gateway/query_places.h"

namespace ticklake::gateway {
struct QueryPlaces::Place {
  explicit Place(QueryPlaces& all) : places(all) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { places.give_back(); }

  QueryPlaces& places;
};

struct QueryPlaces::Ticket {
  explicit Ticket(QueryPlaces& all) : places(all) { places.waiting_.push_back(this); }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    places.waiting_.remove(this);
    // Whoever is first now may have a place, too.
    places.changed_.notify();
  }
  bool is_first() const { return places.waiting_.front() == this; }

  QueryPlaces& places;
};

http::Task<bool> QueryPlaces::run(http::Exchange& exchange, std::function<void()> work) {
  const bool has_place = co_await wait(exchange);
  if (!has_place) co_return false;
  const Place place(*this);
  co_await exchange.run_blocking(std::move(work));
  co_return true;
}

http::Task<bool> QueryPlaces::wait(http::Exchange& exchange) {
  const Ticket ticket(*this);
  bool goes_on = !exchange.stop_token().stop_requested();
  while (goes_on && (free_ == 0 || !ticket.is_first()))
    goes_on = co_await changed_.wait(exchange);
  if (goes_on) --free_;
  co_return goes_on;
}

void QueryPlaces::give_back() {
  ++free_;
  changed_.notify();
}

}  // namespace ticklake::gateway
