#include "broker/security/sasl_exchange.h"

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

using kafka::ScramMechanism;
using Step = SaslExchange::Step;
using Outcome = SaslExchange::Step::Outcome;
using namespace std::string_literals;

class SaslExchangeTest : public testing::Test {
 protected:
  SaslExchangeTest() {
    EXPECT_TRUE(store_.apply({{"alice", ScramMechanism::kSha256, make("wonder")},
                              {"al,ice", ScramMechanism::kSha256, make("land")}}));
  }
  kafka::ScramCredential make(const char* password) {
    return make_credential(ScramMechanism::kSha256, password, random_);
  }
  std::unique_ptr<SaslExchange> start(std::string_view mechanism) {
    return SaslExchange::start(mechanism, store_, random_,
                               [this](const auto& work, const auto& done) {
                                 ++hashes_;
                                 work();
                                 done();
                               });
  }
  Step take(SaslExchange& exchange, const std::string& token) {
    Step taken;
    exchange.take(base::as_bytes(token), [&](Step step) { taken = std::move(step); });
    return taken;
  }
  /// Both sides; the outcome of the last step that the server took.
  Step run_scram(const std::string& user, const std::string& password,
                 ScramMechanism mechanism = ScramMechanism::kSha256) {
    const auto exchange = start(name_of(mechanism));
    kafka::ScramClient client(mechanism, user, password, "clientnonce");
    Step step = take(*exchange, client.first());
    if (step.outcome != Outcome::kContinue) return step;
    const auto final = client.final(base::as_text(step.token));
    EXPECT_TRUE(final);
    step = take(*exchange, *final);
    if (step.outcome == Outcome::kDone) {
      EXPECT_TRUE(client.check(base::as_text(step.token)));
      EXPECT_EQ(exchange->user(), user);
    }
    return step;
  }

  CredentialStore store_;
  base::SecretRandom random_ = base::system_secret_random();
  int hashes_ = 0;
};

TEST_F(SaslExchangeTest, scram_lets_in_who_knows_the_password) {
  EXPECT_EQ(run_scram("alice", "wonder").outcome, Outcome::kDone);
  EXPECT_EQ(run_scram("al,ice", "land").outcome, Outcome::kDone);
}

TEST_F(SaslExchangeTest, scram_treats_a_stranger_as_a_wrong_password) {
  const Step wrong = run_scram("alice", "wander");
  const Step stranger = run_scram("mallory", "wonder");
  const Step other_mechanism = run_scram("alice", "wonder", ScramMechanism::kSha512);
  EXPECT_EQ(wrong.outcome, Outcome::kRefused);
  EXPECT_EQ(stranger.outcome, Outcome::kRefused);
  EXPECT_EQ(stranger.reason, wrong.reason);
  EXPECT_EQ(other_mechanism.reason, wrong.reason);
}

TEST_F(SaslExchangeTest, a_stranger_gets_the_same_salt_each_time) {
  const auto salt_of = [&](const std::string& user) {
    const Step step = take(*start("SCRAM-SHA-256"), "n,,n=" + user + ",r=x");
    return kafka::ScramServerFirst::parse(base::as_text(step.token))->salt;
  };
  EXPECT_EQ(salt_of("mallory"), salt_of("mallory"));
  EXPECT_NE(salt_of("mallory"), salt_of("malice"));
  EXPECT_EQ(salt_of("mallory").size(), salt_of("alice").size());
}

TEST_F(SaslExchangeTest, scram_takes_nothing_out_of_turn) {
  const auto exchange = start("SCRAM-SHA-256");
  EXPECT_EQ(take(*exchange, "c=biws,r=x,p=QQ==").outcome, Outcome::kRefused);
  EXPECT_EQ(take(*exchange, "n,,n=alice,r=x").outcome, Outcome::kRefused);
}

TEST_F(SaslExchangeTest, scram_refuses_another_identity_nonce_or_channel) {
  EXPECT_EQ(take(*start("SCRAM-SHA-256"), "n,a=bob,n=alice,r=x").outcome, Outcome::kRefused);
  EXPECT_EQ(take(*start("SCRAM-SHA-256"), "n,,n=alice,r=x,tokenauth=true").outcome,
            Outcome::kRefused);
  for (const auto& [from, to] : {std::pair("c=biws", "c=eSws"), std::pair("r=x", "r=y")}) {
    const auto exchange = start("SCRAM-SHA-256");
    kafka::ScramClient client(ScramMechanism::kSha256, "alice", "wonder", "x");
    const Step first = take(*exchange, client.first());
    std::string final = *client.final(base::as_text(first.token));
    final.replace(final.find(from), 6, std::string(to).substr(0, 6));
    EXPECT_EQ(take(*exchange, final).outcome, Outcome::kRefused) << to;
  }
}

TEST_F(SaslExchangeTest, plain_is_checked_against_the_same_keys) {
  const auto right = start("PLAIN");
  EXPECT_EQ(take(*right, "\0alice\0wonder"s).outcome, Outcome::kDone);
  EXPECT_EQ(right->user(), "alice");
  EXPECT_EQ(take(*start("PLAIN"), "alice\0alice\0wonder"s).outcome, Outcome::kDone);
  EXPECT_EQ(take(*start("PLAIN"), "\0alice\0wander"s).outcome, Outcome::kRefused);
}

TEST_F(SaslExchangeTest, plain_hashes_for_a_stranger_too) {
  const Step wrong = take(*start("PLAIN"), "\0alice\0wander"s);
  EXPECT_EQ(hashes_, 1);
  const Step stranger = take(*start("PLAIN"), "\0mallory\0wonder"s);
  EXPECT_EQ(hashes_, 2);
  EXPECT_EQ(stranger.outcome, Outcome::kRefused);
  EXPECT_EQ(stranger.reason, wrong.reason);
}

TEST_F(SaslExchangeTest, plain_refuses_what_is_malformed) {
  for (const std::string& token : {""s, "alice"s, "\0alice"s, "\0alice\0"s, "\0\0wonder"s,
                                   "bob\0alice\0wonder"s, "\0alice\0won\0der"s}) {
    EXPECT_EQ(take(*start("PLAIN"), token).outcome, Outcome::kRefused);
  }
  EXPECT_EQ(hashes_, 0);
}

TEST_F(SaslExchangeTest, there_are_three_mechanisms) {
  for (const std::string& name : sasl_mechanisms())
    EXPECT_TRUE(start(name)) << name;
  EXPECT_FALSE(start("GSSAPI"));
  EXPECT_FALSE(start(""));
}

}  // namespace
}  // namespace ticklake::broker
