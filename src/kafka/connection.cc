#include "kafka/connection.h"

#include <algorithm>

#include "kafka/client_error.h"
#include "kafka/messages/api_versions.h"
#include "kafka/messages/metadata.h"

namespace ticklake::kafka {
namespace {

constexpr int16_t kMetadataWithTopicIds = 10;

}  // namespace

base::Result<Connection> Connection::open(const base::Endpoint& endpoint,
                                          std::chrono::milliseconds timeout,
                                          const ClientSecurity& security) {
  TICKLAKE_ASSIGN(base::Socket socket, base::Socket::connect(endpoint, timeout));
  Connection connection(std::move(socket));
  if (security.uses_tls) TICKLAKE_TRY(connection.start_tls(endpoint, security.tls));
  if (security.uses_sasl) TICKLAKE_TRY(connection.authenticate(security));
  return connection;
}

base::Result<int16_t> Connection::newest_version(const Api& api) {
  // Version 0 says all that is needed here, and every broker understands it.
  TICKLAKE_ASSIGN(const ApiVersionsResponse offered, request(ApiVersionsRequest{}, 0));
  for (const auto& versions : offered.api_keys) {
    if (versions.api_key != static_cast<int16_t>(api.key)) continue;
    const int16_t newest = std::min(versions.max_version, api.version_max);
    if (newest >= std::max(versions.min_version, api.version_min)) return newest;
  }
  return base::fail(base::ErrorCode::kUnsupported,
                    "the broker speaks no version of " + std::string(api.name) + " that we do",
                    "it is too old or too new for this ticklake");
}

base::Result<base::ByteView> Connection::exchange(const Frame& request, const Api& api,
                                                  int16_t version) {
  for (const base::Fragment& fragment : request.fragments()) {
    TICKLAKE_TRY(send(std::get<base::ByteView>(fragment)));
  }
  std::byte length[4];
  TICKLAKE_TRY(receive(length));
  const auto size = base::load_big_endian<uint32_t>(length);
  if (size > kResponseBytesMax) {
    return base::fail(base::ErrorCode::kInvalidData, "malformed response",
                      "it announces " + std::to_string(size) + " bytes",
                      "check the address, and whether security.protocol has to be set (-X, "
                      "--client-config)");
  }
  response_.resize(size);
  TICKLAKE_TRY(receive(response_));
  return parse_response(response_, api, version, correlation_id_);
}

base::Result<Connection> connect_to_any(const std::string& brokers,
                                        std::chrono::milliseconds timeout,
                                        const ClientSecurity& security) {
  base::Error failure = unreachable_error(brokers);
  for (size_t at = 0; at <= brokers.size();) {
    const size_t comma = std::min(brokers.find(',', at), brokers.size());
    TICKLAKE_ASSIGN(const base::Endpoint broker,
                    base::Endpoint::parse(std::string_view(brokers).substr(at, comma - at)));
    auto connection = Connection::open(broker, timeout, security);
    if (connection) return connection;
    // That one does not want us tells more than that another one is not there.
    if (connection.error().code == base::ErrorCode::kPermission) failure = connection.error();
    at = comma + 1;
  }
  return base::fail(std::move(failure));
}

base::Result<std::map<std::string, base::Uuid>> fetch_topic_ids(const base::Endpoint& endpoint,
                                                                std::span<const std::string> topics,
                                                                std::chrono::milliseconds timeout,
                                                                const ClientSecurity& security) {
  TICKLAKE_ASSIGN(Connection connection, Connection::open(endpoint, timeout, security));
  TICKLAKE_ASSIGN(const int16_t version, connection.newest_version(kMetadataApi));
  std::map<std::string, base::Uuid> ids;
  if (version < kMetadataWithTopicIds) {
    for (const std::string& topic : topics)
      ids[topic] = {};
    return ids;
  }
  MetadataRequest request;
  request.allow_auto_topic_creation = false;
  auto& wanted = request.topics.emplace();
  for (const std::string& topic : topics)
    wanted.push_back({.topic_id = {}, .name = topic});
  TICKLAKE_ASSIGN(const MetadataResponse response, connection.request(request, version));
  for (const auto& topic : response.topics) {
    if (topic.name && topic.error_code == ErrorCode::kNone) ids[*topic.name] = topic.topic_id;
  }
  for (const std::string& topic : topics) {
    if (ids.contains(topic)) continue;
    return base::fail(base::ErrorCode::kNotFound, "no topic '" + topic + "' on " + endpoint.text(),
                      {}, "check the name, or create the topic first");
  }
  return ids;
}

}  // namespace ticklake::kafka
