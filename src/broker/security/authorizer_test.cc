#include "broker/security/authorizer.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include "base/temporary_folder.h"
#include "broker/security/access.h"
#include "broker/security/acl_text.h"

namespace ticklake::broker {
namespace {

using enum kafka::AclOperation;
using kafka::Acl;
using kafka::AclPermission;
using kafka::PatternType;
using kafka::ResourceType;

const Acl kAliceReads{
    ResourceType::kTopic, PatternType::kLiteral, "trades", "User:alice", "*", kRead,
    AclPermission::kAllow};

class AuthorizerTest : public testing::Test {
 protected:
  base::Result<std::unique_ptr<Authorizer>> open(AuthorizerSettings settings = {}) {
    return Authorizer::open(std::move(settings), files_, folder_.path() / "acls", clock_, logger_);
  }
  Access access(Authorizer* authorizer, const std::string& name) {
    return {authorizer, Principal{"User", name}, "/127.0.0.1"};
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::ManualClock clock_;
  std::ostringstream lines_;
  base::Logger logger_{"test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_)};
};

TEST_F(AuthorizerTest, acls_are_there_after_a_restart_and_gone_once_removed) {
  auto authorizer = open();
  ASSERT_TRUE(authorizer);
  const std::vector<Acl> acls{
      kAliceReads,
      {ResourceType::kGroup, PatternType::kPrefixed, "a b\n%\xc3\xa9", "User:CN=a,O=b c",
       "10.0.0.1", kDescribeConfigs, AclPermission::kDeny}};
  ASSERT_TRUE((*authorizer)->add(acls));
  authorizer = open();
  ASSERT_TRUE(authorizer);
  EXPECT_EQ((*authorizer)->matching({}), acls);
  const std::vector<kafka::AclFilter> filters{{.principal = "User:alice"}, {.host = "none"}};
  const auto removed = (*authorizer)->remove(filters);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->at(0), std::vector<Acl>{kAliceReads});
  EXPECT_TRUE(removed->at(1).empty());
  authorizer = open();
  ASSERT_TRUE(authorizer);
  EXPECT_EQ((*authorizer)->matching({}), std::vector<Acl>{acls[1]});
}

TEST_F(AuthorizerTest, a_file_that_lost_or_changed_an_acl_is_corrupt) {
  const std::string whole = acls_as_text(std::vector<Acl>{kAliceReads, kAliceReads});
  ASSERT_TRUE(parse_acls(whole));
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.find('\n') + 1), whole.substr(0, whole.size() - 10),
        std::string("acls 1 1\ntopic literal trades User:alice * Fly allow\n"),
        std::string("acls 1 1\ntopic literal tra%zz User:alice * Read allow\n"),
        std::string("acls 1 1\ntopic literal trades User:alice * Read allow more\n"),
        std::string("acls 1 1\ntopic any trades User:alice * Read allow\n"),
        std::string("acls 1 1\ntopic literal trades User:alice * Read\n"),
        std::string("acls 2 0\n")}) {
    ASSERT_TRUE(base::replace_text(files_, folder_.path() / "acls", text));
    const auto opened = open();
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, base::ErrorCode::kCorrupt) << text;
  }
}

TEST_F(AuthorizerTest, super_users_may_do_what_acls_deny) {
  const auto authorizer = open({.super_users = {"User:root"}});
  ASSERT_TRUE(authorizer);
  ASSERT_TRUE((*authorizer)
                  ->add(std::vector<Acl>{{ResourceType::kTopic, PatternType::kLiteral, "*",
                                          "User:*", "*", kAll, AclPermission::kDeny}}));
  EXPECT_TRUE(access(authorizer->get(), "root").allows_topic(kRead, "trades"));
  EXPECT_TRUE(access(authorizer->get(), "root").allows_some_topic(kWrite));
  EXPECT_FALSE(access(authorizer->get(), "alice").allows_topic(kRead, "trades"));
}

TEST_F(AuthorizerTest, what_no_acl_is_about_is_open_only_if_that_is_asked_for) {
  auto authorizer = open({.allow_if_no_acl = true});
  ASSERT_TRUE(authorizer);
  ASSERT_TRUE((*authorizer)->add(std::vector<Acl>{kAliceReads}));
  EXPECT_TRUE(access(authorizer->get(), "bob").allows_topic(kRead, "quotes"));
  EXPECT_FALSE(access(authorizer->get(), "bob").allows_topic(kRead, "trades"));
  authorizer = open();
  ASSERT_TRUE(authorizer);
  EXPECT_FALSE(access(authorizer->get(), "bob").allows_topic(kRead, "quotes"));
}

TEST_F(AuthorizerTest, operations_are_told_as_bits_by_their_number) {
  const auto authorizer = open();
  ASSERT_TRUE(authorizer);
  ASSERT_TRUE((*authorizer)->add(std::vector<Acl>{kAliceReads}));
  const int32_t read_and_describe = (1 << 3) | (1 << 8);
  EXPECT_EQ(access(authorizer->get(), "alice").operations_on(ResourceType::kTopic, "trades"),
            read_and_describe);
  EXPECT_EQ(access(authorizer->get(), "bob").operations_on(ResourceType::kTopic, "trades"), 0);
  EXPECT_EQ(Access::unrestricted().operations_on(ResourceType::kTransactionalId, "t"),
            (1 << 4) | (1 << 8));
}

TEST_F(AuthorizerTest, an_ipv4_client_of_a_socket_for_both_is_known_by_its_ipv4_address) {
  const auto authorizer = open();
  ASSERT_TRUE(authorizer);
  Acl at_host = kAliceReads;
  at_host.host = "10.0.0.1";
  ASSERT_TRUE((*authorizer)->add(std::vector<Acl>{at_host}));
  const Principal alice{"User", "alice"};
  EXPECT_TRUE(Access(authorizer->get(), alice, "/::ffff:10.0.0.1").allows_topic(kRead, "trades"));
  EXPECT_FALSE(Access(authorizer->get(), alice, "/::1").allows_topic(kRead, "trades"));
}

TEST_F(AuthorizerTest, a_denial_is_said_once_a_minute_in_one_line_and_not_without_end) {
  const auto authorizer = open();
  ASSERT_TRUE(authorizer);
  const auto count = [&](std::string_view text) {
    size_t found = 0;
    const std::string all = lines_.str();
    for (size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
      ++found;
    return found;
  };
  const Access bob = access(authorizer->get(), "bob");
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(bob.allows_topic(kRead, "tra\ndes"));
  EXPECT_EQ(count("User:bob may not Read topic 'tra?des', from 127.0.0.1"), 1u);
  EXPECT_FALSE(bob.allows_topic(kWrite, "silent", Access::Denial::kIsSilent));
  EXPECT_EQ(count("silent"), 0u);
  clock_.advance(DenialLog::kInterval);
  EXPECT_FALSE(bob.allows_topic(kRead, "tra\ndes"));
  EXPECT_EQ(count("User:bob may not Read topic"), 2u);
  EXPECT_THAT(lines_.str(), testing::HasSubstr("4 more"));
  for (size_t i = 0; i < 2 * DenialLog::kDenialsMax; ++i)
    EXPECT_FALSE(bob.allows_topic(kWrite, std::to_string(i)));
  EXPECT_LE(count("may not Write"), DenialLog::kDenialsMax);
}

}  // namespace
}  // namespace ticklake::broker
