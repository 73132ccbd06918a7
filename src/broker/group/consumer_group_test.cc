// Groups of KIP-848 as their members see them: heartbeats in, assignments out.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "base/assert.h"
#include "base/random.h"
#include "broker/group/group_test_bed.h"
#include "broker/group/partition_set.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using namespace std::chrono_literals;
using Request = kafka::ConsumerGroupHeartbeatRequest;
using Response = kafka::ConsumerGroupHeartbeatResponse;

const base::Uuid kTicks = base::Uuid::parse("AAAAAAAAAAAAAAAAAAAAAQ").value();
const base::Uuid kQuotes = base::Uuid::parse("AAAAAAAAAAAAAAAAAAAAAg").value();

/// A member as a client keeps it: gives up and takes what it is told, and says so next time.
class Consumer {
 public:
  Consumer(GroupTestBed& bed, std::string id) : bed_(bed), id_(std::move(id)) {}

  Request join_request() const {
    Request request = request_at(0);
    request.instance_id = instance_id;
    request.rebalance_timeout_ms = 60'000;
    request.subscribed_topic_names = {"ticks"};
    request.topic_partitions.emplace();
    return request;
  }
  ErrorCode join() {
    owned = {};
    return send(join_request());
  }
  Request beat_request() const {
    Request request = request_at(epoch);
    request.instance_id = instance_id;
    request.topic_partitions = to_message(owned);
    return request;
  }
  ErrorCode beat() { return send(beat_request()); }
  Request leave_request(int32_t with_epoch = kLeaveEpoch) const {
    Request request = request_at(with_epoch);
    request.instance_id = instance_id;
    return request;
  }
  ErrorCode leave(int32_t with_epoch = kLeaveEpoch) {
    owned = {};
    return send(leave_request(with_epoch));
  }
  ErrorCode send(Request request, int16_t version = 1) {
    std::optional<Response> answer;
    bed_.coordinator->consumer_heartbeat(std::move(request), version, {"app", "/127.0.0.1"},
                                         [&](Response response) { answer = std::move(response); });
    bed_.log.flush();
    TICKLAKE_ASSERT(answer.has_value());
    if (answer->error_code != ErrorCode::kNone) return answer->error_code;
    epoch = answer->member_epoch;
    if (answer->assignment) owned = from_message(answer->assignment->topic_partitions);
    return ErrorCode::kNone;
  }

  const std::string& id() const { return id_; }
  PartitionSet owned;
  int32_t epoch = 0;
  std::optional<std::string> instance_id;

 private:
  Request request_at(int32_t member_epoch) const {
    Request request;
    request.group_id = "readers";
    request.member_id = id_;
    request.member_epoch = member_epoch;
    return request;
  }

  GroupTestBed& bed_;
  std::string id_;
};

class ConsumerGroups : public testing::Test {
 protected:
  ConsumerGroups() { bed.topics.topics["ticks"] = {kTicks, 4}; }

  void settle(const std::vector<Consumer*>& consumers) {
    for (int round = 0; round < 6; ++round) {
      for (Consumer* const consumer : consumers)
        EXPECT_EQ(consumer->beat(), ErrorCode::kNone);
    }
  }
  std::string state() {
    const auto described = bed.coordinator->describe_consumers({{"readers"}, false});
    return described.groups.at(0).group_state;
  }

  GroupTestBed bed;
};

TEST_F(ConsumerGroups, the_first_member_has_everything_with_its_first_answer) {
  Consumer one(bed, "one");
  EXPECT_EQ(one.join(), ErrorCode::kNone);
  EXPECT_EQ(one.epoch, 1);
  EXPECT_EQ(one.owned, (PartitionSet{{kTicks, {0, 1, 2, 3}}}));
  EXPECT_EQ(state(), "Stable");
}

TEST_F(ConsumerGroups, a_partition_is_given_on_only_when_it_was_given_up) {
  Consumer one(bed, "one");
  Consumer two(bed, "two");
  one.join();
  two.join();
  EXPECT_TRUE(two.owned.empty()) << "one still reads them all";
  EXPECT_EQ(state(), "Reconciling");
  EXPECT_EQ(one.beat(), ErrorCode::kNone);
  EXPECT_EQ(count(one.owned), 2u);
  EXPECT_EQ(one.epoch, 1) << "it has not said yet that it gave them up";
  two.beat();
  EXPECT_TRUE(two.owned.empty());
  one.beat();
  EXPECT_EQ(one.epoch, 2);
  two.beat();
  EXPECT_EQ(count(two.owned), 2u);
  EXPECT_FALSE(intersect(one.owned, two.owned));
  EXPECT_EQ(state(), "Stable");
}

