#pragma once

#include <algorithm>
#include <set>
#include <span>
#include <string>

#include "broker/broker.h"
#include "broker/request_context.h"
#include "kafka/api.h"
#include "kafka/messages/fetch.h"

namespace ticklake::broker {

/// Answers one request of one API, now or later. What it throws away unanswered is closed.
using Handler = void (*)(Broker& broker, RequestContext request);

struct HandlerEntry {
  const kafka::Api& api;
  /// The range that ApiVersions announces; it may begin before what is served (see 00_produce.cc).
  int16_t announced_min;
  int16_t announced_max;
  Handler handle;
};

/// Every API of this broker, by key. An API that is not here is not announced.
std::span<const HandlerEntry> handler_entries();

void handle_produce(Broker& broker, RequestContext request);
void handle_fetch(Broker& broker, RequestContext request);
void handle_list_offsets(Broker& broker, RequestContext request);
void handle_metadata(Broker& broker, RequestContext request);
void handle_offset_commit(Broker& broker, RequestContext request);
void handle_offset_fetch(Broker& broker, RequestContext request);
void handle_find_coordinator(Broker& broker, RequestContext request);
void handle_join_group(Broker& broker, RequestContext request);
void handle_heartbeat(Broker& broker, RequestContext request);
void handle_leave_group(Broker& broker, RequestContext request);
void handle_sync_group(Broker& broker, RequestContext request);
void handle_describe_groups(Broker& broker, RequestContext request);
void handle_list_groups(Broker& broker, RequestContext request);
void handle_sasl_handshake(Broker& broker, RequestContext request);
void handle_sasl_authenticate(Broker& broker, RequestContext request);
void handle_api_versions(Broker& broker, RequestContext request);
void handle_create_topics(Broker& broker, RequestContext request);
void handle_delete_topics(Broker& broker, RequestContext request);
void handle_delete_records(Broker& broker, RequestContext request);
void handle_init_producer_id(Broker& broker, RequestContext request);
void handle_offset_for_leader_epoch(Broker& broker, RequestContext request);
void handle_add_partitions_to_txn(Broker& broker, RequestContext request);
void handle_add_offsets_to_txn(Broker& broker, RequestContext request);
void handle_end_txn(Broker& broker, RequestContext request);
void handle_txn_offset_commit(Broker& broker, RequestContext request);
void handle_describe_acls(Broker& broker, RequestContext request);
void handle_create_acls(Broker& broker, RequestContext request);
void handle_delete_acls(Broker& broker, RequestContext request);
void handle_describe_producers(Broker& broker, RequestContext request);
void handle_describe_transactions(Broker& broker, RequestContext request);
void handle_list_transactions(Broker& broker, RequestContext request);
void handle_describe_configs(Broker& broker, RequestContext request);
void handle_alter_configs(Broker& broker, RequestContext request);
void handle_describe_log_dirs(Broker& broker, RequestContext request);
void handle_create_partitions(Broker& broker, RequestContext request);
void handle_delete_groups(Broker& broker, RequestContext request);
void handle_incremental_alter_configs(Broker& broker, RequestContext request);
void handle_offset_delete(Broker& broker, RequestContext request);
void handle_consumer_group_heartbeat(Broker& broker, RequestContext request);
void handle_consumer_group_describe(Broker& broker, RequestContext request);
void handle_describe_client_quotas(Broker& broker, RequestContext request);
void handle_alter_client_quotas(Broker& broker, RequestContext request);
void handle_describe_user_scram_credentials(Broker& broker, RequestContext request);
void handle_alter_user_scram_credentials(Broker& broker, RequestContext request);
void handle_describe_cluster(Broker& broker, RequestContext request);
void handle_describe_topic_partitions(Broker& broker, RequestContext request);

/// Decodes the body as `Message` of the request's version. Closes the connection (and logs why) if
/// it does not parse: what comes next on it cannot be trusted.
template <typename Message>
std::optional<Message> decode_or_close(Broker& broker, RequestContext& request) {
  auto message = kafka::decode<Message>(request.body, request.header.api_version);
  if (message) return std::move(*message);
  broker.logger().warn("closing a connection from {}: {} v{}: {}", request.client_host,
                       Message::kApi.name, request.header.api_version,
                       base::to_line(message.error()));
  request.reply.close();
  return std::nullopt;
}

/// Clients of before a version know a fenced producer only by kInvalidProducerEpoch.
inline kafka::ErrorCode fenced_as_of(int16_t version, int16_t known_from, kafka::ErrorCode error) {
  const bool is_unknown = version < known_from && error == kafka::ErrorCode::kProducerFenced;
  return is_unknown ? kafka::ErrorCode::kInvalidProducerEpoch : error;
}

/// Up to where a reader of that isolation level (0: read_uncommitted, 1: read_committed) may read.
inline int64_t readable_end(const PartitionState& partition, int8_t isolation_level) {
  if (isolation_level == 0) return partition.high_watermark;
  // Retention may drop the begin of a transaction that is still open.
  return std::max(partition.last_stable_offset, partition.log->start_offset());
}

/// What a Fetch has to answer right now; see 01_fetch.cc.
struct FetchAnswer {
  kafka::FetchResponse response;
  Payloads payloads;
  size_t bytes = 0;
  bool has_error = false;
};
/// Topics by name of which the reader gets nothing but an error. Empty for a fetch that waits: it
/// would have been answered at once.
using RefusedTopics = std::set<std::string, std::less<>>;
FetchAnswer read_fetch(Broker& broker, const kafka::FetchRequest& request,
                       const RefusedTopics& refused);

}  // namespace ticklake::broker
