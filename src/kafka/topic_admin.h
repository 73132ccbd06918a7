#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/admin.h"

namespace ticklake::kafka {

// What Kafka's own shell scripts do to topics, through librdkafka's Admin API, so that it works
// with any Kafka. kNotFound for a topic that is not there; an error's cause is what the broker
// said.

struct PartitionDescription {
  int32_t id = 0;
  int32_t leader = -1;  ///< node id; -1 while there is none
  std::vector<int32_t> replicas;
  std::vector<int32_t> in_sync;
};
struct TopicDescription {
  std::string name;
  std::vector<PartitionDescription> partitions;  ///< by id
};
struct ConfigValue {
  std::string name;
  std::optional<std::string> value;  ///< none where it is kept secret
  bool is_set_on_topic = false;      ///< not the broker's, nor a default
};

/// All topics by name, internal ones too.
base::Result<std::vector<TopicDescription>> list_topics(const Admin& admin);
base::Result<TopicDescription> describe_topic(const Admin& admin, const std::string& topic);
/// kAlreadyExists if it is there.
base::Result<void> create_topic(const Admin& admin, const NewTopic& topic);
base::Result<void> delete_topic(const Admin& admin, const std::string& topic);
/// `count` partitions in all, more than there are.
base::Result<void> set_partition_count(const Admin& admin, const std::string& topic, int32_t count);
/// By name.
base::Result<std::vector<ConfigValue>> describe_topic_configs(const Admin& admin,
                                                              const std::string& topic);
/// Sets these, and gives those without a value back to the default. What else is set stays.
base::Result<void> alter_topic_configs(
    const Admin& admin, const std::string& topic,
    const std::map<std::string, std::optional<std::string>>& changes);
/// Removes everything before the offset of each partition (-1: its end). Gives the offsets at which
/// the partitions begin now.
base::Result<std::map<int32_t, int64_t>> delete_records(const Admin& admin,
                                                        const std::string& topic,
                                                        const std::map<int32_t, int64_t>& before);

}  // namespace ticklake::kafka
