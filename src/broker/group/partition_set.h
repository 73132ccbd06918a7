#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/uuid.h"
#include "kafka/messages/consumer_group_heartbeat.h"

namespace ticklake::broker {

/// Partitions by the id of their topic, as KIP-848 assigns them. No topic is without a partition.
using PartitionSet = std::map<base::Uuid, std::set<int32_t>>;

bool contains(const PartitionSet& set, const base::Uuid& topic, int32_t partition);
/// Whether everything in `part` is in `whole`.
bool includes(const PartitionSet& whole, const PartitionSet& part);
bool intersect(const PartitionSet& left, const PartitionSet& right);
/// What is in `from` and not in `taken`.
PartitionSet without(const PartitionSet& from, const PartitionSet& taken);
PartitionSet common(const PartitionSet& left, const PartitionSet& right);
void add(PartitionSet& to, const PartitionSet& more);
size_t count(const PartitionSet& set);

PartitionSet from_message(const std::vector<kafka::TopicIdPartitions>& topics);
std::vector<kafka::TopicIdPartitions> to_message(const PartitionSet& set);

}  // namespace ticklake::broker
