#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"
#include "base/socket.h"
#include "base/tls.h"
#include "base/uuid.h"
#include "kafka/client_security.h"
#include "kafka/message.h"

namespace ticklake::kafka {

/// A blocking connection to one broker, for what librdkafka has no call for: plain or TLS, with or
/// without SASL. One request at a time, no retry; after an error it is of no further use. One
/// thread.
class Connection {
 public:
  /// A response may not be larger.
  static constexpr size_t kResponseBytesMax = size_t{64} << 20;

  /// `timeout` holds for connecting and for each wait; errors as those of base::Socket::connect,
  /// and kPermission where one side does not trust the other.
  static base::Result<Connection> open(const base::Endpoint& endpoint,
                                       std::chrono::milliseconds timeout,
                                       const ClientSecurity& security = {});

  /// The newest version of `api` that both sides speak; kUnsupported if there is none.
  base::Result<int16_t> newest_version(const Api& api);

  /// Sends `message` and waits for its response. Views in the response (records) point into this
  /// connection, until its next request. Not for Produce with acks = 0, which has no response.
  template <typename RequestMessage>
  base::Result<typename RequestMessage::Response> request(const RequestMessage& message,
                                                          int16_t version) {
    const RequestHeader header{.api_key = RequestMessage::kApi.key,
                               .api_version = version,
                               .correlation_id = ++correlation_id_,
                               .client_id = "ticklake"};
    TICKLAKE_ASSIGN(const base::ByteView body,
                    exchange(request_frame(header, message), RequestMessage::kApi, version));
    return decode<typename RequestMessage::Response>(body, version);
  }

 private:
  explicit Connection(base::Socket socket) : socket_(std::move(socket)) {}

  base::Result<base::ByteView> exchange(const Frame& request, const Api& api, int16_t version);
  base::Result<void> start_tls(const base::Endpoint& endpoint, const base::TlsClientOptions& tls);
  base::Result<void> authenticate(const ClientSecurity& security);
  base::Result<std::string> send_token(std::string_view token);
  base::Result<void> send(base::ByteView bytes);
  base::Result<void> receive(std::span<std::byte> bytes);
  base::Result<void> send_tls_output();
  base::Result<void> receive_tls_input();

  base::Socket socket_;
  std::optional<base::TlsSession> tls_;
  int32_t correlation_id_ = 0;
  base::Bytes response_;
};

/// To the first of `brokers` (HOST:PORT[,…]) that takes us, with `timeout` for each step.
/// kPermission if one has refused us and none has not, kUnavailable if none answers.
base::Result<Connection> connect_to_any(const std::string& brokers,
                                        std::chrono::milliseconds timeout,
                                        const ClientSecurity& security = {});

/// The id of each topic, which is a new one when a topic is deleted and made again (KIP-516). The
/// id is zero if the broker is older than topic ids. kNotFound names a topic that does not exist.
base::Result<std::map<std::string, base::Uuid>> fetch_topic_ids(
    const base::Endpoint& endpoint, std::span<const std::string> topics,
    std::chrono::milliseconds timeout, const ClientSecurity& security = {});

}  // namespace ticklake::kafka
