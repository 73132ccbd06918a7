#include "broker/group/group.h"

#include <algorithm>
#include <set>

#include "base/assert.h"

namespace ticklake::broker {

const base::Bytes* GroupMember::metadata(std::string_view protocol) const {
  const auto found = std::find_if(protocols.begin(), protocols.end(),
                                  [&](const auto& offered) { return offered.name == protocol; });
  return found == protocols.end() ? nullptr : &found->metadata;
}

namespace {

/// The topics that `subscription` (ConsumerProtocolSubscription: version, topics, …) names; none
/// if it does not parse, as that of a protocol of somebody's own may not.
std::optional<std::set<std::string, std::less<>>> topics_in(base::ByteView subscription) {
  base::ByteReader reader(subscription);
  reader.big_endian<int16_t>();
  const auto count = reader.big_endian<int32_t>();
  std::set<std::string, std::less<>> topics;
  for (int32_t i = 0; i < count && reader.ok(); ++i) {
    const auto size = reader.big_endian<int16_t>();
    if (size < 0) return std::nullopt;
    topics.emplace(base::as_text(reader.take(static_cast<size_t>(size))));
  }
  if (!reader.ok() || count < 0) return std::nullopt;
  return topics;
}

}  // namespace

bool GroupMember::subscribes_as_before(const Protocols& others, std::string_view protocol) const {
  const auto named = std::ranges::find(others, protocol, &Protocols::value_type::name);
  const base::Bytes* const mine = metadata(protocol);
  if (named == others.end() || mine == nullptr) return false;
  const auto before = topics_in(*mine);
  const auto now = topics_in(named->metadata);
  return !before || !now || *before == *now;
}

bool GroupMember::offers(const Protocols& others) const {
  return std::equal(protocols.begin(), protocols.end(), others.begin(), others.end(),
                    [](const auto& left, const auto& right) {
                      return left.name == right.name && left.metadata == right.metadata;
                    });
}

std::optional<base::MonotonicTime> GroupMember::expires_at() const {
  if (awaiting_sync || (awaiting_join && !is_new)) return std::nullopt;
  return session_deadline;
}

std::string_view name_of(GroupState state) {
  switch (state) {
    case GroupState::kEmpty: return "Empty";
    case GroupState::kPreparingRebalance: return "PreparingRebalance";
    case GroupState::kCompletingRebalance: return "CompletingRebalance";
    case GroupState::kStable: return "Stable";
  }
  return "Dead";
}

GroupMember* Group::find(std::string_view member_id) {
  const auto found = members.find(member_id);
  return found == members.end() ? nullptr : &found->second;
}

const GroupMember* Group::find(std::string_view member_id) const {
  const auto found = members.find(member_id);
  return found == members.end() ? nullptr : &found->second;
}

const std::string* Group::find_static(std::string_view instance_id) const {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : &found->second;
}

GroupMember& Group::add(GroupMember member, std::string type) {
  if (members.empty()) protocol_type = std::move(type);
  if (leader_id.empty()) leader_id = member.id;
  if (member.instance_id) static_members_[*member.instance_id] = member.id;
  pending_members.erase(member.id);
  const std::string member_id = member.id;
  const auto [added, is_added] = members.emplace(member_id, std::move(member));
  TICKLAKE_ASSERT(is_added);
  return added->second;
}

namespace {

void refuse_waiting(GroupMember& member, kafka::ErrorCode error) {
  if (const JoinReply reply = std::exchange(member.awaiting_join, nullptr)) {
    kafka::JoinGroupResponse response;
    response.error_code = error;
    response.member_id = member.id;
    reply(std::move(response));
  }
  if (const SyncReply reply = std::exchange(member.awaiting_sync, nullptr)) {
    kafka::SyncGroupResponse response;
    response.error_code = error;
    reply(std::move(response));
  }
}

}  // namespace

void Group::remove(const std::string& member_id, kafka::ErrorCode error) {
  const auto found = members.find(member_id);
  TICKLAKE_ASSERT(found != members.end());
  GroupMember member = std::move(found->second);
  members.erase(found);
  if (member.instance_id) {
    const auto instance = static_members_.find(*member.instance_id);
    if (instance != static_members_.end() && instance->second == member.id) {
      static_members_.erase(instance);
    }
  }
  if (leader_id == member.id) leader_id = members.empty() ? "" : members.begin()->first;
  refuse_waiting(member, error);
}

GroupMember& Group::replace_static(const std::string& old_id, const std::string& new_id) {
  auto node = members.extract(old_id);
  TICKLAKE_ASSERT(!node.empty());
  refuse_waiting(node.mapped(), kafka::ErrorCode::kFencedInstanceId);
  node.key() = new_id;
  GroupMember& member = members.insert(std::move(node)).position->second;
  member.id = new_id;
  static_members_[*member.instance_id] = new_id;
  if (leader_id == old_id) leader_id = new_id;
  return member;
}

bool Group::all_joined() const {
  return pending_members.empty() &&
         std::all_of(members.begin(), members.end(),
                     [](const auto& entry) { return entry.second.awaiting_join != nullptr; });
}

bool Group::all_synced() const {
  return std::all_of(members.begin(), members.end(),
                     [](const auto& entry) { return entry.second.has_synced; });
}

std::chrono::milliseconds Group::rebalance_timeout() const {
  // Never zero: a deadline that is due as soon as it is set would be served for ever.
  std::chrono::milliseconds longest{1};
  for (const auto& [member_id, member] : members)
    longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

bool Group::elect_joined_leader() {
  const GroupMember* leader = find(leader_id);
  if (leader != nullptr && leader->awaiting_join) return true;
  const auto joined = std::find_if(members.begin(), members.end(), [](const auto& entry) {
    return entry.second.awaiting_join != nullptr;
  });
  if (joined == members.end()) return false;
  leader_id = joined->first;
  return true;
}

bool Group::supports(std::string_view type, const GroupMember::Protocols& protocols) const {
  if (type.empty() || protocols.empty()) return false;
  if (members.empty()) return true;
  if (type != protocol_type) return false;
  return std::any_of(protocols.begin(), protocols.end(), [&](const auto& offered) {
    return std::all_of(members.begin(), members.end(), [&](const auto& entry) {
      return entry.second.metadata(offered.name) != nullptr;
    });
  });
}

std::string Group::select_protocol() const {
  const GroupMember* leader = find(leader_id);
  TICKLAKE_ASSERT(leader != nullptr);
  const auto is_common = [&](const std::string& name) {
    return std::all_of(members.begin(), members.end(),
                       [&](const auto& entry) { return entry.second.metadata(name) != nullptr; });
  };
  std::map<std::string, int, std::less<>> votes;
  for (const auto& [member_id, member] : members) {
    const auto favourite =
        std::find_if(member.protocols.begin(), member.protocols.end(),
                     [&](const auto& offered) { return is_common(offered.name); });
    if (favourite != member.protocols.end()) ++votes[favourite->name];
  }
  std::string best;
  int most = 0;
  for (const auto& offered : leader->protocols) {
    const auto counted = votes.find(offered.name);
    if (counted == votes.end() || counted->second <= most) continue;
    best = offered.name;
    most = counted->second;
  }
  return best;
}

bool Group::is_unstable(const OffsetsKey& key) const {
  return std::ranges::any_of(pending_offsets,
                             [&](const auto& producer) { return producer.second.contains(key); });
}

bool Group::is_storing(const OffsetsKey& key) const {
  const auto first = storing_offsets.lower_bound({key, 0});
  return first != storing_offsets.end() && first->first == key;
}

std::vector<Group::OffsetsKey> Group::offset_keys(std::optional<std::string_view> topic) const {
  std::vector<OffsetsKey> keys;
  const auto add = [&](const OffsetsKey& key) {
    if (!topic || key.first == *topic) keys.push_back(key);
  };
  for (const auto& [key, value] : offsets)
    add(key);
  for (const auto& [key, place] : storing_offsets)
    add(key);
  for (const auto& [producer_id, pending] : pending_offsets) {
    for (const auto& [key, value] : pending)
      add(key);
  }
  return keys;
}

void Group::forget_offset(const OffsetsKey& key) {
  offsets.erase(key);
  std::erase_if(storing_offsets, [&](const auto& storing) { return storing.first == key; });
  forget_pending(key);
}

void Group::forget_pending(const OffsetsKey& key) {
  for (auto& [producer_id, pending] : pending_offsets)
    pending.erase(key);
  std::erase_if(pending_offsets, [](const auto& producer) { return producer.second.empty(); });
}

bool Group::is_subscribed_to(std::string_view topic) const {
  if (consumers) return consumers->is_subscribed_to(std::string(topic));
  return std::any_of(members.begin(), members.end(), [&](const auto& entry) {
    const auto& protocols = entry.second.protocols;
    return std::any_of(protocols.begin(), protocols.end(), [&](const auto& offered) {
      const auto topics = topics_in(offered.metadata);
      return !topics || topics->contains(topic);
    });
  });
}

std::vector<kafka::JoinGroupResponse::Member> Group::member_list() const {
  std::vector<kafka::JoinGroupResponse::Member> list;
  list.reserve(members.size());
  for (const auto& [member_id, member] : members) {
    const base::Bytes* metadata = member.metadata(protocol.value_or(""));
    list.push_back({member_id, member.instance_id, metadata ? *metadata : base::Bytes{}});
  }
  return list;
}

size_t GroupMember::metadata_bytes() const {
  size_t sum = id.size() + client_id.size() + client_host.size() + assignment.size();
  for (const auto& offered : protocols)
    sum += offered.name.size() + offered.metadata.size();
  return sum;
}

size_t Group::metadata_bytes() const {
  size_t sum = 0;
  for (const auto& [member_id, member] : members)
    sum += member.metadata_bytes();
  return sum;
}

GroupValue Group::to_record() const {
  GroupValue record;
  record.protocol_type = protocol_type;
  record.generation = generation;
  record.protocol = protocol;
  if (!leader_id.empty()) record.leader = leader_id;
  record.state_time_ms = base::to_unix_ms(state_since);
  for (const auto& [member_id, member] : members) {
    const base::Bytes* metadata = member.metadata(protocol.value_or(""));
    record.members.push_back({member_id, member.instance_id, member.client_id, member.client_host,
                              static_cast<int32_t>(member.rebalance_timeout.count()),
                              static_cast<int32_t>(member.session_timeout.count()),
                              metadata ? *metadata : base::Bytes{}, member.assignment});
  }
  return record;
}

}  // namespace ticklake::broker
