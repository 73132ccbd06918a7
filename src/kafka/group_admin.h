#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"

namespace ticklake::kafka {

// What kafka-consumer-groups.sh does, through librdkafka's Admin API.

struct GroupListing {
  std::string id;
  std::string state;  ///< "Stable", "Empty" …, as Kafka calls them
};
struct GroupMember {
  std::string id;
  std::string instance_id;  ///< of a static member, else empty
  std::string client_id;
  std::string host;
  std::vector<TopicPartition> partitions;
};
struct GroupDescription {
  std::string id;
  std::string state;
  std::string assignor;
  std::vector<GroupMember> members;
};

/// By id.
base::Result<std::vector<GroupListing>> list_groups(const Admin& admin);
/// A group that is not there is one without members in the state "Dead", as Kafka says it.
base::Result<GroupDescription> describe_group(const Admin& admin, const std::string& group);
/// Only if it has no members.
base::Result<void> delete_group(const Admin& admin, const std::string& group);

/// Committed offsets of all partitions that have one.
base::Result<std::map<TopicPartition, int64_t>> group_offsets(const Admin& admin,
                                                              const std::string& group);
/// Only if the group has no members.
base::Result<void> set_group_offsets(const Admin& admin, const std::string& group,
                                     const std::map<TopicPartition, int64_t>& offsets);

/// The first offset of each partition with a record of that time or later; the partition's end if
/// there is none.
base::Result<std::map<TopicPartition, int64_t>> offsets_for_time(
    Admin& admin, const std::vector<TopicPartition>& partitions, base::WallTime time);

}  // namespace ticklake::kafka
