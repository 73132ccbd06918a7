#include "lake/shared_work.h"

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace ticklake::lake {
namespace {

TEST(SharedWork, who_comes_while_it_is_done_is_served_together_by_the_next_one_which_begins_later) {
  SharedWork<int> shared;
  std::latch has_begun(1);
  std::latch may_end(1);
  std::vector<std::vector<int>> rounds;
  const SharedWork<int>::Work work = [&](const std::vector<int>& items) -> base::Result<void> {
    rounds.push_back(items);
    if (rounds.size() == 1) {
      has_begun.count_down();
      may_end.wait();
    }
    return {};
  };
  std::jthread first([&] { EXPECT_TRUE(shared.run(1, work)); });
  has_begun.wait();
  std::atomic<int> served = 0;
  std::vector<std::jthread> others;
  for (int item = 2; item < 6; ++item)
    others.emplace_back([&, item] { served += shared.run(item, work).has_value() ? 1 : 0; });
  EXPECT_EQ(served, 0);
  may_end.count_down();
  others.clear();
  EXPECT_EQ(served, 4);
  std::vector<int> all;
  for (const std::vector<int>& round : rounds)
    all.insert(all.end(), round.begin(), round.end());
  std::ranges::sort(all);
  EXPECT_EQ(rounds[0], std::vector<int>{1});
  EXPECT_EQ(all, (std::vector<int>{1, 2, 3, 4, 5})) << "each once";
}

TEST(SharedWork, one_does_it_at_a_time_and_nobody_is_forgotten) {
  SharedWork<int> shared;
  int count = 0;  // no lock: a second worker would be seen by ThreadSanitizer, or lose some
  const SharedWork<int>::Work work = [&](const std::vector<int>& items) -> base::Result<void> {
    count += static_cast<int>(items.size());
    return {};
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int item = 0; item < 1000; ++item)
        EXPECT_TRUE(shared.run(item, work));
    });
  }
  threads.clear();
  EXPECT_EQ(count, 8000);
}

TEST(SharedWork, what_fails_is_told_to_who_asked_and_the_next_one_is_done_anew) {
  SharedWork<int> shared;
  const auto failing = shared.run(
      1, [](const auto&) { return base::Result<void>(base::fail(base::ErrorCode::kIo, "disk")); });
  EXPECT_EQ(failing.error().what, "disk");
  EXPECT_TRUE(shared.run(2, [](const auto&) { return base::Result<void>(); }));
}

}  // namespace
}  // namespace ticklake::lake
