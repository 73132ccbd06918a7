#include "base/assert.h"
#include "broker/config/static_config_builder.h"
#include "broker/config/static_config_rows.h"

namespace ticklake::broker {
namespace {

constexpr int64_t kMinuteMs = 60 * 1000;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kKeysBytesMin = int64_t{1} << 20;

/// The default of a topic's config; its type and values are that one's.
StaticConfig topic_default(std::string_view topic_config, std::string_view what) {
  const TopicConfig* const config = find_topic_config(topic_config);
  TICKLAKE_ASSERT(config);
  StaticConfig row{*config, what, topic_config};
  row.rule.name = config->broker_name;
  row.read = [config](const NodeOptions& options) {
    return std::string(default_value(*config, options.topic_defaults));
  };
  row.write = [](NodeOptions&, const std::string&) {};  // see default_topics() in given_configs.cc
  return row;
}

/// The same, of a time in another unit than ms.
StaticConfig in_unit(TopicConfig rule, std::string_view topic_config, int64_t unit_ms,
                     std::string_view otherwise, std::string_view what) {
  StaticConfig row{rule, what, topic_config, unit_ms, otherwise.empty()};
  row.read = [name = rule.name, otherwise](const NodeOptions& options) {
    const auto given = options.given_configs.find(name);
    return given == options.given_configs.end() ? std::string(otherwise) : given->second;
  };
  row.write = [](NodeOptions&, const std::string&) {};
  return row;
}

std::vector<StaticConfig> retention_rows() {
  return {
      topic_default("cleanup.policy", "What happens to old segments of a topic."),
      topic_default("retention.bytes", "A partition's bytes beyond which segments go; -1: none."),
      topic_default("retention.ms", "Age at which segments go; -1: never."),
      in_unit(whole("log.retention.minutes", -1), "retention.ms", kMinuteMs, "",
              "The same in minutes, where log.retention.ms is not set."),
      in_unit(whole("log.retention.hours", -1), "retention.ms", kHourMs, "168",
              "The same in hours, where neither is set."),
      setting(whole_long("log.retention.check.interval.ms", 1), TICKLAKE_FIELD(retention_check),
              "How often the broker looks for old segments."),
      topic_default("segment.bytes", "Size at which a segment is closed."),
      topic_default("segment.ms", "Age at which a segment is closed."),
      in_unit(whole("log.roll.hours", 1), "segment.ms", kHourMs, "168",
              "The same in hours, where log.roll.ms is not set."),
      topic_default("flush.messages", "Records of a partition after which it is synced to disk."),
      topic_default("flush.ms", "Age of a record at which its partition is synced to disk."),
      fixed("log.index.interval.bytes", ConfigType::kInt, 4096,
            "Bytes of batches between two entries of an index."),
  };
}

std::vector<StaticConfig> cleaner_rows() {
  return {
      setting(boolean("log.cleaner.enable"), TICKLAKE_FIELD(has_cleaner),
              "Compact topics whose cleanup.policy names compact."),
      setting(whole_long("log.cleaner.backoff.ms", 0), TICKLAKE_FIELD(cleaner_pause),
              "How often the cleaner looks for something to compact."),
      setting(whole_long("log.cleaner.dedupe.buffer.size", kKeysBytesMin, int64_t{1} << 40),
              TICKLAKE_FIELD(cleaner.keys_bytes_max),
              "Memory for the keys of the partition that is being compacted."),
      topic_default("delete.retention.ms", "For how long a compacted topic keeps a tombstone."),
      topic_default("min.cleanable.dirty.ratio",
                    "Share of a log that is not compacted yet, above which it is."),
      topic_default("min.compaction.lag.ms", "Age below which a record is not compacted away."),
      topic_default("max.compaction.lag.ms", "Age at which a record is compacted at the latest."),
  };
}

}  // namespace

std::vector<StaticConfig> topic_rows() {
  std::vector<StaticConfig> rows{
      setting(boolean("auto.create.topics.enable"), TICKLAKE_FIELD(broker.auto_create_topics),
              "Make a topic that a client asks for and that is not there."),
      setting(boolean("delete.topic.enable"), TICKLAKE_FIELD(broker.deletes_topics),
              "Let clients delete topics."),
      setting(whole("num.partitions", 1, kPartitionsMax), TICKLAKE_FIELD(broker.default_partitions),
              "Partitions of a topic that is made without a number of them."),
      fixed("default.replication.factor", ConfigType::kInt, 1, "One node has one replica."),
      fixed("min.insync.replicas", ConfigType::kInt, 1, "One node has one replica."),
      topic_default("compression.type", "Codec in which batches are kept; producer: as they come."),
      topic_default("max.message.bytes", "Bytes of a batch at most."),
      topic_default("message.timestamp.type", "Whose time a record bears."),
      topic_default("message.timestamp.before.max.ms",
                    "How far a record's own time may lie before the broker's."),
      topic_default("message.timestamp.after.max.ms",
                    "How far a record's own time may lie after the broker's."),
  };
  for (const auto& some : {retention_rows(), cleaner_rows()})
    rows.insert(rows.end(), some.begin(), some.end());
  return rows;
}

}  // namespace ticklake::broker
