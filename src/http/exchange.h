#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "http/request.h"
#include "http/task.h"

namespace ticklake::http {

/// One request on its way to its answer, as a handler that waits for something sees it. All of it
/// belongs to the thread of the connection, on which the handler runs, and lasts until the answer
/// is sent: a BodyStream may use it too.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;

  /// The next piece of the body, empty at its end; valid until the next call. What the client sends
  /// is read only as fast as it is asked for. A client that waits for "100 Continue" is told so at
  /// the first call, and sends nothing before. After an error (the client is gone, is too slow,
  /// sends more than the route allows, or no HTTP) it does not matter what the handler answers.
  virtual Task<base::Result<base::ByteView>> read_body() = 0;
  /// All of the body, of which the route says how large it may be.
  Task<base::Result<std::string>> read_whole_body();

  /// A stop is requested when the client closes the connection, and when the server stops.
  virtual std::stop_token stop_token() = 0;

  /// Runs `work` on a thread where it may block, and goes on with what it returns. What it throws
  /// is thrown here.
  template <typename Work>
  Task<std::invoke_result_t<Work&>> run_blocking(Work work) {
    using Outcome = std::invoke_result_t<Work&>;
    if constexpr (std::is_void_v<Outcome>) {
      std::function<void()> call = [&work] { work(); };
      co_await run_beside(call);
    } else {
      std::optional<Outcome> outcome;
      std::function<void()> call = [&work, &outcome] { outcome.emplace(work()); };
      co_await run_beside(call);
      co_return std::move(*outcome);
    }
  }

  /// False if a stop was requested meanwhile; then it returns early, and so it does, with true,
  /// when one of `woken` is requested, from the thread of the connection.
  virtual Task<bool> sleep(std::chrono::milliseconds duration, std::stop_token woken) = 0;
  Task<bool> sleep(std::chrono::milliseconds duration);

 protected:
  virtual Task<void> run_beside(std::function<void()>& work) = 0;
};

}  // namespace ticklake::http
