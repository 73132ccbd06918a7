#include "broker/group/assignor.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.h"

namespace ticklake::broker {
namespace {

const base::Uuid kA = base::Uuid::parse("AAAAAAAAAAAAAAAAAAAAAQ").value();
const base::Uuid kB = base::Uuid::parse("AAAAAAAAAAAAAAAAAAAAAg").value();

TEST(Assignors, range_gives_each_a_range_of_each_topic) {
  const AssignorMembers members{{"x", {"x", {kA, kB}, {}}}, {"y", {"y", {kA, kB}, {}}}};
  const Assignment made = assign_range(members, {{kA, 3}, {kB, 2}});
  EXPECT_EQ(made.at("x"), (PartitionSet{{kA, {0, 1}}, {kB, {0}}}));
  EXPECT_EQ(made.at("y"), (PartitionSet{{kA, {2}}, {kB, {1}}}));
}

TEST(Assignors, uniform_levels_and_leaves_what_may_stay) {
  const AssignorMembers members{{"x", {"x", {kA}, {{kA, {0, 1, 2, 3, 4}}}}},
                                {"y", {"y", {kA}, {}}}};
  const Assignment made = assign_uniform(members, {{kA, 5}});
  EXPECT_EQ(made.at("x"), (PartitionSet{{kA, {0, 1, 2}}}));
  EXPECT_EQ(made.at("y"), (PartitionSet{{kA, {3, 4}}}));
}

TEST(Assignors, more_members_than_partitions_leaves_some_without) {
  const AssignorMembers members{
      {"x", {"x", {kA}, {}}}, {"y", {"y", {kA}, {}}}, {"z", {"z", {kA}, {}}}};
  for (auto* const assign : {&assign_uniform, &assign_range}) {
    const Assignment made = (*assign)(members, {{kA, 2}});
    size_t sum = 0;
    for (const auto& [member, share] : made)
      sum += count(share);
    EXPECT_EQ(made.size(), 3u);
    EXPECT_EQ(sum, 2u);
  }
}

TEST(Assignors, each_partition_has_one_reader_whoever_subscribes_to_what) {
  base::Random random(3);
  for (int round = 0; round < 500; ++round) {
    PartitionCounts topics;
    for (const base::Uuid& topic : {kA, kB})
      topics[topic] = static_cast<int32_t>(1 + random.below(7));
    AssignorMembers members;
    for (uint64_t i = 0; i <= random.below(5); ++i) {
      AssignorMember member{std::to_string(i), {}, {}};
      for (const base::Uuid& topic : {kA, kB}) {
        if (random.below(3) > 0) member.topics.insert(topic);
        // What it had may be of topics and partitions that are gone, or another's too.
        if (random.below(2) > 0)
          member.current[topic].insert(static_cast<int32_t>(random.below(9)));
      }
      members.emplace("m" + std::to_string(i), std::move(member));
    }
    for (auto* const assign : {&assign_uniform, &assign_range}) {
      const Assignment made = (*assign)(members, topics);
      for (const auto& [topic, partitions] : topics) {
        const bool is_wanted = std::ranges::any_of(
            members, [&](const auto& entry) { return entry.second.topics.contains(topic); });
        for (int32_t partition = 0; partition < partitions + 2; ++partition) {
          size_t readers = 0;
          for (const auto& [id, share] : made) {
            if (!contains(share, topic, partition)) continue;
            ++readers;
            EXPECT_TRUE(members.at(id).topics.contains(topic));
          }
          EXPECT_EQ(readers, is_wanted && partition < partitions ? 1u : 0u);
        }
      }
    }
  }
}

}  // namespace
}  // namespace ticklake::broker
