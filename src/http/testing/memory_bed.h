#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.h"
#include "http/connection.h"
#include "http/runtime.h"
#include "http/transport.h"

namespace ticklake::http {

/// A client who sends some bytes, in pieces, and then no more; what it is sent is kept.
class MemoryTransport final : public Transport {
 public:
  /// Each read gives at most `piece_bytes`.
  explicit MemoryTransport(std::string input, size_t piece_bytes = SIZE_MAX)
      : input_(std::move(input)), piece_bytes_(piece_bytes) {}

  Task<base::Result<size_t>> read_some(std::span<std::byte> into) override {
    ++reads;
    const size_t size = std::min({into.size(), piece_bytes_, input_.size() - given_});
    std::ranges::copy(base::as_bytes(input_).subspan(given_, size), into.begin());
    given_ += size;
    co_return size;
  }
  Task<base::Result<void>> write(std::span<const base::Fragment> parts) override {
    ++writes;
    if (output.size() >= output_bytes_max)
      co_return base::fail(base::ErrorCode::kUnavailable, "the client is gone");
    for (const base::Fragment& part : parts) {
      const size_t end = output.size();
      output.resize(end + base::size_of(part));
      const std::span into(reinterpret_cast<std::byte*>(output.data()) + end, base::size_of(part));
      TICKLAKE_CO_TRY(base::copy_to(into, part));
    }
    co_return base::Result<void>();
  }
  void cancel() override {}
  Task<void> shut_down() override { co_return; }
  bool has_client_left() override { return has_left; }
  Peer peer() const override { return {"127.0.0.1", {"127.0.0.1", 80}}; }

  /// Of the input, what nobody has read.
  size_t unread() const { return input_.size() - given_; }

  std::string output;
  size_t output_bytes_max = SIZE_MAX;  ///< the client goes when it has so many
  size_t reads = 0;
  size_t writes = 0;
  bool has_left = false;

 private:
  std::string input_;
  size_t piece_bytes_;
  size_t given_ = 0;
};

/// A machine on which nothing takes time but sleep().
class MemoryRuntime final : public Runtime {
 public:
  base::MonotonicTime now() override { return clock.monotonic_now(); }
  std::string_view date() override { return "Sun, 06 Nov 1994 08:49:37 GMT"; }
  base::Logger& logger() override { return *logger_; }
  Task<void> run_beside(std::function<void()>& work) override {
    work();
    co_return;
  }
  Task<void> sleep(std::chrono::milliseconds duration, std::stop_token) override {
    clock.advance(duration);
    co_return;
  }

  base::ManualClock clock;

 private:
  std::shared_ptr<base::Logger> logger_ = base::make_null_logger();
};

}  // namespace ticklake::http
