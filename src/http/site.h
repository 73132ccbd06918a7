#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include "http/failure.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

namespace ticklake::http {

/// What the clients of one listener may cost.
struct Limits {
  size_t connections_max = 1024;
  /// Between two requests, and before the first one, a handshake of TLS included.
  std::chrono::milliseconds idle_time_max{60'000};
  /// From a request's first byte to the end of its head; likewise for each 64 KiB of its body.
  std::chrono::milliseconds request_time_max{10'000};
  /// For each 512 KiB of an answer: who takes less is let go.
  std::chrono::milliseconds write_time_max{30'000};
  int send_buffer_bytes = 0;  ///< of each socket; 0 leaves the system's choice
};

/// The answer to what no handler answers; `request` is null if there is no readable one.
using AnswerFailure = std::function<Response(const Failure& failure, const Request* request)>;
/// "what: cause" as a line of text.
Response answer_in_text(const Failure& failure, const Request* request);

/// What is served at one listener: its routes, and what all their answers have in common.
struct Site {
  Router router = {};
  /// Before anything is routed; for example same_site().
  Policy policy = anyone();
  AnswerFailure answer_failure = answer_in_text;
  /// Adds to every answer, failures too, what all have; null if there is no readable request.
  std::function<void(const Request*, Response&)> complete = {};
  Limits limits = {};
};

}  // namespace ticklake::http
