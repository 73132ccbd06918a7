#include "broker/group/partition_set.h"

#include <algorithm>
#include <iterator>

namespace ticklake::broker {

bool contains(const PartitionSet& set, const base::Uuid& topic, int32_t partition) {
  const auto found = set.find(topic);
  return found != set.end() && found->second.contains(partition);
}

bool includes(const PartitionSet& whole, const PartitionSet& part) {
  return std::ranges::all_of(part, [&](const auto& topic) {
    const auto found = whole.find(topic.first);
    return found != whole.end() && std::ranges::includes(found->second, topic.second);
  });
}

bool intersect(const PartitionSet& left, const PartitionSet& right) {
  return !common(left, right).empty();
}

PartitionSet without(const PartitionSet& from, const PartitionSet& taken) {
  PartitionSet rest;
  for (const auto& [topic, partitions] : from) {
    const auto found = taken.find(topic);
    std::set<int32_t> left;
    if (found == taken.end()) {
      left = partitions;
    } else {
      std::ranges::set_difference(partitions, found->second, std::inserter(left, left.end()));
    }
    if (!left.empty()) rest.emplace(topic, std::move(left));
  }
  return rest;
}

PartitionSet common(const PartitionSet& left, const PartitionSet& right) {
  PartitionSet shared;
  for (const auto& [topic, partitions] : left) {
    const auto found = right.find(topic);
    if (found == right.end()) continue;
    std::set<int32_t> both;
    std::ranges::set_intersection(partitions, found->second, std::inserter(both, both.end()));
    if (!both.empty()) shared.emplace(topic, std::move(both));
  }
  return shared;
}

void add(PartitionSet& to, const PartitionSet& more) {
  for (const auto& [topic, partitions] : more)
    to[topic].insert(partitions.begin(), partitions.end());
}

size_t count(const PartitionSet& set) {
  size_t sum = 0;
  for (const auto& [topic, partitions] : set)
    sum += partitions.size();
  return sum;
}

PartitionSet from_message(const std::vector<kafka::TopicIdPartitions>& topics) {
  PartitionSet set;
  for (const kafka::TopicIdPartitions& topic : topics) {
    if (topic.partitions.empty()) continue;
    set[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
  }
  return set;
}

std::vector<kafka::TopicIdPartitions> to_message(const PartitionSet& set) {
  std::vector<kafka::TopicIdPartitions> topics;
  topics.reserve(set.size());
  for (const auto& [topic, partitions] : set)
    topics.push_back({topic, {partitions.begin(), partitions.end()}});
  return topics;
}

}  // namespace ticklake::broker
