#include "query/session.h"

#include <algorithm>

namespace ticklake::query::internal {
namespace {

/// How late an interruption may come. DuckDB forgets one that arrives between two statements, so
/// it is repeated at this pace until the session comes back.
constexpr std::chrono::milliseconds kWatchInterval{20};

}  // namespace

SessionPool::SessionPool(table::Database& database, const base::Clock& clock, EngineLimits limits)
    : database_(database),
      clock_(clock),
      limits_(limits),
      watcher_([this](const std::stop_token& ended) { watch(ended); }) {}

SessionPool::~SessionPool() = default;

base::Result<std::unique_ptr<Session>> SessionPool::lend(const QueryRequest& request) {
  std::unique_lock lock(mutex_);
  const auto has_room = [this] { return !idle_.empty() || lent_.size() < limits_.sessions_max; };
  if (!freed_.wait_for(lock, request.time_max, has_room)) {
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
  lent_.push_back(session.get());
  lent_changed_.notify_all();
  return session;
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
    } else {
      lent_changed_.wait_for(lock, ended, kWatchInterval, [] { return false; });
      interrupt_what_is_due();
    }
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
    if (session->stopped != Stop::kNone) session->connection.interrupt();
  }
}

}  // namespace ticklake::query::internal
