#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "broker/group/consumer_group.h"
#include "broker/group/group_records.h"

namespace ticklake::broker {

// The records of groups of KIP-848 in Kafka's schemas (ConsumerGroupMetadata, -MemberMetadata,
// -TargetAssignmentMetadata, -TargetAssignmentMember, -CurrentMemberAssignment; Kafka 4.0). Values
// have version 0 and are flexible (KIP-482).

OffsetsRecord consumer_group_record(const std::string& group_id, const ConsumerGroup& group);
OffsetsRecord consumer_member_record(const std::string& group_id, const ConsumerMember& member);
OffsetsRecord target_epoch_record(const std::string& group_id, int32_t target_epoch);
OffsetsRecord target_record(const std::string& group_id, const std::string& member_id,
                            const PartitionSet& target);
OffsetsRecord current_record(const std::string& group_id, const ConsumerMember& member);
OffsetsRecord consumer_tombstone(const ConsumerKey& key);
/// Everything that there is to know of a member goes.
void add_member_tombstones(std::vector<OffsetsRecord>& records, const std::string& group_id,
                           const std::string& member_id);
/// Likewise of a group, with its members and with what went from it in lost writes.
void add_group_tombstones(std::vector<OffsetsRecord>& records, const std::string& group_id,
                          const ConsumerGroup& group);
/// The whole group; before it, what went from it in lost writes.
std::vector<OffsetsRecord> all_records(const std::string& group_id, const ConsumerGroup& group);

/// Changes `group` as the record says; a value of none is a tombstone (of a member: the group's own
/// is not its concern). kInvalidData if cut, kUnsupported for a newer version; then the group is
/// unchanged.
base::Result<void> apply_record(ConsumerGroup& group, const ConsumerKey& key,
                                std::optional<base::ByteView> value);

}  // namespace ticklake::broker
