#include "broker/config/static_config_builder.h"
#include "broker/config/static_config_rows.h"

namespace ticklake::broker {

std::vector<StaticConfig> connection_rows() {
  constexpr int64_t kQuotaSamplesMax = 100;
  constexpr int64_t kQuotaSampleMax = 24 * 60 * 60;
  return {
      setting(whole("connection.failed.authentication.delay.ms", 0),
              TICKLAKE_FIELD(authentication.failure_delay),
              "How long a wrong password waits for its answer."),
      setting(whole_long("connections.max.idle.ms", -1), TICKLAKE_FIELD(limits.idle_max),
              "Silence after which a connection is closed; -1: never."),
      setting(whole("fetch.max.bytes", 1024), TICKLAKE_FIELD(broker.fetch_bytes_max),
              "Bytes of a Fetch response at most, but for its first batch."),
      setting(whole("max.connections", 1), TICKLAKE_FIELD(limits.connections_max),
              "Clients at a time, as --connections."),
      setting(whole("max.connections.per.ip", 1),
              TICKLAKE_FIELD(limits.connections_per_address_max),
              "Clients at a time from one address, as --connections-per-address."),
      setting(whole("max.incremental.fetch.session.cache.slots", 0),
              TICKLAKE_FIELD(broker.fetch_sessions.sessions_max),
              "Incremental fetch sessions at a time."),
      setting(whole("max.request.partition.size.limit", 1),
              TICKLAKE_FIELD(broker.partitions_per_answer),
              "Partitions in an answer to DescribeTopicPartitions at most."),
      setting(whole_long("queued.max.request.bytes", 1, int64_t{1} << 40),
              TICKLAKE_FIELD(limits.request_memory_max),
              "Memory for requests of all clients; beyond it no more is read."),
      setting(whole("quota.window.num", 1, kQuotaSamplesMax),
              TICKLAKE_FIELD(broker.quota_window.samples),
              "Samples that a client's rate is taken from."),
      setting<std::chrono::seconds>(whole("quota.window.size.seconds", 1, kQuotaSampleMax),
                                    TICKLAKE_FIELD(broker.quota_window.sample),
                                    "Seconds of each of these samples."),
      setting(list("sasl.enabled.mechanisms", "SCRAM-SHA-512,SCRAM-SHA-256,PLAIN"),
              TICKLAKE_FIELD(authentication.mechanisms),
              "How clients of SASL listeners may say who they are."),
      setting(whole("sasl.server.max.receive.size", 1),
              TICKLAKE_FIELD(authentication.request_bytes_max),
              "Bytes of a request at most before its client is known."),
      setting(whole("socket.request.max.bytes", 1), TICKLAKE_FIELD(limits.request_bytes_max),
              "Bytes of a request at most."),
  };
}

}  // namespace ticklake::broker
