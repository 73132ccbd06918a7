#include "cli/own_clients.h"

#include <algorithm>

#include "broker/log/topic_configs.h"

namespace ticklake::cli {
namespace {

/// librdkafka's batch.size by default.
constexpr size_t kBatchBytes = 1'000'000;
/// Of a Produce request, beside its batch.
constexpr size_t kRequestOverhead = 1024;

size_t batch_bytes_max(const broker::NodeOptions& broker) {
  const auto* const config = broker::find_topic_config("max.message.bytes");
  const std::string value(broker::default_value(*config, broker.topic_defaults));
  const size_t request_bytes = broker.limits.request_bytes_max;
  const size_t by_request = request_bytes - std::min(request_bytes, kRequestOverhead);
  return std::min({kBatchBytes, static_cast<size_t>(std::stoull(value)), by_request});
}

}  // namespace

OwnClients own_clients(const broker::NodeOptions& broker,
                       std::chrono::milliseconds session_timeout) {
  OwnClients own;
  if (const size_t bytes = batch_bytes_max(broker); bytes < kBatchBytes) {
    own.producer.emplace_back("batch.size", std::to_string(std::max<size_t>(bytes, 1)));
  }
  // The rows of the data set have no key, which a compacted topic would refuse.
  const auto policy = broker.topic_defaults.find("cleanup.policy");
  if (policy != broker.topic_defaults.end()) own.topic_configs = {{"cleanup.policy", "delete"}};
  const broker::GroupSettings& groups = broker.groups;
  own.session_timeout =
      std::clamp(session_timeout, groups.session_timeout_min, groups.session_timeout_max);
  return own;
}

}  // namespace ticklake::cli
