#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/result.h"

namespace ticklake::http {

/// A coroutine that somebody waits for: it begins when it is awaited and ends before its caller
/// goes on. One thread (a connection's) resumes it, whatever it waited for.
///
/// Two traps of g++ 12: it awaits the right side of && and || whatever the left one is, and
/// destroys twice what stands in braces among the arguments of a call that is awaited. So a
/// co_await stands alone, and its arguments have names.
///
/// Asio's own awaitable would add 0.4 s to the compilation of every file with a handler, and an
/// executor to every test without a socket.
template <typename T>
class [[nodiscard]] Task;

namespace detail {

class PromiseBase {
 public:
  /// Resumes the caller, unless that is still within start(), which then sees that it is done.
  struct End {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      promise.is_done_ = true;
      if (promise.caller_) return promise.caller_;
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  End final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  bool is_done() const { return is_done_; }
  /// Whom the end resumes.
  void set_caller(std::coroutine_handle<> caller) { caller_ = caller; }
  void rethrow() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::coroutine_handle<> caller_;
  std::exception_ptr exception_;
  bool is_done_ = false;
};

template <typename T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object();
  template <typename From>
  void return_value(From&& value) {
    value_.emplace(std::forward<From>(value));
  }
  T take() {
    rethrow();
    TICKLAKE_ASSERT(value_);
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  inline Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

}  // namespace detail

template <typename T>
class Task {
 public:
  using promise_type = detail::Promise<T>;

  Task(Task&& other) noexcept : self_(std::exchange(other.self_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(self_, other.self_);
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (self_) self_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  /// A task that ends without waiting returns to its caller as a function does: loops over such
  /// tasks need no more stack with each round, also where the compiler makes no tail calls.
  bool await_suspend(std::coroutine_handle<> caller) {
    self_.resume();
    if (self_.promise().is_done()) return false;
    self_.promise().set_caller(caller);
    return true;
  }
  T await_resume() { return self_.promise().take(); }

 private:
  friend class detail::Promise<T>;
  explicit Task(std::coroutine_handle<promise_type> self) : self_(self) {}

  std::coroutine_handle<promise_type> self_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

/// A coroutine that nobody waits for; its frame goes when it ends.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    /// What runs detached catches by itself.
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

}  // namespace detail

/// Begins `task` now; `done` is called with what it threw, or null, when it has ended.
template <typename Done>
detail::Detached run_detached(Task<void> task, Done done) {
  std::exception_ptr thrown;
  try {
    co_await task;
  } catch (...) {
    thrown = std::current_exception();
  }
  done(thrown);
}

}  // namespace ticklake::http

/// TICKLAKE_TRY within a coroutine.
#define TICKLAKE_CO_TRY(expression)                                 \
  do {                                                              \
    if (auto ticklake_result = (expression); !ticklake_result) {    \
      co_return tl::unexpected(std::move(ticklake_result).error()); \
    }                                                               \
  } while (false)

/// TICKLAKE_ASSIGN within a coroutine.
#define TICKLAKE_CO_ASSIGN(declaration, expression) \
  TICKLAKE_CO_ASSIGN_(TICKLAKE_JOIN(ticklake_result_, __LINE__), declaration, expression)
#define TICKLAKE_CO_ASSIGN_(result, declaration, expression)        \
  auto result = (expression);                                       \
  if (!result) co_return tl::unexpected(std::move(result).error()); \
  declaration = std::move(*result)
