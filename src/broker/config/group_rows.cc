#include "broker/config/static_config_builder.h"
#include "broker/config/static_config_rows.h"

namespace ticklake::broker {
namespace {

constexpr int64_t kMinutesMax = kMsMax / (60 * 1000);

}  // namespace

std::vector<StaticConfig> group_rows() {
  return {
      setting(list("group.consumer.assignors", "uniform,range"), TICKLAKE_FIELD(groups.assignors),
              "What groups of KIP-848 may be assigned by, the default first."),
      setting(whole("group.consumer.heartbeat.interval.ms", 1),
              TICKLAKE_FIELD(groups.consumer_heartbeat_interval),
              "How often a member of KIP-848 has to be heard of."),
      setting(whole("group.consumer.max.size", 1), TICKLAKE_FIELD(groups.consumer_members_max),
              "Members of a group of KIP-848 at most."),
      setting(whole("group.consumer.session.timeout.ms", 1),
              TICKLAKE_FIELD(groups.consumer_session_timeout),
              "Silence after which a member of KIP-848 is gone."),
      setting(whole("group.initial.rebalance.delay.ms", 0),
              TICKLAKE_FIELD(groups.initial_rebalance_delay),
              "How long an empty group waits for more members after the first."),
      setting(whole("group.max.session.timeout.ms", 1), TICKLAKE_FIELD(groups.session_timeout_max),
              "Session timeout that a member may ask for at most."),
      setting(whole("group.max.size", 1), TICKLAKE_FIELD(groups.members_max),
              "Members of a classic group at most."),
      setting(whole("group.min.session.timeout.ms", 1), TICKLAKE_FIELD(groups.session_timeout_min),
              "Session timeout that a member has to ask for at least."),
      setting(whole("offset.metadata.max.bytes", 0),
              TICKLAKE_FIELD(groups.offset_metadata_bytes_max),
              "Bytes of the metadata of a committed offset at most."),
      setting(whole_long("offsets.retention.check.interval.ms", 1),
              TICKLAKE_FIELD(groups.offsets_retention_check),
              "How often the broker looks for offsets that expired."),
      setting<std::chrono::minutes>(whole("offsets.retention.minutes", 1, kMinutesMax),
                                    TICKLAKE_FIELD(groups.offsets_retention),
                                    "How long offsets are kept after their group emptied."),
      fixed("offsets.topic.num.partitions", ConfigType::kInt, 1,
            "One node coordinates every group."),
      fixed("offsets.topic.replication.factor", ConfigType::kShort, 1, "One node has one replica."),
  };
}

std::vector<StaticConfig> transaction_rows() {
  return {
      setting(whole("producer.id.expiration.ms", 1), TICKLAKE_FIELD(producer_expiration),
              "Silence after which a partition forgets an idempotent producer."),
      setting(whole("transaction.max.timeout.ms", 1), TICKLAKE_FIELD(transactions.timeout_max),
              "Timeout that a transaction may ask for at most."),
      setting(whole("transaction.remove.expired.transaction.cleanup.interval.ms", 1),
              TICKLAKE_FIELD(transactions.id_expiration_check),
              "How often the broker looks for transactional ids that expired."),
      setting(whole("transactional.id.expiration.ms", 1),
              TICKLAKE_FIELD(transactions.id_expiration),
              "How long a transactional id is kept that is not used."),
      fixed("transaction.state.log.min.isr", ConfigType::kInt, 1, "One node has one replica."),
      fixed("transaction.state.log.num.partitions", ConfigType::kInt, 1,
            "One node coordinates every transaction."),
      fixed("transaction.state.log.replication.factor", ConfigType::kShort, 1,
            "One node has one replica."),
  };
}

}  // namespace ticklake::broker
