#include "broker/security/acl_index.h"

#include <gtest/gtest.h>

namespace ticklake::broker {
namespace {

using kafka::Acl;
using enum kafka::AclOperation;
using kafka::AclOperation;
using kafka::ResourceType;

constexpr auto kAllow = kafka::AclPermission::kAllow;
constexpr auto kDeny = kafka::AclPermission::kDeny;
constexpr auto kLiteral = kafka::PatternType::kLiteral;
constexpr auto kPrefixed = kafka::PatternType::kPrefixed;
constexpr auto kMatch = kafka::PatternType::kMatch;

Acl acl(std::string name, kafka::PatternType pattern, AclOperation operation,
        kafka::AclPermission permission = kAllow, std::string principal = "User:alice",
        std::string host = "*") {
  return {ResourceType::kTopic, pattern,   std::move(name), std::move(principal),
          std::move(host),      operation, permission};
}

AclIndex index_of(const std::vector<Acl>& acls) {
  AclIndex index;
  for (const Acl& one : acls)
    index.add(one);
  return index;
}

AclVerdict ask(const AclIndex& index, AclOperation operation, std::string_view topic,
               std::string_view principal = "User:alice", std::string_view host = "10.0.0.1") {
  return index.check({operation, ResourceType::kTopic, topic, principal, host});
}

TEST(AclIndex, each_rule_of_kafka_decides_as_in_kafka) {
  struct Case {
    const char* rule;
    std::vector<Acl> acls;
    AclOperation asked;
    AclVerdict verdict;
  };
  const std::string about = "trades";
  for (const Case& one : std::vector<Case>{
           {"nothing", {}, kRead, AclVerdict::kNoAcl},
           {"its name", {acl("trades", kLiteral, kRead)}, kRead, AclVerdict::kAllowed},
           {"another name", {acl("trade", kLiteral, kRead)}, kRead, AclVerdict::kNoAcl},
           {"a longer name", {acl("trades2", kPrefixed, kRead)}, kRead, AclVerdict::kNoAcl},
           {"a prefix", {acl("tra", kPrefixed, kRead)}, kRead, AclVerdict::kAllowed},
           {"the whole name", {acl("trades", kPrefixed, kRead)}, kRead, AclVerdict::kAllowed},
           {"every name", {acl("*", kLiteral, kRead)}, kRead, AclVerdict::kAllowed},
           {"* is a prefix like others", {acl("*", kPrefixed, kRead)}, kRead, AclVerdict::kNoAcl},
           {"another operation", {acl("trades", kLiteral, kWrite)}, kRead, AclVerdict::kDenied},
           {"all", {acl("trades", kLiteral, kAll)}, kAlterConfigs, AclVerdict::kAllowed},
           {"read describes", {acl("trades", kLiteral, kRead)}, kDescribe, AclVerdict::kAllowed},
           {"write does", {acl("trades", kLiteral, kWrite)}, kDescribe, AclVerdict::kAllowed},
           {"delete does", {acl("trades", kLiteral, kDelete)}, kDescribe, AclVerdict::kAllowed},
           {"alter does", {acl("trades", kLiteral, kAlter)}, kDescribe, AclVerdict::kAllowed},
           {"create does not", {acl("trades", kLiteral, kCreate)}, kDescribe, AclVerdict::kDenied},
           {"altering configs describes them",
            {acl("trades", kLiteral, kAlterConfigs)},
            kDescribeConfigs,
            AclVerdict::kAllowed},
           {"but not the topic",
            {acl("trades", kLiteral, kAlterConfigs)},
            kDescribe,
            AclVerdict::kDenied},
           {"describing does not read",
            {acl("trades", kLiteral, kDescribe)},
            kRead,
            AclVerdict::kDenied},
           {"a deny wins over its own name",
            {acl("trades", kLiteral, kRead), acl("t", kPrefixed, kRead, kDeny)},
            kRead,
            AclVerdict::kDenied},
           {"and over every name",
            {acl("trades", kLiteral, kRead), acl("*", kLiteral, kAll, kDeny)},
            kRead,
            AclVerdict::kDenied},
           {"a deny of read denies no describe",
            {acl("trades", kLiteral, kWrite), acl("trades", kLiteral, kRead, kDeny)},
            kDescribe,
            AclVerdict::kAllowed},
           {"every user",
            {acl("trades", kLiteral, kRead, kAllow, "User:*")},
            kRead,
            AclVerdict::kAllowed},
           {"every user is denied",
            {acl("trades", kLiteral, kRead), acl("trades", kLiteral, kRead, kDeny, "User:*")},
            kRead,
            AclVerdict::kDenied},
           {"another user",
            {acl("trades", kLiteral, kRead, kAllow, "User:bob")},
            kRead,
            AclVerdict::kDenied},
           {"the host",
            {acl("trades", kLiteral, kRead, kAllow, "User:alice", "10.0.0.1")},
            kRead,
            AclVerdict::kAllowed},
           {"another host",
            {acl("trades", kLiteral, kRead, kAllow, "User:alice", "10.0.0.2")},
            kRead,
            AclVerdict::kDenied},
       }) {
    EXPECT_EQ(ask(index_of(one.acls), one.asked, about), one.verdict) << one.rule;
  }
}

TEST(AclIndex, other_types_of_resources_do_not_matter) {
  AclIndex index;
  index.add({ResourceType::kGroup, kLiteral, "trades", "User:alice", "*", kRead, kAllow});
  EXPECT_EQ(ask(index, kRead, "trades"), AclVerdict::kNoAcl);
}

TEST(AclIndex, what_is_removed_does_not_count_and_what_is_there_twice_is_one) {
  AclIndex index;
  const std::vector<Acl> acls{acl("tra", kPrefixed, kRead), acl("tre", kPrefixed, kRead),
                              acl("tra", kPrefixed, kRead, kAllow, "User:bob")};
  for (const Acl& one : acls) {
    EXPECT_TRUE(index.add(one));
    EXPECT_FALSE(index.add(one));
  }
  EXPECT_EQ(index.size(), 3u);
  EXPECT_TRUE(index.remove(acls[0]));
  EXPECT_FALSE(index.remove(acls[0]));
  EXPECT_EQ(ask(index, kRead, "trades"), AclVerdict::kDenied);
  EXPECT_EQ(ask(index, kRead, "trades", "User:bob"), AclVerdict::kAllowed);
  EXPECT_EQ(ask(index, kRead, "trees"), AclVerdict::kAllowed);
  EXPECT_TRUE(index.remove(acls[2]));
  EXPECT_EQ(ask(index, kRead, "trades"), AclVerdict::kNoAcl);
  EXPECT_TRUE(index.remove(acls[1]));
  EXPECT_EQ(index.size(), 0u);
  EXPECT_EQ(index.bytes(), 0u);
}

TEST(AclIndex, somewhere_is_allowed_unless_a_deny_covers_it) {
  const auto somewhere = [](const std::vector<Acl>& acls) {
    return index_of(acls).allows_somewhere(
        {kWrite, ResourceType::kTopic, {}, "User:alice", "10.0.0.1"});
  };
  EXPECT_FALSE(somewhere({}));
  EXPECT_FALSE(somewhere({acl("trades", kLiteral, kRead)}));
  EXPECT_TRUE(somewhere({acl("trades", kLiteral, kWrite)}));
  EXPECT_FALSE(somewhere({acl("trades", kLiteral, kWrite), acl("trades", kLiteral, kAll, kDeny)}));
  EXPECT_FALSE(somewhere({acl("trades", kLiteral, kWrite), acl("tr", kPrefixed, kWrite, kDeny)}));
  EXPECT_FALSE(somewhere({acl("tra", kPrefixed, kWrite), acl("tr", kPrefixed, kWrite, kDeny)}));
  EXPECT_TRUE(somewhere({acl("tr", kPrefixed, kWrite), acl("tra", kPrefixed, kWrite, kDeny)}));
  EXPECT_TRUE(somewhere({acl("*", kLiteral, kWrite), acl("tra", kPrefixed, kWrite, kDeny)}));
  EXPECT_FALSE(somewhere({acl("tra", kPrefixed, kWrite), acl("*", kLiteral, kWrite, kDeny)}));
}

TEST(AclIndex, filters_match_as_kafkas_do) {
  const AclIndex index = index_of({acl("trades", kLiteral, kRead), acl("trades", kPrefixed, kRead),
                                   acl("tra", kPrefixed, kWrite, kDeny), acl("*", kLiteral, kRead),
                                   acl("quotes", kLiteral, kRead, kAllow, "User:bob", "10.0.0.1")});
  const auto count = [&](kafka::AclFilter filter) { return index.matching(filter).size(); };
  EXPECT_EQ(count({}), 5u);
  EXPECT_EQ(count({.resource_type = ResourceType::kGroup}), 0u);
  EXPECT_EQ(count({.pattern_type = kPrefixed}), 2u);
  EXPECT_EQ(count({.pattern_type = kafka::PatternType::kAny, .resource_name = "trades"}), 2u);
  EXPECT_EQ(count({.pattern_type = kLiteral, .resource_name = "trades"}), 1u);
  EXPECT_EQ(count({.pattern_type = kMatch, .resource_name = "trades"}), 4u);
  EXPECT_EQ(count({.pattern_type = kMatch}), 5u);
  EXPECT_EQ(count({.principal = "User:bob"}), 1u);
  EXPECT_EQ(count({.host = "*"}), 4u);
  EXPECT_EQ(count({.operation = kWrite}), 1u);
  EXPECT_EQ(count({.permission = kDeny}), 1u);
}

}  // namespace
}  // namespace ticklake::broker
