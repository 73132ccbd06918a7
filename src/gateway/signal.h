#pragma once

#include <chrono>
#include <list>
#include <stop_token>

#include "http/exchange.h"

namespace ticklake::gateway {

/// Something that handlers wait for. The server's thread only.
class Signal {
 public:
  /// No client waits longer.
  static constexpr std::chrono::hours kForEver{24};

  /// Until notify() is called or the time is over; false if the client left, or the server stops.
  http::Task<bool> wait(http::Exchange& exchange, std::chrono::milliseconds time_max = kForEver);
  /// All who wait go on soon, on the server's thread.
  void notify();

 private:
  struct Waiting;
  std::list<std::stop_source> waiting_;
};

}  // namespace ticklake::gateway
