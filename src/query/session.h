#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/resident_memory.h"
#include "query/query_engine.h"
#include "table/database.h"
#include "table/memory_guard.h"

namespace ticklake::query::internal {

/// Why a session was interrupted.
enum class Stop : uint8_t { kNone, kAsked, kTimeLimit, kMemory };

/// What becomes of a query whose user went away.
base::Error cancelled();

/// A database connection that is lent to one query at a time.
class Session {
 public:
  explicit Session(table::Connection opened) : connection(std::move(opened)) {}

  table::Connection connection;
  // Below: guarded by the pool's mutex while lent, except what is atomic.
  base::MonotonicTime deadline{};
  std::stop_token stop;
  bool interruptible = false;
  std::atomic<Stop> stopped = Stop::kNone;
  base::MonotonicTime stopped_at{};
  std::atomic<bool> refuses_memory = false;  ///< it was stopped and does not end
};

/// Lends sessions, and interrupts those whose time is over, whose user went away, or for whom there
/// is no memory.
class SessionPool {
 public:
  SessionPool(table::Database& database, const base::Clock& clock, EngineLimits limits);
  ~SessionPool();

  /// kUnavailable if none becomes free in time; kInterrupted if its user goes away before.
  base::Result<std::unique_ptr<Session>> lend(const QueryRequest& request);
  /// From here on the session is interrupted no more, so that its transaction can be ended.
  void leave_alone(Session& session);
  void give_back(std::unique_ptr<Session> session);
  /// Makes the macros of Athena's dialect, the first time that a query asks for it.
  base::Result<void> create_athena_macros(table::Connection& connection);

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
  std::mutex macros_mutex_;
  bool has_athena_macros_ = false;
  std::mutex mutex_;
  std::condition_variable_any freed_;
  std::condition_variable_any lent_changed_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::vector<Session*> lent_;  ///< in the order in which they were lent
  base::ResidentMemory resident_;
  std::optional<table::MemoryGuard> memory_;
  std::jthread watcher_;  // last, so that it ends first
};

}  // namespace ticklake::query::internal
