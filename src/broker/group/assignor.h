#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "broker/group/partition_set.h"

namespace ticklake::broker {

/// What an assignor is told of a member.
struct AssignorMember {
  std::string order;            ///< members are served in this order: the instance or member id
  std::set<base::Uuid> topics;  ///< that it subscribes to and that exist
  PartitionSet current;         ///< its share so far
};

/// By member id.
using AssignorMembers = std::map<std::string, AssignorMember, std::less<>>;
using Assignment = std::map<std::string, PartitionSet, std::less<>>;
using PartitionCounts = std::map<base::Uuid, int32_t>;  ///< of each topic

/// Gives each partition of a topic to exactly one of the members that subscribe to it, if any does.
/// Pure: the same question has the same answer.
using Assignor = Assignment (*)(const AssignorMembers& members, const PartitionCounts& topics);

/// Shares that differ by one at most where subscriptions allow it; partitions stay where they are
/// as far as that is possible (KIP-848's "uniform").
Assignment assign_uniform(const AssignorMembers& members, const PartitionCounts& topics);
/// Of each topic a range of partitions for each of its subscribers, so that topics with as many
/// partitions are shared alike (KIP-848's "range").
Assignment assign_range(const AssignorMembers& members, const PartitionCounts& topics);

/// Names of the assignors, the default first.
const std::vector<std::string>& assignor_names();
/// Null for a name that is not among these.
Assignor find_assignor(std::string_view name);

}  // namespace ticklake::broker
