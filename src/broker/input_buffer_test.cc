#include "broker/input_buffer.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

void read(InputBuffer& buffer, std::string_view text) {
  const auto room = buffer.room();
  ASSERT_LE(text.size(), room.size());
  std::ranges::copy(base::as_bytes(text), room.begin());
  buffer.add(text.size());
}

TEST(InputBuffer, what_is_taken_at_once_needs_no_memory) {
  InputMemory memory(1 << 20);
  InputBuffer buffer(memory);
  read(buffer, "whole");
  EXPECT_EQ(base::as_text(buffer.waiting()), "whole");
  buffer.take(5);
  EXPECT_TRUE(buffer.make_room(4));
  EXPECT_EQ(memory.budget.used(), 0u);
}

TEST(InputBuffer, the_rest_is_kept_when_others_read) {
  InputMemory memory(1 << 20);
  InputBuffer one(memory), other(memory);
  read(one, "headrest");
  one.take(4);
  EXPECT_TRUE(one.make_room(8));
  read(other, "something else");
  EXPECT_EQ(base::as_text(one.waiting()), "rest");
  read(one, "more");
  EXPECT_EQ(base::as_text(one.waiting()), "restmore");
}

TEST(InputBuffer, the_whole_of_a_request_is_reserved_before_it_is_read) {
  InputMemory memory(64 << 20);
  InputBuffer buffer(memory);
  read(buffer, "begin");
  EXPECT_TRUE(buffer.make_room(10 << 20));
  EXPECT_EQ(memory.budget.used(), size_t{10} << 20);
  EXPECT_EQ(buffer.room().size(), (size_t{10} << 20) - 5);
  buffer.add(buffer.room().size());
  buffer.take(10 << 20);
  EXPECT_TRUE(buffer.make_room(4));
  EXPECT_EQ(memory.budget.used(), 0u);
}

TEST(InputBuffer, waits_while_the_budget_is_spent_and_loses_nothing) {
  InputMemory memory(1 << 20);
  InputBuffer first(memory), second(memory);
  read(first, "first");
  EXPECT_TRUE(first.make_room(4 << 20));
  read(second, "second");
  EXPECT_FALSE(second.make_room(2 << 20));
  EXPECT_LE(second.room().size(), 4u * 1024);
  EXPECT_EQ(base::as_text(second.waiting()), "second");
  first.take(5);
  first.release_unused();
  EXPECT_TRUE(second.make_room(2 << 20));
  EXPECT_EQ(base::as_text(second.waiting()), "second");
  EXPECT_EQ(memory.budget.used(), size_t{2} << 20);
}

TEST(InputBuffer, room_that_was_passed_is_used_again) {
  InputMemory memory(1 << 20);
  InputBuffer buffer(memory);
  read(buffer, "a");
  EXPECT_TRUE(buffer.make_room(4096));
  for (int i = 0; i < 100; ++i) {
    read(buffer, std::string(1000, 'x'));
    buffer.take(1000);
    EXPECT_TRUE(buffer.make_room(2000));
    ASSERT_EQ(memory.budget.used(), 4096u);
  }
  EXPECT_EQ(buffer.waiting().size(), 1u);
}

}  // namespace
}  // namespace ticklake::broker
