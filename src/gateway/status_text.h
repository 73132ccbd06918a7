#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "http/exchange.h"

namespace ticklake::gateway {

/// What every stage does just now, as GET /api/status shows it. Called from one
/// thread at a time, not the network's, at most a few times a second and only when somebody asks.
/// Its member "ready" decides about GET /health/ready, "reason" says why it is not.
using StatusCallback = std::function<nlohmann::json()>;

/// The status as JSON text, made no more often than who asks needs it.
class StatusText {
 public:
  StatusText(StatusCallback status, const base::Clock& clock)
      : status_(std::move(status)), clock_(clock) {}

  /// Made again, on a thread where that may take its time, if the last one is older than `age_max`.
  /// Handlers only.
  http::Task<std::shared_ptr<const std::string>> get(http::Exchange& exchange,
                                                     std::chrono::milliseconds age_max);

 private:
  std::shared_ptr<const std::string> fresh(std::chrono::milliseconds age_max);
  void make(std::chrono::milliseconds age_max);

  const StatusCallback status_;
  const base::Clock& clock_;
  std::mutex making_;  ///< by one at a time
  std::mutex mutex_;   ///< guards what is below
  std::shared_ptr<const std::string> text_;
  base::MonotonicTime time_{};
};

}  // namespace ticklake::gateway
