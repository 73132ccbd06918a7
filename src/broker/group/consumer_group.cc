#include "broker/group/consumer_group.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"

namespace ticklake::broker {

bool ConsumerMember::says_the_same(const ConsumerMember& other) const {
  return instance_id == other.instance_id && rack_id == other.rack_id &&
         client_id == other.client_id && client_host == other.client_host &&
         rebalance_timeout == other.rebalance_timeout && subscribes_to_the_same(other) &&
         assignor == other.assignor;
}

size_t ConsumerMember::subscription_bytes() const {
  size_t sum = topic_regex ? topic_regex->size() : 0;
  for (const std::string& name : topic_names)
    sum += name.size() + sizeof name;
  return sum;
}

ConsumerMember* ConsumerGroup::find(std::string_view member_id) {
  const auto found = members_.find(member_id);
  return found == members_.end() ? nullptr : &found->second;
}

const ConsumerMember* ConsumerGroup::find(std::string_view member_id) const {
  const auto found = members_.find(member_id);
  return found == members_.end() ? nullptr : &found->second;
}

const std::string* ConsumerGroup::find_static(std::string_view instance_id) const {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : &found->second;
}

void ConsumerGroup::take(const ConsumerMember& member) {
  for (const PartitionSet* set : {&member.assigned, &member.revoking}) {
    for (const auto& [topic, partitions] : *set) {
      for (const int32_t partition : partitions)
        owners_.insert_or_assign({topic, partition}, member.id);
    }
  }
}

void ConsumerGroup::release(const ConsumerMember& member) {
  for (const PartitionSet* set : {&member.assigned, &member.revoking}) {
    for (const auto& [topic, partitions] : *set) {
      for (const int32_t partition : partitions) {
        const auto found = owners_.find({topic, partition});
        if (found != owners_.end() && found->second == member.id) owners_.erase(found);
      }
    }
  }
}

ConsumerMember& ConsumerGroup::put(ConsumerMember member) {
  const std::string member_id = member.id;
  if (const ConsumerMember* const former = find(member_id)) {
    release(*former);
    if (former->instance_id) static_members_.erase(*former->instance_id);
  }
  if (member.instance_id) static_members_.insert_or_assign(*member.instance_id, member_id);
  take(member);
  return members_.insert_or_assign(member_id, std::move(member)).first->second;
}

void ConsumerGroup::remove(const std::string& member_id) {
  const auto found = members_.find(member_id);
  TICKLAKE_ASSERT(found != members_.end());
  release(found->second);
  if (const auto& instance_id = found->second.instance_id) {
    const auto instance = static_members_.find(*instance_id);
    if (instance != static_members_.end() && instance->second == member_id) {
      static_members_.erase(instance);
    }
  }
  members_.erase(found);
  target_.erase(member_id);
}

ConsumerMember& ConsumerGroup::replace_static(const std::string& old_id,
                                              const std::string& new_id) {
  ConsumerMember* const old = find(old_id);
  TICKLAKE_ASSERT(old != nullptr);
  ConsumerMember member = *old;
  PartitionSet target = target_of(old_id);
  remove(old_id);
  member.id = new_id;
  target_.insert_or_assign(new_id, std::move(target));
  return put(std::move(member));
}

bool ConsumerGroup::reconcile(const std::string& member_id,
                              const std::optional<PartitionSet>& owned) {
  ConsumerMember& member = members_.at(member_id);
  const auto still_owns = [&](const PartitionSet& set) { return !owned || intersect(*owned, set); };
  if (member.state == ConsumerState::kStable && member.epoch == target_epoch) return false;
  if (member.state == ConsumerState::kUnrevoked && still_owns(member.revoking)) return false;

  const ConsumerMember former = member;
  release(member);
  const PartitionSet& target = target_of(member_id);
  PartitionSet kept = common(member.assigned, target);
  PartitionSet revoking = without(member.assigned, target);
  if (!revoking.empty() && still_owns(revoking)) {
    member.state = ConsumerState::kUnrevoked;
    member.assigned = std::move(kept);
    member.revoking = std::move(revoking);
  } else {
    bool waits = false;
    for (const auto& [topic, partitions] : without(target, kept)) {
      for (const int32_t partition : partitions) {
        if (is_free(topic, partition)) {
          kept[topic].insert(partition);
        } else {
          waits = true;
        }
      }
    }
    member.state = waits ? ConsumerState::kUnreleased : ConsumerState::kStable;
    member.assigned = std::move(kept);
    member.revoking.clear();
    if (member.epoch != target_epoch) {
      member.previous_epoch = member.epoch;
      member.epoch = target_epoch;
    }
  }
  take(member);
  return !member.stands_where(former);
}

namespace {

/// FNV-1a.
class Hash {
 public:
  void add(base::ByteView bytes) {
    for (const std::byte byte : bytes)
      state_ = (state_ ^ static_cast<uint64_t>(byte)) * 0x100000001b3u;
  }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace

bool ConsumerGroup::resolve(const TopicView& topics) {
  topics_.clear();
  topics_of_regex_.clear();
  const auto note = [&](const std::string& name) {
    if (const auto info = topics.find(name)) topics_.insert_or_assign(name, *info);
  };
  for (const auto& [member_id, member] : members_) {
    for (const std::string& name : member.topic_names)
      note(name);
    if (!member.topic_regex || topics_of_regex_.contains(*member.topic_regex)) continue;
    std::set<std::string>& matching = topics_of_regex_[*member.topic_regex];
    const auto pattern = TopicPattern::parse(*member.topic_regex);
    if (!pattern) continue;  // a newer release took it
    topics.visit([&](const std::string& name) {
      if (pattern->matches(name)) matching.insert(name);
    });
    for (const std::string& name : matching)
      note(name);
  }
  Hash hash;
  for (const auto& [name, info] : topics_) {
    base::ByteWriter described;
    described.append(base::as_bytes(name));
    described.append(info.id.bytes);
    described.big_endian(info.partitions);
    hash.add(described.view());
  }
  return std::exchange(topics_hash, hash.value()) != hash.value();
}

std::vector<std::string> ConsumerGroup::make_target(const std::vector<std::string>& assignors) {
  AssignorMembers asked;
  PartitionCounts counts;
  for (const auto& [name, info] : topics_)
    counts.emplace(info.id, info.partitions);
  for (const auto& [member_id, member] : members_) {
    AssignorMember& described = asked[member_id];
    described.order = member.instance_id.value_or(member_id);
    described.current = target_of(member_id);
    const auto subscribe = [&](const std::string& name) {
      const auto found = topics_.find(name);
      if (found != topics_.end()) described.topics.insert(found->second.id);
    };
    for (const std::string& name : member.topic_names)
      subscribe(name);
    if (!member.topic_regex) continue;
    const auto matching = topics_of_regex_.find(*member.topic_regex);
    if (matching == topics_of_regex_.end()) continue;
    for (const std::string& name : matching->second)
      subscribe(name);
  }
  Assignment made = find_assignor(assignor(assignors))(asked, counts);
  std::vector<std::string> changed;
  for (const auto& [member_id, share] : made) {
    const auto former = target_.find(member_id);
    if (former == target_.end() || former->second != share) changed.push_back(member_id);
  }
  target_ = std::move(made);
  target_epoch = epoch;
  return changed;
}

const PartitionSet& ConsumerGroup::target_of(std::string_view member_id) const {
  static const PartitionSet kNothing;
  const auto found = target_.find(member_id);
  return found == target_.end() ? kNothing : found->second;
}

void ConsumerGroup::set_target(const std::string& member_id, PartitionSet target) {
  target_.insert_or_assign(member_id, std::move(target));
}

void ConsumerGroup::forget_target(const std::string& member_id) { target_.erase(member_id); }

std::string_view ConsumerGroup::assignor(const std::vector<std::string>& among) const {
  std::string_view best = among.front();
  size_t most = 0;
  for (const std::string& name : among) {
    const auto votes = static_cast<size_t>(std::ranges::count_if(
        members_, [&](const auto& entry) { return entry.second.assignor == name; }));
    if (votes <= most) continue;
    best = name;
    most = votes;
  }
  return best;
}

std::string_view ConsumerGroup::state() const {
  if (members_.empty()) return "Empty";
  if (epoch != target_epoch) return "Assigning";
  const bool is_stable = std::ranges::all_of(members_, [&](const auto& entry) {
    return entry.second.state == ConsumerState::kStable && entry.second.epoch == target_epoch;
  });
  return is_stable ? "Stable" : "Reconciling";
}

bool ConsumerGroup::is_subscribed_to(const std::string& topic) const {
  return std::ranges::any_of(members_, [&](const auto& entry) {
    const ConsumerMember& member = entry.second;
    if (std::ranges::binary_search(member.topic_names, topic)) return true;
    if (!member.topic_regex) return false;
    const auto matching = topics_of_regex_.find(*member.topic_regex);
    return matching != topics_of_regex_.end() && matching->second.contains(topic);
  });
}

size_t ConsumerGroup::subscription_bytes() const {
  size_t sum = 0;
  for (const auto& [member_id, member] : members_)
    sum += member.subscription_bytes();
  return sum;
}

const std::string* ConsumerGroup::owner_of(const base::Uuid& topic, int32_t partition) const {
  const auto found = owners_.find({topic, partition});
  return found == owners_.end() ? nullptr : &found->second;
}

}  // namespace ticklake::broker
