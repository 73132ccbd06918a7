#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "broker/security/access.h"
#include "broker/security/principal.h"
#include "kafka/message.h"

namespace ticklake::broker {

class Authentication;
class Connection;

/// Memory that a response points into, until it has been sent.
using Payloads = std::vector<std::unique_ptr<std::byte[]>>;

/// The obligation to answer one request, once, now or later, on the broker's loop. Responses leave
/// in the order of their requests, whatever order they are given in. A Reply that is dropped
/// unanswered closes its connection: a client would wait for ever. Answering after the connection
/// is gone does nothing.
class Reply {
 public:
  Reply(std::weak_ptr<Connection> connection, uint64_t sequence, int32_t correlation_id,
        int16_t version);
  Reply(Reply&& other) noexcept;
  Reply& operator=(Reply&&) = delete;
  ~Reply();

  /// `payloads` holds the memory that views in the response point to.
  template <typename Response>
  void send(const Response& response, Payloads payloads = {}) {  // NOLINT: it is moved
    kafka::Frame frame = kafka::response_frame(correlation_id_, response, version_);
    if constexpr (requires { response.throttle_time_ms; }) {
      if (const int32_t throttle_ms = throttle(frame.size()); throttle_ms > 0) {
        Response throttled = response;
        throttled.throttle_time_ms = throttle_ms;
        frame = kafka::response_frame(correlation_id_, throttled, version_);
      }
    }
    send_frame(std::move(frame), std::move(payloads));
  }
  /// As send(), in another version than the request's (ApiVersions' fallback).
  template <typename Response>
  void send_as(int16_t version, const Response& response) {
    send_frame(kafka::response_frame(correlation_id_, response, version), {});
  }
  /// As send(), and the connection is closed once the client has it.
  template <typename Response>
  void send_last(const Response& response) {
    close_after();
    send(response);
  }
  /// The bytes behind their length alone (a SASL token).
  void send_raw(base::ByteView bytes);
  /// For a produce with acks=0.
  void send_nothing();
  /// Closes the connection: what the client sent cannot be answered.
  void close();

 private:
  void send_frame(kafka::Frame frame, Payloads payloads);
  void close_after();
  /// For how long the client has to be silent after an answer of that size (client quotas).
  int32_t throttle(size_t answer_bytes) const;

  std::weak_ptr<Connection> connection_;
  uint64_t sequence_ = 0;
  int32_t correlation_id_ = 0;
  int16_t version_ = 0;
  bool is_open_ = true;
};

/// One request as a handler gets it. `body` is valid until the handler returns.
struct RequestContext {
  kafka::RequestHeader header;
  base::ByteView body;
  Principal principal;
  Access access;  ///< what the principal may do; valid as long as the connection
  std::shared_ptr<Authentication> authentication;  ///< null where there is no SASL
  std::string client_host;    ///< "/127.0.0.1", as Kafka's descriptions show it
  base::Endpoint advertised;  ///< the address under which this client reaches this broker
  Reply reply;
};

}  // namespace ticklake::broker
