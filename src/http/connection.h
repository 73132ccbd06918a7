#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "http/exchange.h"
#include "http/input_buffer.h"
#include "http/request_parser.h"
#include "http/runtime.h"
#include "http/site.h"
#include "http/transport.h"

namespace ticklake::http {

/// Serves the requests of one client, one after the other, from the first to the end.
class Connection final : private Exchange {
 public:
  /// What is passed must outlive the connection.
  Connection(Transport& transport, const Site& site, Runtime& runtime);

  Task<void> run();
  /// Says 503 to the first request, which is not read, and ends.
  Task<void> refuse();

  /// To be called several times a second while it runs: ends what takes too long, tells a handler
  /// whose client has left.
  void look_after(base::MonotonicTime now);
  /// The server stops: idle connections end at once, handlers are told.
  void stop();
  /// Ends it also amid an answer.
  void abort();

 private:
  class Writer;
  enum class Phase : uint8_t { kIdle, kHead, kBody, kHandler, kWrite, kLinger };

  // Exchange
  const Request& request() const override;
  Task<base::Result<base::ByteView>> read_body() override;
  std::stop_token stop_token() override;
  using Exchange::sleep;
  Task<bool> sleep(std::chrono::milliseconds duration, std::stop_token woken) override;
  Task<void> run_beside(std::function<void()>& work) override;

  Task<bool> read_head();
  void begin_body();
  Task<Response> respond();
  Task<Response> route();
  Task<void> wait_for_body();
  Task<base::Result<void>> tell_to_continue();
  Task<base::Result<size_t>> read_more(size_t size);
  Task<void> send(Response response);
  bool read_small_file(Response& response);
  Task<base::Result<void>> write_body(Response& response, bool is_chunked);
  Task<base::Result<void>> write_stream(BodyStream& stream, bool is_chunked);
  Task<base::Result<void>> write_parts(std::span<const base::Fragment> parts);
  Task<void> drain();
  Task<void> linger();
  Response answer_failure(const Failure& failure);
  Failure body_too_large() const;
  bool may_keep_alive(const Response& response) const;
  void begin_wait(Phase phase, std::chrono::milliseconds time_max);
  void end_wait();
  void request_stop();

  Transport& transport_;
  const Site& site_;
  Runtime& runtime_;
  Peer peer_;
  bool is_peer_known_ = false;  ///< its certificate too, which only a read shows
  RequestParser parser_;
  InputBuffer input_;
  Phase phase_ = Phase::kIdle;
  std::optional<base::MonotonicTime> deadline_;
  bool is_late_ = false;        ///< the deadline has passed
  bool is_stopping_ = false;    ///< the server is
  bool has_left_ = false;       ///< the client, amid a request
  bool is_broken_ = false;      ///< nothing more can be written
  bool keeps_alive_ = true;     ///< after the request that is being answered
  bool has_request_ = false;    ///< its head could be read
  bool must_continue_ = false;  ///< the client waits for "100 Continue"
  uint64_t body_bytes_ = 0;
  uint64_t body_bytes_max_ = 0;
  size_t piece_bytes_ = 0;      ///< of the input, that the handler looks at
  uint64_t body_step_end_ = 0;  ///< so many bytes have to be read until the time begins anew
  std::chrono::milliseconds body_time_left_{};  ///< to wait for them
  std::optional<Failure> failure_;              ///< of reading the body
  std::optional<std::stop_source> stop_source_;
  std::string output_;      ///< the head of an answer
  std::string small_body_;  ///< what was read of a small file
};

}  // namespace ticklake::http
