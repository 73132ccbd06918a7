#include "query/session.h"

#include <algorithm>

#include "query/athena/macros.h"

namespace ticklake::query::internal {
namespace {

/// How late an interruption may come. DuckDB forgets one that arrives between two statements, so
/// it is repeated at this pace until the session comes back.
constexpr std::chrono::milliseconds kWatchInterval{10};
/// While DuckDB plans it does not look for interruptions; what has not ended by then is refused
/// memory, which it cannot overlook.
constexpr std::chrono::seconds kStopPatience{2};

/// What is resident under a sanitizer (shadows of all memory, freed memory that it keeps) says
/// nothing of what queries hold: there only what is allocated counts.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kResidentIsKnown = false;
#else
constexpr bool kResidentIsKnown = true;
#endif

}  // namespace

SessionPool::SessionPool(table::Database& database, const base::Clock& clock, EngineLimits limits)
    : database_(database), clock_(clock), limits_(limits) {
  if (limits_.resident_bytes_max > 0) {
    memory_.emplace(limits_.resident_bytes_max,
                    [this] { return kResidentIsKnown ? resident_.bytes() : 0; });
  }
  watcher_ = std::jthread([this](const std::stop_token& ended) { watch(ended); });
}

SessionPool::~SessionPool() = default;

base::Result<std::unique_ptr<Session>> SessionPool::lend(const QueryRequest& request) {
  std::unique_lock lock(mutex_);
  const auto has_room = [this] { return !idle_.empty() || lent_.size() < limits_.sessions_max; };
  const bool is_free = freed_.wait_for(lock, request.stop, request.time_max, has_room);
  if (request.stop.stop_requested()) return tl::unexpected(cancelled());
  if (!is_free) {
    return base::fail(base::ErrorCode::kUnavailable, "no room for another query",
                      std::to_string(limits_.sessions_max) + " queries run already",
                      "wait until one of them ends");
  }
  std::unique_ptr<Session> session;
  if (!idle_.empty()) {
    session = std::move(idle_.back());
    idle_.pop_back();
  } else {
    TICKLAKE_ASSIGN(table::Connection connection, database_.connect());
    session = std::make_unique<Session>(std::move(connection));
  }
  session->deadline = clock_.monotonic_now() + request.time_max;
  session->stop = request.stop;
  session->interruptible = true;
  session->stopped = Stop::kNone;
  session->stopped_at = {};
  session->refuses_memory = false;
  lent_.push_back(session.get());
  lent_changed_.notify_all();
  return session;
}

base::Result<void> SessionPool::create_athena_macros(table::Connection& connection) {
  const std::lock_guard lock(macros_mutex_);
  if (has_athena_macros_) return {};
  TICKLAKE_TRY(athena::create_macros(connection));
  has_athena_macros_ = true;
  return {};
}

void SessionPool::leave_alone(Session& session) {
  const std::lock_guard lock(mutex_);
  session.interruptible = false;
}

void SessionPool::give_back(std::unique_ptr<Session> session) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(lent_, session.get());
    session->stop = {};
    idle_.push_back(std::move(session));
  }
  freed_.notify_one();
}

void SessionPool::watch(const std::stop_token& ended) {
  std::unique_lock lock(mutex_);
  while (!ended.stop_requested()) {
    if (lent_.empty()) {
      lent_changed_.wait(lock, ended, [this] { return !lent_.empty(); });
      continue;
    }
    if (memory_ && !memory_->measure() && lent_.back()->stopped == Stop::kNone) {
      lent_.back()->stopped = Stop::kMemory;
    }
    interrupt_what_is_due();
    lent_changed_.wait_for(lock, ended, kWatchInterval, [] { return false; });
  }
}

void SessionPool::interrupt_what_is_due() {
  const base::MonotonicTime now = clock_.monotonic_now();
  for (Session* session : lent_) {
    if (!session->interruptible) continue;
    if (session->stopped == Stop::kNone) {
      if (session->stop.stop_requested()) {
        session->stopped = Stop::kAsked;
      } else if (now >= session->deadline) {
        session->stopped = Stop::kTimeLimit;
      }
    }
    if (session->stopped == Stop::kNone) continue;
    session->connection.interrupt();
    if (session->stopped_at == base::MonotonicTime{}) session->stopped_at = now;
    if (now - session->stopped_at >= kStopPatience) session->refuses_memory = true;
  }
}

base::Error cancelled() {
  return {base::ErrorCode::kInterrupted, "the query was cancelled", "", "", false};
}

}  // namespace ticklake::query::internal
