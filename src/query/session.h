#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "query/query_engine.h"
#include "table/database.h"

namespace ticklake::query::internal {

/// Why a session was interrupted.
enum class Stop : uint8_t { kNone, kAsked, kTimeLimit };

/// A database connection that is lent to one query at a time.
class Session {
 public:
  explicit Session(table::Connection opened) : connection(std::move(opened)) {}

  table::Connection connection;
  // Below: guarded by the pool's mutex while lent, except `stopped`.
  base::MonotonicTime deadline{};
  std::stop_token stop;
  bool interruptible = false;
  std::atomic<Stop> stopped = Stop::kNone;
};

/// Lends sessions, and interrupts those whose time is over or whose user went away.
class SessionPool {
 public:
  SessionPool(table::Database& database, const base::Clock& clock, EngineLimits limits);
  ~SessionPool();

  base::Result<std::unique_ptr<Session>> lend(const QueryRequest& request);
  /// From here on the session is interrupted no more, so that its transaction can be ended.
  void leave_alone(Session& session);
  void give_back(std::unique_ptr<Session> session);

  const EngineLimits& limits() const { return limits_; }
  WhyAbsent why_absent;  ///< set before the first query
  std::atomic<uint64_t> queries = 0;
  std::atomic<uint64_t> failed = 0;

 private:
  void watch(const std::stop_token& ended);
  void interrupt_what_is_due();

  table::Database& database_;
  const base::Clock& clock_;
  const EngineLimits limits_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::condition_variable_any lent_changed_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::vector<Session*> lent_;
  std::jthread watcher_;  // last, so that it ends first
};

}  // namespace ticklake::query::internal