TEST_F(ConsumerGroups, who_leaves_hands_over_at_once) {
  Consumer one(bed, "one");
  Consumer two(bed, "two");
  one.join();
  two.join();
  settle({&one, &two});
  EXPECT_EQ(two.leave(), ErrorCode::kNone);
  one.beat();
  EXPECT_EQ(count(one.owned), 4u);
}

TEST_F(ConsumerGroups, who_is_silent_is_fenced_and_its_share_goes_to_others) {
  Consumer one(bed, "one");
  Consumer two(bed, "two");
  one.join();
  two.join();
  settle({&one, &two});
  for (int i = 0; i < 5; ++i) {
    bed.advance(10s);
    one.beat();
  }
  settle({&one});
  EXPECT_EQ(count(one.owned), 4u);
  EXPECT_EQ(two.beat(), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, who_does_not_give_up_in_its_rebalance_timeout_is_fenced) {
  Consumer one(bed, "one");
  Consumer two(bed, "two");
  one.join();
  two.join();
  one.beat();
  const PartitionSet kept{{kTicks, {0, 1, 2, 3}}};
  for (int i = 0; i < 13; ++i) {
    bed.advance(5s);
    one.owned = kept;  // it goes on as if it had heard nothing
    one.beat();
    two.beat();
  }
  EXPECT_EQ(count(two.owned), 4u);
  EXPECT_EQ(one.beat(), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, an_epoch_that_is_not_the_members_is_fenced_and_a_lost_answer_is_not) {
  Consumer one(bed, "one");
  one.join();
  Consumer two(bed, "two");
  two.join();
  one.beat();
  one.beat();
  ASSERT_EQ(one.epoch, 2);
  one.epoch = 1;  // the answer was lost
  EXPECT_EQ(one.beat(), ErrorCode::kNone);
  EXPECT_EQ(one.epoch, 2);
  one.epoch = 7;
  EXPECT_EQ(one.beat(), ErrorCode::kFencedMemberEpoch);
}

TEST_F(ConsumerGroups, a_static_member_comes_back_to_its_partitions) {
  Consumer one(bed, "one");
  one.instance_id = "a";
  Consumer two(bed, "two");
  one.join();
  two.join();
  settle({&one, &two});
  const PartitionSet had = one.owned;
  Consumer usurper(bed, "usurper");
  usurper.instance_id = "a";
  EXPECT_EQ(usurper.join(), ErrorCode::kUnreleasedInstanceId);
  EXPECT_EQ(one.leave(kStaticLeaveEpoch), ErrorCode::kNone);
  two.beat();
  EXPECT_EQ(count(two.owned), 2u) << "it is away, not gone";
  Consumer back(bed, "back");
  back.instance_id = "a";
  EXPECT_EQ(back.join(), ErrorCode::kNone);
  EXPECT_EQ(back.owned, had);
}

TEST_F(ConsumerGroups, new_partitions_and_topics_are_given_out) {
  Consumer one(bed, "one");
  Request request = one.join_request();
  request.subscribed_topic_names.reset();
  request.subscribed_topic_regex = "t.*|quotes";
  EXPECT_EQ(one.send(request), ErrorCode::kNone);
  EXPECT_EQ(count(one.owned), 4u);
  bed.topics.topics["ticks"].partitions = 6;
  bed.topics.topics["quotes"] = {kQuotes, 1};
  bed.topics.topics["other"] = {base::Uuid::parse("AAAAAAAAAAAAAAAAAAAAAw").value(), 1};
  bed.coordinator->topics_changed();
  one.beat();
  EXPECT_EQ(one.owned, (PartitionSet{{kTicks, {0, 1, 2, 3, 4, 5}}, {kQuotes, {0}}}));
}

TEST_F(ConsumerGroups, a_restart_changes_nothing_for_members) {
  Consumer one(bed, "one");
  Consumer two(bed, "two");
  one.join();
  two.join();
  settle({&one, &two});
  const PartitionSet had = one.owned;
  const int32_t epoch = one.epoch;
  bed.restart();
  settle({&one, &two});
  EXPECT_EQ(one.owned, had);
  EXPECT_EQ(one.epoch, epoch);
  EXPECT_EQ(state(), "Stable");
}

TEST_F(ConsumerGroups, an_epoch_that_began_with_a_restart_outlives_the_next_one) {
  Consumer one(bed, "one");
  Request both = one.join_request();
  both.subscribed_topic_names = {"quotes", "ticks"};
  one.send(std::move(both));
  bed.topics.topics["quotes"] = {kQuotes, 1};
  bed.restart();
  EXPECT_EQ(one.beat(), ErrorCode::kNone);
  const int32_t epoch = one.epoch;
  EXPECT_EQ(count(one.owned), 5u);
  bed.topics.topics.erase("quotes");
  bed.restart();
  settle({&one});
  EXPECT_GT(one.epoch, epoch);
  EXPECT_EQ(count(one.owned), 4u);
}

TEST_F(ConsumerGroups, who_is_gone_stays_gone_though_the_disk_did_not_take_it_at_first) {
  Consumer one(bed, "one");
  Consumer two(bed, "two");
  one.join();
  two.join();
  settle({&one, &two});
  bed.log.is_failing = true;
  EXPECT_EQ(two.leave(), ErrorCode::kCoordinatorNotAvailable);
  bed.log.is_failing = false;
  settle({&one});
  EXPECT_EQ(count(one.owned), 4u);
  bed.restart();
  EXPECT_EQ(one.beat(), ErrorCode::kNone);
  EXPECT_EQ(two.beat(), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, nothing_is_told_that_stands_on_what_the_disk_did_not_take) {
  Consumer one(bed, "one");
  Consumer two(bed, "two");
  one.join();
  two.join();
  settle({&one, &two});
  std::vector<ErrorCode> told;
  for (const Request& request : {two.leave_request(), one.beat_request()}) {
    bed.coordinator->consumer_heartbeat(
        request, 1, {"app", "/127.0.0.1"},
        [&](const Response& response) { told.push_back(response.error_code); });
  }
  bed.log.is_failing = true;
  bed.log.flush_one();
  bed.log.is_failing = false;
  bed.log.flush_one();  // what two had is one's, but for the disk it is still two's
  EXPECT_EQ(told, (std::vector{ErrorCode::kCoordinatorNotAvailable,
                               ErrorCode::kCoordinatorNotAvailable}));
  settle({&one});
  EXPECT_EQ(count(one.owned), 4u);
}

TEST(ConsumerGroupSettings, size_and_assignors_are_those_that_the_broker_was_given) {
  GroupSettings settings;
  settings.consumer_members_max = 1;
  settings.assignors = {"range"};
  GroupTestBed bed(settings);
  bed.topics.topics["ticks"] = {kTicks, 4};
  Consumer one(bed, "one");
  Request request = one.join_request();
  request.server_assignor = "uniform";
  EXPECT_EQ(one.send(request), ErrorCode::kUnsupportedAssignor);
  EXPECT_EQ(one.join(), ErrorCode::kNone);
  const auto described = bed.coordinator->describe_consumers({{"readers"}, false});
  EXPECT_EQ(described.groups.at(0).assignor_name, "range");
  EXPECT_EQ(Consumer(bed, "two").join(), ErrorCode::kGroupMaxSizeReached);
}

TEST_F(ConsumerGroups, what_cannot_be_is_refused) {
  Consumer one(bed, "one");
  Request request = one.join_request();
  request.server_assignor = "best";
  EXPECT_EQ(one.send(request), ErrorCode::kUnsupportedAssignor);
  request = one.join_request();
  request.subscribed_topic_regex = "(";
  EXPECT_EQ(one.send(request), ErrorCode::kInvalidRegularExpression);
  request = one.join_request();
  request.group_id = "";
  EXPECT_EQ(one.send(request), ErrorCode::kInvalidRequest);
  request = one.join_request();
  request.topic_partitions->push_back({kTicks, {0}});
  EXPECT_EQ(one.send(request), ErrorCode::kInvalidRequest) << "who joins owns nothing";
  EXPECT_EQ(one.beat(), ErrorCode::kInvalidRequest) << "epoch 0 without a subscription";
  EXPECT_EQ(one.leave(), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, a_group_is_of_one_protocol_until_it_is_empty) {
  const std::string classic = bed.stable_single();
  Consumer one(bed, "one");
  EXPECT_EQ(one.join(), ErrorCode::kGroupIdNotFound);
  EXPECT_EQ(bed.commit(classic, 1, 7), ErrorCode::kNone);
  EXPECT_EQ(bed.leave(classic), ErrorCode::kNone);
  EXPECT_EQ(one.join(), ErrorCode::kNone);
  EXPECT_EQ(bed.committed(), 7) << "offsets stay";
  bed.restart();
  EXPECT_EQ(one.beat(), ErrorCode::kNone);
  one.leave();
  EXPECT_FALSE(bed.new_member_id().empty());
}

TEST_F(ConsumerGroups, offsets_are_committed_with_the_members_epoch) {
  Consumer one(bed, "one");
  one.join();
  EXPECT_EQ(bed.commit("one", 1, 5), ErrorCode::kNone);
  EXPECT_EQ(bed.committed(), 5);
  EXPECT_EQ(bed.commit("one", 9, 6), ErrorCode::kStaleMemberEpoch);
  EXPECT_EQ(bed.commit("nobody", 1, 6), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(bed.committed(), 5);
}

/// Random joins, heartbeats, departures, deaths, restarts and new partitions.
class Schedule {
 public:
  explicit Schedule(uint64_t seed) : random_(seed) {
    bed_.topics.topics["ticks"] = {kTicks, static_cast<int32_t>(1 + random_.below(9))};
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      check_nothing_is_owned_twice();
    }
    for (int round = 0; round < 12; ++round) {
      for (auto& consumer : consumers_)
        beat(*consumer);
      check_nothing_is_owned_twice();
    }
    check_all_is_owned_evenly();
  }

 private:
  void step() {
    const uint64_t what = random_.below(100);
    if (consumers_.empty() || (what < 10 && consumers_.size() < 6)) {
      consumers_.push_back(
          std::make_unique<Consumer>(bed_, "member-" + std::to_string(++last_member_)));
      ASSERT_EQ(consumers_.back()->join(), ErrorCode::kNone);
      return;
    }
    const size_t index = random_.below(consumers_.size());
    Consumer& consumer = *consumers_[index];
    if (what < 80) return beat(consumer);
    if (what < 86) {
      consumer.leave();
      consumers_.erase(consumers_.begin() + static_cast<ptrdiff_t>(index));
    } else if (what < 90) {
      die(index);
    } else if (what < 95) {
      bed_.restart();
    } else if (what < 97) {
      bed_.topics.topics["ticks"].partitions += 1;
      bed_.coordinator->topics_changed();
    } else {
      ASSERT_EQ(consumer.join(), ErrorCode::kNone);  // it lost track of what it had
    }
  }

  void beat(Consumer& consumer) { ASSERT_EQ(consumer.beat(), ErrorCode::kNone) << consumer.id(); }

  /// It is silent until the group has noticed; the others are not.
  void die(size_t index) {
    consumers_.erase(consumers_.begin() + static_cast<ptrdiff_t>(index));
    for (int i = 0; i < 5; ++i) {
      bed_.advance(10s);
      for (auto& consumer : consumers_)
        beat(*consumer);
      check_nothing_is_owned_twice();
    }
  }

  void check_nothing_is_owned_twice() const {
    for (size_t i = 0; i < consumers_.size(); ++i) {
      for (size_t j = 0; j < i; ++j)
        ASSERT_FALSE(intersect(consumers_[i]->owned, consumers_[j]->owned));
    }
  }

  void check_all_is_owned_evenly() const {
    if (consumers_.empty()) return;
    size_t sum = 0;
    size_t least = SIZE_MAX;
    size_t most = 0;
    for (const auto& consumer : consumers_) {
      const size_t share = count(consumer->owned);
      sum += share;
      least = std::min(least, share);
      most = std::max(most, share);
    }
    EXPECT_EQ(sum, static_cast<size_t>(bed_.topics.topics.at("ticks").partitions));
    EXPECT_LE(most - least, 1u);
  }

  base::Random random_;
  GroupTestBed bed_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  int last_member_ = 0;
};

TEST(ConsumerGroupSchedules, no_partition_is_read_by_two_whatever_happens) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Schedule(seed).run(80);
    if (testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace ticklake::broker
