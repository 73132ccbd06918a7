#include "broker/memory_budget.h"

#include <string>

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

TEST(MemoryBudget, gives_until_it_is_spent_and_is_passed_by_one_at_most) {
  MemoryBudget budget(100);
  EXPECT_TRUE(budget.try_reserve(99));
  EXPECT_EQ(budget.available(), 1u);
  EXPECT_TRUE(budget.try_reserve(1000));
  EXPECT_FALSE(budget.try_reserve(1));
  EXPECT_EQ(budget.available(), 0u);
  budget.release(1000);
  EXPECT_TRUE(budget.try_reserve(1));
  EXPECT_FALSE(budget.try_reserve(1));
}

TEST(MemoryBudget, those_who_wait_go_on_in_their_order_while_there_is_something) {
  MemoryBudget budget(100);
  ASSERT_TRUE(budget.try_reserve(100));
  std::string served;
  for (const char name : {'a', 'b', 'c'}) {
    budget.wait([&, name] {
      served += name;
      EXPECT_TRUE(budget.try_reserve(60));
    });
  }
  budget.serve();
  EXPECT_EQ(served, "");
  budget.release(100);
  budget.serve();
  EXPECT_EQ(served, "ab");
  EXPECT_TRUE(budget.has_waiting());
  budget.release(120);
  budget.serve();
  EXPECT_EQ(served, "abc");
  EXPECT_FALSE(budget.has_waiting());
}

TEST(MemoryBudget, one_who_waits_anew_is_asked_the_next_time) {
  MemoryBudget budget(100);
  int asked = 0;
  std::function<void()> again = [&] {
    ++asked;
    budget.wait(again);
  };
  budget.wait(again);
  budget.serve();
  EXPECT_EQ(asked, 1);
  budget.serve();
  EXPECT_EQ(asked, 2);
}

}  // namespace
}  // namespace ticklake::broker
