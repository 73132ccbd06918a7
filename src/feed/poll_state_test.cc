#include "feed/poll_state.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace ticklake::feed {
namespace {

RowId id(uint64_t number) { return RowId::of(std::to_string(number)); }

using Topic = std::map<std::string, std::string>;

/// What is left of the topic after its compaction.
void commit(SeenRows& seen, Topic& topic, const std::vector<RowId>& more) {
  for (auto& [key, value] : seen.records_with(more))
    topic[key] = value;
  seen.add(more);
}

TEST(SeenRows, the_newest_are_known_and_the_oldest_forgotten) {
  SeenRows seen(3);
  for (uint64_t i = 0; i < 5; ++i)
    seen.add(std::vector{id(i)});
  EXPECT_EQ(seen.head(), 5u);
  for (uint64_t i = 0; i < 5; ++i)
    EXPECT_EQ(seen.contains(id(i)), i >= 2) << i;
}

TEST(SeenRows, a_row_that_is_added_again_in_time_stays_known) {
  SeenRows seen(4);
  seen.add(std::vector{id(0), id(1)});
  EXPECT_FALSE(seen.is_old(id(0)));
  seen.add(std::vector{id(2)});
  EXPECT_TRUE(seen.is_old(id(0)));
  seen.add(std::vector{id(0), id(3), id(4), id(5)});
  EXPECT_TRUE(seen.contains(id(0)));
  EXPECT_FALSE(seen.contains(id(2)));
}

TEST(SeenRows, what_is_stored_reads_back_at_any_length_and_takes_bounded_room) {
  base::Random random(1);
  for (const size_t most : {256u, 1000u, 2048u}) {
    SeenRows seen(most);
    Topic topic;
    uint64_t next = 0;
    for (int i = 0; i < 20; ++i) {
      std::vector<RowId> more;
      for (uint64_t left = random.below(most / 2 + 1); left > 0; --left)
        more.push_back(id(next++));
      commit(seen, topic, more);
      SeenRows loaded(most);
      ASSERT_TRUE(loaded.load(topic, seen.head()));
      ASSERT_EQ(loaded.head(), seen.head());
      for (uint64_t number = next > 3 * most ? next - 3 * most : 0; number < next; ++number)
        ASSERT_EQ(loaded.contains(id(number)), seen.contains(id(number))) << number;
    }
    EXPECT_LE(topic.size(), most / SeenRows::kChunkIds + 2);
  }
}

TEST(SeenRows, another_bound_keeps_what_it_has_room_for) {
  SeenRows before(1024);
  Topic topic;
  std::vector<RowId> more;
  for (uint64_t i = 0; i < 1500; ++i)
    more.push_back(id(i));
  commit(before, topic, more);
  for (const size_t most : {300u, 4000u}) {
    SeenRows after(most);
    ASSERT_TRUE(after.load(topic, 1500));
    commit(after, topic, {id(1500)});
    SeenRows again(most);
    ASSERT_TRUE(again.load(topic, 1501));
    const uint64_t first = most == 300 ? 1201 : 1500 - 1024;
    for (uint64_t number = first; number <= 1500; ++number)
      EXPECT_TRUE(again.contains(id(number))) << most << ": " << number;
    topic.clear();
    commit(before = SeenRows(1024), topic, more);
  }
}

TEST(SeenRows, records_that_are_none_of_ours_or_are_missing_are_told) {
  SeenRows seen(1000);
  Topic topic;
  commit(seen, topic, {id(1), id(2)});
  for (const std::string bad :
       {"", "[]", "{}", R"({"version":1,"chunk":0,"ids":"!"})",
        R"({"version":1,"chunk":-1,"ids":""})", R"({"version":2,"chunk":0,"ids":""})",
        R"({"version":1,"chunk":0,"ids":"AAAA"})"}) {
    SeenRows loaded(1000);
    EXPECT_FALSE(loaded.load({{topic.begin()->first, bad}}, 2)) << bad;
  }
  SeenRows loaded(1000);
  EXPECT_FALSE(loaded.load(topic, 3));
}

TEST(PollPosition, reads_back_and_bytes_that_are_no_text_do_no_harm) {
  const PollPosition position{.parameters = "d",
                              .source = "https://h/p",
                              .cursor = "a\"b\n",
                              .next = "https://h/p?page=2",
                              .pages = 3,
                              .is_complete = false,
                              .has_passed = true,
                              .has_answered = true,
                              .etag = "W/\"1\"",
                              .last_modified = "x",
                              .rows_sent = 7};
  const auto back = position_from_json(position_to_json(position, 9));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->first, position);
  EXPECT_EQ(back->second, 9u);
  PollPosition odd = position;
  odd.etag = "\xff";
  EXPECT_TRUE(position_from_json(position_to_json(odd, 0)));
  for (const std::string_view bad : {"", "{}", "[1]", R"({"version":1})"})
    EXPECT_FALSE(position_from_json(bad)) << bad;
}

}  // namespace
}  // namespace ticklake::feed
