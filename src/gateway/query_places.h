#pragma once

#include <cstddef>
#include <functional>
#include <list>

#include "gateway/signal.h"
#include "http/exchange.h"

namespace ticklake::gateway {

/// So many queries, or looks at a room, run at the same time; the others wait, the first who came
/// first, and leave threads to what is no query. The server's thread only.
class QueryPlaces {
 public:
  explicit QueryPlaces(size_t count) : free_(count) {}

  /// Runs `work` on a thread where it may block, when a place is free. False, and not run, if the
  /// client left before, or the server stops. What it throws is thrown here.
  http::Task<bool> run(http::Exchange& exchange, std::function<void()> work);

 private:
  struct Place;
  struct Ticket;
  http::Task<bool> wait(http::Exchange& exchange);
  void give_back();

  size_t free_;
  std::list<const Ticket*> waiting_;  ///< in the order in which they were drawn
  Signal changed_;
};

}  // namespace ticklake::gateway
