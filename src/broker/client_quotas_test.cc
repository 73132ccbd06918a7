#include "broker/client_quotas.h"

#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace ticklake::broker {
namespace {

using namespace std::chrono_literals;
using Part = QuotaEntity::Part;

Part named(const char* name) { return {true, name}; }
const Part kAny{true, std::nullopt};

class ClientQuotasTest : public testing::Test {
 protected:
  void set(Part user, Part client_id, double value, QuotaKind kind = QuotaKind::kProduceBytes) {
    ASSERT_TRUE(quotas_.apply({{{std::move(user), std::move(client_id)}, kind, value}}));
  }
  std::chrono::milliseconds produce(const char* user, const char* client_id, double bytes) {
    return quotas_.record(QuotaKind::kProduceBytes, user, client_id, bytes);
  }

  base::ManualClock clock_;
  ClientQuotas quotas_{clock_};
};

TEST_F(ClientQuotasTest, without_a_quota_nobody_waits) {
  EXPECT_EQ(produce("alice", "app", 1e12), 0ms);
  set(named("bob"), {}, 10);
  EXPECT_EQ(produce("alice", "app", 1e12), 0ms);
}

TEST_F(ClientQuotasTest, who_is_above_waits_as_long_as_it_takes_to_come_down) {
  set(named("alice"), {}, 1000);
  EXPECT_EQ(produce("alice", "app", 10'000), 0ms);    // ten seconds' worth, in a window of ten
  EXPECT_EQ(produce("alice", "app", 1'000), 1000ms);  // eleven: one second too much
  EXPECT_EQ(produce("alice", "app", 9'000), 10'000ms);
  clock_.advance(11s);
  EXPECT_EQ(produce("alice", "app", 1'000), 0ms);
}

TEST_F(ClientQuotasTest, the_window_is_as_long_as_it_was_set) {
  ClientQuotas quotas(clock_, {.samples = 3, .sample = 5s});
  ASSERT_TRUE(quotas.apply({{{named("alice"), {}}, QuotaKind::kProduceBytes, 1000}}));
  const auto produce = [&](double bytes) {
    return quotas.record(QuotaKind::kProduceBytes, "alice", "app", bytes);
  };
  EXPECT_EQ(produce(10'000), 0ms);  // ten seconds' worth, in a window of ten at least
  EXPECT_GT(produce(10'000), 0ms);
  clock_.advance(5s);
  EXPECT_GT(produce(1), 0ms) << "the first sample still counts";
  clock_.advance(10s);
  EXPECT_EQ(produce(1), 0ms);

  ClientQuotas single(clock_, {.samples = 1, .sample = 2s});
  ASSERT_TRUE(single.apply({{{named("alice"), {}}, QuotaKind::kProduceBytes, 1000}}));
  EXPECT_EQ(single.record(QuotaKind::kProduceBytes, "alice", "app", 2000), 0ms);
}

TEST_F(ClientQuotasTest, the_most_particular_entity_counts) {
  set({}, kAny, 1);
  set({}, named("app"), 2);
  set(kAny, {}, 3);
  set(kAny, kAny, 4);
  set(kAny, named("app"), 5);
  set(named("alice"), {}, 6);
  set(named("alice"), kAny, 7);
  set(named("alice"), named("app"), 8);
  // The first client within each rate for ten seconds is just within it.
  const auto is_limit = [&](const char* user, const char* client_id, double limit) {
    ClientQuotas copy(clock_);
    for (const auto& [entity, values] : quotas_.all()) {
      for (const auto& [kind, value] : values)
        ASSERT_TRUE(copy.apply({{entity, kind, value}}));
    }
    EXPECT_EQ(copy.record(QuotaKind::kProduceBytes, user, client_id, limit * 10), 0ms) << limit;
    EXPECT_GT(copy.record(QuotaKind::kProduceBytes, user, client_id, 1), 0ms) << limit;
  };
  const auto remove = [&](Part user, Part client_id) {
    ASSERT_TRUE(quotas_.apply({{{user, client_id}, QuotaKind::kProduceBytes, std::nullopt}}));
  };
  is_limit("alice", "app", 8);
  is_limit("alice", "other", 7);
  is_limit("bob", "app", 5);
  is_limit("bob", "other", 4);
  remove(named("alice"), named("app"));
  is_limit("alice", "app", 7);
  remove(named("alice"), kAny);
  is_limit("alice", "app", 6);
  remove(named("alice"), {});
  remove(kAny, named("app"));
  remove(kAny, kAny);
  is_limit("alice", "app", 3);
  remove(kAny, {});
  is_limit("alice", "app", 2);
  is_limit("alice", "other", 1);
}

TEST_F(ClientQuotasTest, clients_of_a_user_share_his_quota_and_others_have_their_own) {
  set(kAny, {}, 100);
  EXPECT_EQ(produce("alice", "one", 1000), 0ms);
  EXPECT_GT(produce("alice", "two", 1000), 0ms);
  EXPECT_EQ(produce("bob", "one", 1000), 0ms);
}

TEST_F(ClientQuotasTest, kinds_are_counted_apart) {
  set(named("alice"), {}, 100);
  set(named("alice"), {}, 50, QuotaKind::kRequestPercent);
  EXPECT_GT(produce("alice", "app", 2000), 0ms);
  EXPECT_EQ(quotas_.record(QuotaKind::kFetchBytes, "alice", "app", 1e9), 0ms);
  EXPECT_EQ(quotas_.record(QuotaKind::kRequestPercent, "alice", "app", 4e9), 0ms);
  EXPECT_EQ(quotas_.record(QuotaKind::kRequestPercent, "alice", "app", 9e9), 1000ms);  // at most
}

TEST_F(ClientQuotasTest, outlive_a_restart) {
  const base::TemporaryFolder folder;
  base::PosixFileSystem files;
  {
    ClientQuotas quotas(clock_);
    ASSERT_TRUE(quotas.open(files, folder.path()));
    ASSERT_TRUE(quotas.apply({{{named("al ice"), kAny}, QuotaKind::kFetchBytes, 1.5},
                              {{{}, named("")}, QuotaKind::kRequestPercent, 200}}));
  }
  ClientQuotas quotas(clock_);
  ASSERT_TRUE(quotas.open(files, folder.path()));
  ASSERT_EQ(quotas.all().size(), 2u);
  EXPECT_EQ(quotas.all().at({named("al ice"), kAny}).at(QuotaKind::kFetchBytes), 1.5);
  EXPECT_EQ(quotas.all().at({{}, named("")}).at(QuotaKind::kRequestPercent), 200);

  const base::Path file = folder.path() / ClientQuotas::kFileName;
  for (const char* const damaged : {"", "ticklake client-quotas 2\n", "quota x"}) {
    const std::string text = *base::read_text(files, file, 1 << 20) + damaged;
    ASSERT_TRUE(base::replace_text(files, file, text));
    ClientQuotas again(clock_);
    const auto opened = again.open(files, folder.path());
    EXPECT_EQ(opened.has_value(), *damaged == '\0');
  }
}

}  // namespace
}  // namespace ticklake::broker
