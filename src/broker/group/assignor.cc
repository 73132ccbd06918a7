#include "broker/group/assignor.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ticklake::broker {
namespace {

struct Share {
  size_t load = 0;  ///< partitions of all topics
  PartitionSet* partitions = nullptr;
};

/// The members that subscribe to each topic, in their order.
using Subscribers = std::map<base::Uuid, std::vector<Share*>>;

class Uniform {
 public:
  Uniform(const AssignorMembers& members, const PartitionCounts& topics) : topics_(topics) {
    for (const auto& [member_id, member] : members)
      shares_.push_back({0, &assignment_[member_id]});
    std::vector<std::pair<const AssignorMember*, Share*>> ordered;
    size_t at = 0;
    for (const auto& [member_id, member] : members)
      ordered.emplace_back(&member, &shares_[at++]);
    std::ranges::stable_sort(ordered, {}, [](const auto& entry) { return entry.first->order; });
    for (const auto& [member, share] : ordered) {
      for (const base::Uuid& topic : member->topics)
        subscribers_[topic].push_back(share);
      keep(*member, *share);
    }
  }

  Assignment run() {
    give_out();
    while (level()) {
    }
    return std::move(assignment_);
  }

 private:
  /// What it has already, unless another has it too.
  void keep(const AssignorMember& member, Share& share) {
    for (const auto& [topic, partitions] : member.current) {
      const auto found = topics_.find(topic);
      if (found == topics_.end() || !member.topics.contains(topic)) continue;
      for (const int32_t partition : partitions) {
        if (partition >= found->second || !taken_[topic].insert(partition).second) continue;
        (*share.partitions)[topic].insert(partition);
        ++share.load;
      }
    }
  }

  void give_out() {
    for (const auto& [topic, subscribers] : subscribers_) {
      const int32_t partitions = topics_.at(topic);
      for (int32_t partition = 0; partition < partitions; ++partition) {
        if (!taken_[topic].insert(partition).second) continue;
        Share& least = **std::ranges::min_element(subscribers, {}, &Share::load);
        (*least.partitions)[topic].insert(partition);
        ++least.load;
      }
    }
  }

  /// Moves partitions from those who have two more than others who want them. Each move makes the
  /// sum of the squares of the loads smaller, so there is an end. Whether it moved any.
  bool level() {
    bool has_moved = false;
    for (const auto& [topic, subscribers] : subscribers_) {
      while (true) {
        Share* least = nullptr;
        Share* most = nullptr;
        for (Share* const share : subscribers) {
          if (least == nullptr || share->load < least->load) least = share;
          const bool has_any = share->partitions->contains(topic);
          if (has_any && (most == nullptr || share->load > most->load)) most = share;
        }
        if (most == nullptr || most->load < least->load + 2) break;
        move_last(topic, *most, *least);
        has_moved = true;
      }
    }
    return has_moved;
  }

  static void move_last(const base::Uuid& topic, Share& from, Share& to) {
    std::set<int32_t>& partitions = from.partitions->at(topic);
    (*to.partitions)[topic].insert(partitions.extract(std::prev(partitions.end())));
    if (partitions.empty()) from.partitions->erase(topic);
    --from.load;
    ++to.load;
  }

  const PartitionCounts& topics_;
  Assignment assignment_;
  std::vector<Share> shares_;
  Subscribers subscribers_;
  std::map<base::Uuid, std::set<int32_t>> taken_;
};

}  // namespace

Assignment assign_uniform(const AssignorMembers& members, const PartitionCounts& topics) {
  return Uniform(members, topics).run();
}

Assignment assign_range(const AssignorMembers& members, const PartitionCounts& topics) {
  Assignment assignment;
  std::map<base::Uuid, std::vector<std::pair<std::string, PartitionSet*>>> subscribers;
  for (const auto& [member_id, member] : members) {
    PartitionSet& share = assignment[member_id];
    for (const base::Uuid& topic : member.topics)
      subscribers[topic].emplace_back(member.order, &share);
  }
  for (auto& [topic, readers] : subscribers) {
    std::ranges::stable_sort(readers, {}, &std::pair<std::string, PartitionSet*>::first);
    const auto partitions = static_cast<size_t>(topics.at(topic));
    const size_t each = partitions / readers.size();
    const size_t with_one_more = partitions % readers.size();
    size_t next = 0;
    for (size_t i = 0; i < readers.size(); ++i) {
      for (size_t left = each + (i < with_one_more ? 1 : 0); left > 0; --left)
        (*readers[i].second)[topic].insert(static_cast<int32_t>(next++));
    }
  }
  return assignment;
}

const std::vector<std::string>& assignor_names() {
  static const std::vector<std::string> kNames{"uniform", "range"};
  return kNames;
}

Assignor find_assignor(std::string_view name) {
  if (name == "uniform") return assign_uniform;
  if (name == "range") return assign_range;
  return nullptr;
}

}  // namespace ticklake::broker
