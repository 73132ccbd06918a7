#include "consumer_member.h"

#include "administrator.h"

namespace ticklake::sim {
namespace {

using kafka::ErrorCode;

constexpr int32_t kLeaves = -1;  ///< instead of an epoch
constexpr int32_t kAway = -2;
constexpr Nanoseconds kSilenceMax = Milliseconds{4000};

std::string text_of(const OwnedPartition& partition) {
  return partition.first.text() + "-" + std::to_string(partition.second);
}

}  // namespace

void ConsumerMember::run() {
  session_.ask(kafka::MetadataRequest{}, 12, [this](const kafka::MetadataResponse* response) {
    if (!response) return world_.later(kBackoff, [this] { run(); });
    for (const auto& topic : response->topics) {
      if (topic.name == kLogTopic) log_topic_id_ = topic.topic_id;
    }
    come_anew();
  });
}

void ConsumerMember::come_anew() {
  id_ = base::Uuid::random(world_.random).text();
  epoch_ = 0;
  says_everything_ = true;
  beat();
}

bool ConsumerMember::may_be_out() const {
  const base::MonotonicTime now = world_.schedule.now();
  return now >= heard_at_ + kConsumerSessionTimeout ||
         now >= certain_at_ + kConsumerRebalanceTimeout;
}

void ConsumerMember::forget_what_it_owns() {
  for (const OwnedPartition& partition : owned_) {
    const auto owner = group_.owners.find(partition);
    if (owner != group_.owners.end() && owner->second == this) group_.owners.erase(owner);
  }
  owned_.clear();
}

void ConsumerMember::judge(ErrorCode error) {
  // Who missed two answers is two epochs behind, and is fenced.
  const bool is_behind = error == ErrorCode::kFencedMemberEpoch && says_everything_;
  switch (error) {
    case ErrorCode::kStaleMemberEpoch:
      says_everything_ = true;
      return world_.later(kBackoff, [this] { beat(); });
    case ErrorCode::kUnreleasedInstanceId:
      // What it was before did not say that it goes, or that was lost: it has to be silent first.
      if (instance_id_ && epoch_ == 0) return world_.later(kBackoff, [this] { beat(); });
      break;
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kFencedMemberEpoch:
      if (epoch_ > 0 && (is_behind || may_be_out())) {
        world_.trace(name_ + " is out");
        forget_what_it_owns();
        epoch_ = 0;
        says_everything_ = true;
        return world_.later(kBackoff, [this] { beat(); });
      }
      break;
    default: break;
  }
  world_.model.violation(name_ + " is told " + std::string(kafka::name_of(error)) + " in epoch " +
                         std::to_string(epoch_));
  is_idle_ = true;
}

void ConsumerMember::beat() {
  kafka::ConsumerGroupHeartbeatRequest request;
  request.group_id = kConsumersGroup;
  request.member_id = id_;
  request.member_epoch = epoch_;
  request.instance_id = instance_id_;
  auto& owned = request.topic_partitions.emplace();
  for (const auto& [topic, partition] : owned_) {
    if (owned.empty() || owned.back().topic_id != topic) owned.push_back({topic, {}});
    owned.back().partitions.push_back(partition);
  }
  if (says_everything_) {
    request.rebalance_timeout_ms = static_cast<int32_t>(kConsumerRebalanceTimeout.count());
    if (subscription_ == Subscription::kNames) {
      request.subscribed_topic_names = {{kLogTopic, kTxnTopic}};
    } else {
      request.subscribed_topic_regex =
          std::string(kLogTopic) + "|" + kTxnTopic + "|" + std::string(kMadePrefix) + ".*";
    }
  }
  session_.ask(request, 1,
               [this, asked_at = world_.schedule.now()](
                   const kafka::ConsumerGroupHeartbeatResponse* response) {
                 if (response && response->error_code == ErrorCode::kNone)
                   return take(*response, asked_at);
                 if (response && !may_go_again(response->error_code))
                   return judge(response->error_code);
                 says_everything_ = true;
                 world_.later(kBackoff, [this] { beat(); });
               });
}

void ConsumerMember::take(const kafka::ConsumerGroupHeartbeatResponse& told,
                          base::MonotonicTime asked_at) {
  if (told.member_epoch < epoch_ || told.member_epoch < 1) {
    world_.model.violation(name_ + " goes from epoch " + std::to_string(epoch_) + " to " +
                           std::to_string(told.member_epoch));
  }
  if (says_everything_ && !told.assignment)
    world_.model.violation(name_ + " says everything, and is not told what to own");
  heard_at_ = asked_at;
  if (!says_everything_ || epoch_ == 0) certain_at_ = asked_at;
  epoch_ = told.member_epoch;
  says_everything_ = false;
  if (told.assignment && own(told.assignment->topic_partitions))
    return world_.later(kBackoff, [this] { beat(); });
  go_on();
}

bool ConsumerMember::own(const std::vector<kafka::TopicIdPartitions>& assigned) {
  std::set<OwnedPartition> next;
  for (const auto& topic : assigned) {
    for (const int32_t partition : topic.partitions)
      next.insert({topic.topic_id, partition});
  }
  if (next == owned_) return false;
  forget_what_it_owns();
  owned_ = std::move(next);
  for (const OwnedPartition& partition : owned_) {
    const ConsumerMember*& owner = group_.owners[partition];
    if (owner != nullptr && !owner->may_be_out()) {
      // What was told to it so late may be no longer so.
      if (may_be_out()) continue;
      world_.model.violation(name_ + " is given " + text_of(partition) + ", which " + owner->name_ +
                             " has not given up");
    }
    owner = this;
  }
  world_.trace(name_ + " owns " + std::to_string(owned_.size()) + " partitions in epoch " +
               std::to_string(epoch_));
  return true;
}

void ConsumerMember::go_on() {
  world_.later(Milliseconds{200}, [this] {
    if (world_.is_stopping) return finish_if_all_is_shared();
    switch (world_.random.below(40)) {
      case 0: return leave();
      // The others take what it had; it finds that out when it comes back.
      case 1: return world_.later(kSilenceMax, [this] { commit(); });
      case 2: forget_what_it_owns(); return world_.later(kSilenceMax, [this] { come_anew(); });
      default: return world_.random.below(2) == 0 ? beat() : commit();
    }
  });
}

void ConsumerMember::commit() {
  std::vector<int32_t> of_log;
  for (const auto& [topic, partition] : owned_) {
    if (topic == log_topic_id_) of_log.push_back(partition);
  }
  if (of_log.empty()) return beat();
  const int32_t partition = of_log[world_.random.below(of_log.size())];
  const int64_t offset = group_.offsets.next();
  const auto owner = group_.owners.find({log_topic_id_, partition});
  const bool is_owner = owner != group_.owners.end() && owner->second == this;
  kafka::OffsetCommitRequest request;
  request.group_id = kConsumersGroup;
  request.generation_id_or_member_epoch = epoch_;
  request.member_id = id_;
  request.group_instance_id = instance_id_;
  request.topics.push_back({kLogTopic, {{partition, offset, -1, std::nullopt}}});
  session_.ask(request, 9, [=, this](const kafka::OffsetCommitResponse* response) {
    if (!response) return go_on();
    const ErrorCode error = response->topics.at(0).partitions.at(0).error_code;
    if (may_go_again(error)) return go_on();
    if (error != ErrorCode::kNone) return judge(error);
    if (!is_owner) {
      world_.model.violation(name_ + " committed an offset of partition " +
                             std::to_string(partition) + ", which another has");
    }
    group_.offsets.acknowledge(partition, offset);
    go_on();
  });
}

void ConsumerMember::leave() {
  forget_what_it_owns();
  kafka::ConsumerGroupHeartbeatRequest request;
  request.group_id = kConsumersGroup;
  request.member_id = id_;
  request.member_epoch = instance_id_ ? kAway : kLeaves;
  request.instance_id = instance_id_;
  session_.ask(request, 1, [this](const kafka::ConsumerGroupHeartbeatResponse*) {
    world_.later(kSilenceMax, [this] { come_anew(); });
  });
}

void ConsumerMember::finish_if_all_is_shared() {
  session_.ask(kafka::MetadataRequest{}, 12, [this](const kafka::MetadataResponse* response) {
    if (!response) return go_on();
    std::set<OwnedPartition> there, owned;
    for (const auto& topic : response->topics) {
      if (topic.name != kLogTopic && topic.name != kTxnTopic &&
          !topic.name->starts_with(kMadePrefix))
        continue;
      for (const auto& partition : topic.partitions)
        there.insert({topic.topic_id, partition.partition_index});
    }
    for (const auto& [partition, owner] : group_.owners)
      owned.insert(partition);
    is_idle_ = owned == there;
    if (!is_idle_) beat();
  });
}

}  // namespace ticklake::sim
