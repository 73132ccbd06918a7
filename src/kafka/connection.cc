#include "kafka/connection.h"

#include <algorithm>

#include "kafka/messages/api_versions.h"
#include "kafka/messages/metadata.h"

namespace ticklake::kafka {
namespace {

constexpr int16_t kMetadataWithTopicIds = 10;

}  // namespace

base::Result<Connection> Connection::open(const base::Endpoint& endpoint,
                                          std::chrono::milliseconds timeout) {
  TICKLAKE_ASSIGN(base::Socket socket, base::Socket::connect(endpoint, timeout));
  return Connection(std::move(socket));
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
  for (const base::ByteView fragment : request.fragments()) {
    TICKLAKE_TRY(socket_.send(fragment));
  }
  std::byte length[4];
  TICKLAKE_TRY(socket_.receive(length));
  const auto size = base::load_big_endian<uint32_t>(length);
  if (size > kResponseBytesMax) {
    return base::fail(base::ErrorCode::kInvalidData, "malformed response",
                      "it announces " + std::to_string(size) + " bytes",
                      "check that the address is that of a Kafka broker without TLS");
  }
  response_.resize(size);
  TICKLAKE_TRY(socket_.receive(response_));
  return parse_response(response_, api, version, correlation_id_);
}

base::Result<std::map<std::string, base::Uuid>> fetch_topic_ids(const base::Endpoint& endpoint,
                                                                std::span<const std::string> topics,
                                                                std::chrono::milliseconds timeout) {
  TICKLAKE_ASSIGN(Connection connection, Connection::open(endpoint, timeout));
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
