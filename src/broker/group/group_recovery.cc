#include <utility>

#include "broker/group/group_coordinator.h"

namespace ticklake::broker {

base::Result<void> GroupCoordinator::recover() {
  OffsetsLog::Visitor visitor;
  visitor.record = [this](base::ByteView key, std::optional<base::ByteView> value,
                          int64_t producer_id) {
    const auto result = replay(key, value, producer_id);
    if (!result) logger_->warn("passing over a record: {}", base::to_line(result.error()));
  };
  visitor.marker = [this](int64_t producer_id, bool is_commit) {
    end_transaction(producer_id, is_commit);
  };
  TICKLAKE_TRY(log_.replay(visitor));
  for (const auto& [group_id, group] : groups_) {
    if (group->consumers) restore_deadlines(*group);
    for (auto& [member_id, member] : group->members)
      heard_of(*group, member);
  }
  return {};
}

base::Result<void> GroupCoordinator::replay(base::ByteView key, std::optional<base::ByteView> value,
                                            int64_t producer_id) {
  TICKLAKE_ASSIGN(const GroupRecordKey parsed, parse_group_record_key(key));
  if (const auto* offset = std::get_if<OffsetKey>(&parsed)) {
    const Group::OffsetsKey offsets_key{offset->topic, offset->partition};
    if (!value) {
      if (Group* group = find_group(offset->group_id)) {
        group->offsets.erase(offsets_key);
        group->forget_pending(offsets_key);
      }
      return {};
    }
    TICKLAKE_ASSIGN(OffsetValue stored, parse_offset_value(*value));
    stored.place = ++commits_;
    Group& owner = group_made_if_missing(offset->group_id);
    if (producer_id >= 0) groups_of_producers_[producer_id].insert(owner.id);
    Group::Offsets& into = producer_id >= 0 ? owner.pending_offsets[producer_id] : owner.offsets;
    into.insert_or_assign(offsets_key, std::move(stored));
  } else if (const auto* group = std::get_if<GroupKey>(&parsed)) {
    if (!value) {
      // The group may be one of KIP-848 from here on, with the offsets that it has.
      if (find_group(group->group_id) != nullptr) restore_group(group->group_id, {});
      if (Group* const bare = find_group(group->group_id)) forget_if_bare(*bare);
      return {};
    }
    TICKLAKE_ASSIGN(GroupValue stored, parse_group_value(*value));
    restore_group(group->group_id, std::move(stored));
  } else if (const auto* part = std::get_if<ConsumerKey>(&parsed)) {
    return replay_consumers(*part, value);
  }
  return {};
}

/// What is left of a group that was removed; offsets that come later make it again.
void GroupCoordinator::forget_if_bare(Group& group) {
  const bool is_bare = !group.has_members() && group.offsets.empty() &&
                       group.pending_offsets.empty() && !group.consumers;
  if (!is_bare) return;
  const std::string group_id = group.id;
  groups_.erase(group_id);
}

void GroupCoordinator::restore_group(const std::string& group_id, GroupValue value) {
  Group::Offsets offsets;
  std::map<int64_t, Group::Offsets> pending_offsets;
  std::unique_ptr<ConsumerGroup> consumers;
  if (Group* former = find_group(group_id)) {
    offsets = std::move(former->offsets);
    pending_offsets = std::move(former->pending_offsets);
    consumers = std::move(former->consumers);
  }
  auto group = std::make_unique<Group>(group_id);
  group->offsets = std::move(offsets);
  group->pending_offsets = std::move(pending_offsets);
  // Compaction may leave the tombstone of what the group was before behind what it is now.
  if (value.members.empty()) group->consumers = std::move(consumers);
  group->protocol_type = value.protocol_type;
  group->protocol = std::move(value.protocol);
  group->generation = value.generation;
  group->state_since = value.state_time_ms < 0
                           ? clock_.wall_now()
                           : base::WallTime{std::chrono::milliseconds{value.state_time_ms}};
  for (GroupValue::Member& stored : value.members) {
    if (group->find(stored.member_id) != nullptr) continue;
    GroupMember member;
    member.id = std::move(stored.member_id);
    member.instance_id = std::move(stored.group_instance_id);
    member.client_id = std::move(stored.client_id);
    member.client_host = std::move(stored.client_host);
    member.session_timeout = std::chrono::milliseconds{stored.session_timeout_ms};
    member.rebalance_timeout = std::chrono::milliseconds{stored.rebalance_timeout_ms};
    member.protocols.push_back({group->protocol.value_or(""), std::move(stored.subscription)});
    member.assignment = std::move(stored.assignment);
    member.has_synced = true;
    group->add(std::move(member), value.protocol_type);
  }
  if (value.leader && group->find(*value.leader) != nullptr) {
    group->leader_id = std::move(*value.leader);
  }
  if (!group->members.empty()) group->state = GroupState::kStable;
  groups_[group_id] = std::move(group);
}

}  // namespace ticklake::broker
