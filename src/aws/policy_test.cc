#include "aws/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/aws_managed_policies.h"
#include "aws/timestamp.h"

namespace ticklake::aws {
namespace {

using testing::HasSubstr;

Principal alice() {
  Principal principal;
  principal.kind = PrincipalKind::kUser;
  principal.arn = "arn:aws:iam::000000000000:user/alice";
  principal.user_id = "AIDAALICE";
  principal.user_name = "alice";
  return principal;
}

Principal session_of_reader() {
  Principal principal;
  principal.kind = PrincipalKind::kAssumedRole;
  principal.arn = "arn:aws:sts::000000000000:assumed-role/reader/s1";
  principal.user_id = "AROAREADER:s1";
  principal.role_name = "reader";
  principal.role_arn = "arn:aws:iam::000000000000:role/reader";
  return principal;
}

Policy parsed(const std::string& text, PolicyKind kind = PolicyKind::kIdentity) {
  auto policy = Policy::parse(text, kind);
  EXPECT_TRUE(policy) << policy.error().message;
  return policy ? std::move(*policy) : Policy();
}

std::string refusal(const std::string& text, PolicyKind kind = PolicyKind::kIdentity) {
  const auto policy = Policy::parse(text, kind);
  if (policy) return "accepted";
  EXPECT_EQ(policy.error().kind, ErrorKind::kMalformedPolicyDocument);
  return policy.error().message;
}

std::string document(const std::string& statements) {
  return R"({"Version": "2012-10-17", "Statement": )" + statements + "}";
}

/// The question that most tests ask, with what they change about it.
struct Question {
  Principal principal = alice();
  std::string action = "s3:GetObject";
  std::string resource = "arn:aws:s3:::b/k";
  RequestContext context{.now = *parse_basic_time("20261129T143000Z")};

  PolicyRequest request() const { return {principal, action, resource, context}; }
};

std::optional<Effect> effect(const std::string& statements, const Question& question = {}) {
  return parsed(document(statements)).effect_on(question.request());
}

std::optional<Effect> effect_of_allow(const std::string& rest, const Question& question = {}) {
  return effect(R"({"Effect": "Allow", )" + rest + "}", question);
}

bool holds(const std::string& condition, const Question& question = {}) {
  return effect_of_allow(R"("Action": "*", "Resource": "*", "Condition": )" + condition,
                         question) == Effect::kAllow;
}

TEST(Policy, an_action_is_matched_by_wildcards_in_any_case) {
  const auto allows = [](const std::string& action) {
    return effect_of_allow(R"("Resource": "*", "Action": ")" + action + "\"") == Effect::kAllow;
  };
  for (const char* const action : {"*", "s3:*", "s3:Get*", "S3:getobject", "s3:?etObject",
                                   "s3:*Object", "s*:G*t*b*t", "s3:GetObject*"}) {
    EXPECT_TRUE(allows(action)) << action;
  }
  for (const char* const action :
       {"s3:PutObject", "s3:GetObjectAcl", "s3:Get", "s3:?GetObject", "glue:*", "s3:GetObject?"}) {
    EXPECT_FALSE(allows(action)) << action;
  }
}

TEST(Policy, a_resource_is_matched_by_wildcards_in_its_case) {
  const auto allows = [](const std::string& resource) {
    return effect_of_allow(R"("Action": "*", "Resource": [")" + resource + "\"]") == Effect::kAllow;
  };
  for (const char* const resource : {"*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/*", "arn:aws:s3:::*",
                                     "arn:aws:s3:::?/?", "arn:*:k*", "arn:aws:s3:::b*k"}) {
    EXPECT_EQ(allows(resource), std::string_view(resource) != "arn:*:k*") << resource;
  }
  for (const char* const resource : {"arn:aws:s3:::b", "arn:aws:s3:::B/k", "arn:aws:s3:::b/k/*"}) {
    EXPECT_FALSE(allows(resource)) << resource;
  }
}

TEST(Policy, a_question_mark_is_one_character_however_many_bytes_it_has) {
  Question question;
  question.resource = "arn:aws:s3:::b/€é";
  EXPECT_EQ(effect_of_allow(R"("Action": "*", "Resource": "arn:aws:s3:::b/??")", question),
            Effect::kAllow);
  EXPECT_EQ(effect_of_allow(R"("Action": "*", "Resource": "arn:aws:s3:::b/*???")", question),
            std::nullopt);
}

TEST(Policy, not_action_and_not_resource_are_all_others) {
  EXPECT_EQ(effect_of_allow(R"("NotAction": "iam:*", "Resource": "*")"), Effect::kAllow);
  EXPECT_EQ(effect_of_allow(R"("NotAction": ["iam:*", "s3:*"], "Resource": "*")"), std::nullopt);
  EXPECT_EQ(effect_of_allow(R"("Action": "*", "NotResource": "arn:aws:s3:::c/*")"), Effect::kAllow);
  EXPECT_EQ(effect_of_allow(R"("Action": "*", "NotResource": "arn:aws:s3:::b/*")"), std::nullopt);
}

TEST(Policy, a_deny_wins_over_every_allow) {
  const std::string allow = R"({"Effect": "Allow", "Action": "*", "Resource": "*"})";
  const std::string deny =
      R"({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"})";
  EXPECT_EQ(effect("[" + allow + "," + deny + "]"), Effect::kDeny);
  EXPECT_EQ(effect("[" + deny + "," + allow + "]"), Effect::kDeny);
  EXPECT_EQ(effect("[" + deny + "]"), Effect::kDeny);
  Question other;
  other.resource = "arn:aws:s3:::c/k";
  EXPECT_EQ(effect("[" + deny + "," + allow + "]", other), Effect::kAllow);
  EXPECT_EQ(effect("[" + deny + "]", other), std::nullopt);
}

TEST(Policy, a_user_has_a_folder_of_his_own_by_a_variable) {
  const std::string own = R"("Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*")";
  Question question;
  question.resource = "arn:aws:s3:::home/alice/x";
  EXPECT_EQ(effect_of_allow(own, question), Effect::kAllow);
  question.resource = "arn:aws:s3:::home/bob/x";
  EXPECT_EQ(effect_of_allow(own, question), std::nullopt);
  // A name is no pattern.
  question.principal.user_name = "*";
  EXPECT_EQ(effect_of_allow(own, question), std::nullopt);
  // A role's session has no user name.
  question.principal = session_of_reader();
  question.resource = "arn:aws:s3:::home//x";
  EXPECT_EQ(effect_of_allow(own, question), std::nullopt);
  question.resource = "arn:aws:s3:::home/nobody/x";
  EXPECT_EQ(effect_of_allow(
                R"("Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username, 'nobody'}/*")",
                question),
            Effect::kAllow);
}

TEST(Policy, the_old_version_has_no_variables) {
  Question question;
  question.resource = "arn:aws:s3:::${aws:username}";
  const std::string statement =
      R"({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username}"})";
  EXPECT_EQ(parsed(R"({"Statement": )" + statement + "}").effect_on(question.request()),
            Effect::kAllow);
  EXPECT_EQ(effect(statement, question), std::nullopt);
}

TEST(Policy, literal_wildcards_can_be_written) {
  Question question;
  question.resource = "arn:aws:s3:::b/$*?";
  const std::string resource = R"("Action": "*", "Resource": "arn:aws:s3:::b/${$}${*}${?}")";
  EXPECT_EQ(effect_of_allow(resource, question), Effect::kAllow);
  question.resource = "arn:aws:s3:::b/$abc";
  EXPECT_EQ(effect_of_allow(resource, question), std::nullopt);
}

TEST(Condition, texts_are_compared_as_their_operator_says) {
  Question question;
  question.context.s3_prefix = "home/Alice/";
  EXPECT_TRUE(holds(R"({"StringEquals": {"s3:prefix": ["", "home/Alice/"]}})", question));
  EXPECT_FALSE(holds(R"({"StringEquals": {"s3:prefix": "home/*"}})", question));
  EXPECT_TRUE(holds(R"({"StringLike": {"s3:prefix": "home/*"}})", question));
  EXPECT_TRUE(holds(R"({"StringEqualsIgnoreCase": {"S3:PREFIX": "HOME/alice/"}})", question));
  EXPECT_FALSE(holds(R"({"StringNotEquals": {"s3:prefix": ["x", "home/Alice/"]}})", question));
  EXPECT_TRUE(holds(R"({"StringNotLike": {"s3:prefix": ["x", "y*"]}})", question));
  EXPECT_FALSE(holds(R"({"StringLike": {"s3:prefix": "home/${aws:username}/*"}})", question));
  question.context.s3_prefix = "home/alice/x";
  EXPECT_TRUE(holds(R"({"StringLike": {"s3:prefix": "home/${aws:username}/*"}})", question));
}

TEST(Condition, a_key_that_is_absent_holds_only_where_iam_says_so) {
  EXPECT_FALSE(holds(R"({"StringEquals": {"s3:prefix": "a"}})"));
  EXPECT_TRUE(holds(R"({"StringNotEquals": {"s3:prefix": "a"}})"));
  EXPECT_TRUE(holds(R"({"StringEqualsIfExists": {"s3:prefix": "a"}})"));
  EXPECT_TRUE(holds(R"({"ForAllValues:StringEquals": {"s3:prefix": "a"}})"));
  EXPECT_FALSE(holds(R"({"ForAnyValue:StringEquals": {"s3:prefix": "a"}})"));
  EXPECT_FALSE(holds(R"({"ForAnyValue:StringNotEquals": {"s3:prefix": "a"}})"));
  EXPECT_TRUE(holds(R"({"Null": {"s3:prefix": "true"}})"));
  EXPECT_FALSE(holds(R"({"Null": {"s3:prefix": false}})"));
  EXPECT_FALSE(holds(R"({"Null": {"aws:username": "true"}})"));
}

TEST(Condition, all_operators_and_all_keys_must_hold) {
  Question question;
  question.context.s3_prefix = "a";
  question.context.s3_max_keys = "10";
  const std::string both = R"({"StringEquals": {"s3:prefix": "a", "aws:username": "alice"},
                               "NumericLessThanEquals": {"s3:max-keys": 10}})";
  EXPECT_TRUE(holds(both, question));
  question.context.s3_max_keys = "11";
  EXPECT_FALSE(holds(both, question));
  question.context.s3_max_keys = "many";
  EXPECT_FALSE(holds(both, question));
}

TEST(Condition, addresses_are_in_their_networks) {
  Question question;
  const auto in = [&](const char* address, const std::string& networks) {
    question.context.source_ip = address;
    return holds(R"({"IpAddress": {"aws:SourceIp": )" + networks + "}}", question);
  };
  EXPECT_TRUE(in("10.1.2.3", R"("10.0.0.0/8")"));
  EXPECT_FALSE(in("11.1.2.3", R"("10.0.0.0/8")"));
  EXPECT_TRUE(in("127.0.0.1", R"(["10.0.0.0/8", "127.0.0.1"])"));
  EXPECT_FALSE(in("127.0.0.2", R"("127.0.0.1")"));
  EXPECT_TRUE(in("::ffff:127.0.0.1", R"("127.0.0.0/8")"));
  EXPECT_TRUE(in("2001:db8::1", R"("2001:db8::/32")"));
  EXPECT_FALSE(in("2001:db9::1", R"("2001:db8::/32")"));
  EXPECT_TRUE(in("1.2.3.4", R"("0.0.0.0/0")"));
  question.context.source_ip = "10.1.2.3";
  EXPECT_FALSE(holds(R"({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}})", question));
}

TEST(Condition, dates_truth_values_and_arns_are_compared) {
  Question question;
  EXPECT_TRUE(holds(R"({"DateLessThan": {"aws:CurrentTime": "2026-11-30T00:00:00Z"}})"));
  EXPECT_FALSE(holds(R"({"DateGreaterThan": {"aws:CurrentTime": "2026-11-30T00:00:00Z"}})"));
  EXPECT_TRUE(holds(R"({"NumericEquals": {"aws:EpochTime": 1795962600}})"));
  EXPECT_TRUE(holds(R"({"DateEquals": {"aws:EpochTime": "2026-11-29T14:30:00Z"}})"));
  EXPECT_TRUE(holds(R"({"Bool": {"aws:SecureTransport": false}})"));
  question.context.is_tls = true;
  EXPECT_TRUE(holds(R"({"Bool": {"aws:SecureTransport": "true"}})", question));
  EXPECT_TRUE(holds(R"({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/al*"}})"));
  EXPECT_FALSE(holds(R"({"ArnLike": {"aws:PrincipalArn": "arn:*:user/alice"}})"));
  EXPECT_TRUE(holds(R"({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})"));
}

TEST(Condition, what_cannot_be_told_does_not_allow_and_does_not_keep_from_denying) {
  Question question;
  question.principal = session_of_reader();
  question.context.s3_prefix = "home/x";
  const std::string condition =
      R"("Action": "*", "Resource": "*",
         "Condition": {"StringNotLike": {"s3:prefix": "home/${aws:username}*"}}})";
  EXPECT_EQ(effect(R"({"Effect": "Allow", )" + condition, question), std::nullopt);
  EXPECT_EQ(effect(R"({"Effect": "Deny", )" + condition, question), Effect::kDeny);
}

TEST(Policy, what_is_not_supported_is_refused_by_name) {
  const auto in_statement = [](const std::string& rest) {
    return refusal(document(R"([{"Effect": "Allow", )" + rest + "}]"));
  };
  const std::string all = R"("Action": "*", "Resource": "*")";
  EXPECT_THAT(in_statement(all + R"(, "Condition": {"BinaryEquals": {"s3:prefix": "QQ=="}})"),
              HasSubstr("BinaryEquals"));
  EXPECT_THAT(in_statement(all + R"(, "Condition": {"NullIfExists": {"s3:prefix": "true"}})"),
              HasSubstr("NullIfExists"));
  EXPECT_THAT(
      in_statement(all + R"(, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}})"),
      HasSubstr("aws:MultiFactorAuthPresent"));
  EXPECT_THAT(in_statement(R"("Action": "*", "Resource": "arn:aws:s3:::${aws:PrincipalTag/x}")"),
              HasSubstr("${aws:PrincipalTag/x}"));
  EXPECT_THAT(in_statement(all + R"(, "Principal": "*")"), HasSubstr("Principal"));
  EXPECT_THAT(in_statement(all + R"(, "Actions": "*")"), HasSubstr("Actions"));
  EXPECT_THAT(refusal(R"({"Version": "2020-01-01", "Statement": []})"), HasSubstr("2020-01-01"));
  EXPECT_THAT(refusal(R"({"Version": "2012-10-17", "Statement": {}, "X": 1})"), HasSubstr("X"));
}

TEST(Policy, what_is_malformed_is_refused) {
  const std::string good = R"({"Effect": "Allow", "Action": "*", "Resource": "*"})";
  EXPECT_EQ(refusal(document(good)), "accepted");
  const std::vector<std::string> statements = {
      "[]",
      "1",
      "[1]",
      R"({"Action": "*", "Resource": "*"})",
      R"({"Effect": "allow", "Action": "*", "Resource": "*"})",
      R"({"Effect": "Allow", "Resource": "*"})",
      R"({"Effect": "Allow", "Action": "*"})",
      R"({"Effect": "Allow", "Action": "*", "NotAction": "*", "Resource": "*"})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "*", "NotResource": "*"})",
      R"({"Effect": "Allow", "Action": [], "Resource": "*"})",
      R"({"Effect": "Allow", "Action": "GetObject", "Resource": "*"})",
      R"({"Effect": "Allow", "Action": "s3:", "Resource": "*"})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "b/k"})",
      R"({"Effect": "Allow", "Action": 1, "Resource": "*"})",
      R"({"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "*", "Sid": "a b"})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:username"})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": []})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "*",
          "Condition": {"NumericEquals": {"s3:max-keys": "x"}}})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "*",
          "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "*",
          "Condition": {"StringEquals": {"s3:prefix": []}}})",
      R"({"Effect": "Allow", "Action": "*", "Resource": "*",
          "Condition": {"StringEquals": {"s3:prefix": [["a"]]}}})"};
  for (const std::string& statement : statements) {
    EXPECT_NE(refusal(document(statement)), "accepted") << statement;
  }
  for (const char* const text : {"", "{", "[]", "null", "{}", "\xff", R"({"Statement": {}} x)"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
  EXPECT_NE(refusal(document(std::string(50'000, '[') + std::string(50'000, ']'))), "accepted");
  EXPECT_NE(refusal(document(good) + std::string(kPolicyTextBytesMax, ' ')), "accepted");
  const std::string named = R"({"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"})";
  EXPECT_THAT(refusal(document("[" + named + "," + named + "]")), HasSubstr("Sid A"));
}

TEST(TrustPolicy, names_who_may_take_the_role) {
  using Trust = Policy::Trust;
  Question question;
  question.action = "sts:AssumeRole";
  const auto trust = [&](const std::string& principal, const std::string& more = "") {
    return parsed(document(R"({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": )" +
                           principal + more + "}"),
                  PolicyKind::kTrust)
        .trust_in(question.request());
  };
  EXPECT_EQ(trust(R"({"AWS": "arn:aws:iam::000000000000:root"})"), Trust::kAccount);
  EXPECT_EQ(trust(R"({"AWS": "000000000000"})"), Trust::kAccount);
  EXPECT_EQ(trust(R"("*")"), Trust::kAccount);
  EXPECT_EQ(trust(R"({"AWS": "123456789012"})"), Trust::kNone);
  EXPECT_EQ(trust(R"({"AWS": ["123456789012", "arn:aws:iam::000000000000:user/alice"]})"),
            Trust::kDirect);
  EXPECT_EQ(trust(R"({"AWS": "arn:aws:iam::000000000000:user/bob"})"), Trust::kNone);
  EXPECT_EQ(trust(R"({"Service": "glue.amazonaws.com"})"), Trust::kNone);
  const std::string external = R"(, "Condition": {"StringEquals": {"sts:ExternalId": "42"}})";
  EXPECT_EQ(trust(R"("*")", external), Trust::kNone);
  question.context.external_id = "42";
  EXPECT_EQ(trust(R"("*")", external), Trust::kAccount);
  question.action = "sts:TagSession";
  EXPECT_EQ(trust(R"("*")"), Trust::kNone);
}

TEST(TrustPolicy, what_it_cannot_mean_is_refused) {
  const auto refused = [](const std::string& rest) {
    return refusal(document(R"({"Effect": "Allow", )" + rest + "}"), PolicyKind::kTrust);
  };
  EXPECT_THAT(refused(R"("Action": "sts:AssumeRole")"), HasSubstr("Principal"));
  EXPECT_THAT(refused(R"("Action": "s3:GetObject", "Principal": "*")"), HasSubstr("s3:GetObject"));
  EXPECT_THAT(refused(R"("Action": "sts:*", "Principal": "*", "Resource": "*")"),
              HasSubstr("Resource"));
  EXPECT_THAT(refused(R"("Action": "sts:*", "Principal": {"Federated": "x"})"),
              HasSubstr("Federated"));
  EXPECT_THAT(refused(R"("Action": "sts:*", "Principal": {"AWS": "alice"})"), HasSubstr("alice"));
  EXPECT_THAT(
      refused(R"("Action": "sts:*", "Principal": {"AWS": "arn:aws:iam::000000000000:user/*"})"),
      HasSubstr("user/*"));
  EXPECT_THAT(refused(R"("Action": "sts:*", "Principal": {"Service": "glue"})"), HasSubstr("glue"));
}

TEST(Decide, session_policies_narrow_what_identity_policies_allow) {
  const Policy all = parsed(document(R"({"Effect": "Allow", "Action": "*", "Resource": "*"})"));
  const Policy read =
      parsed(document(R"({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"})"));
  const Policy deny = parsed(document(R"({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})"));
  const NamedPolicy just_all[] = {{"all", &all}};
  const NamedPolicy just_read[] = {{"read", &read}};
  const NamedPolicy just_deny[] = {{"deny", &deny}};
  using Outcome = Decision::Outcome;
  using Session = std::optional<std::span<const NamedPolicy>>;
  Question question;
  const auto outcome = [&](std::span<const NamedPolicy> identity, Session session) {
    return decide(question.request(), identity, session).outcome;
  };
  EXPECT_EQ(outcome(just_all, std::nullopt), Outcome::kAllowed);
  EXPECT_EQ(outcome({}, std::nullopt), Outcome::kImplicitDeny);
  EXPECT_EQ(outcome(just_all, Session(just_read)), Outcome::kAllowed);
  EXPECT_EQ(outcome(just_all, Session(just_deny)), Outcome::kExplicitDeny);
  EXPECT_EQ(outcome({}, Session(just_all)), Outcome::kImplicitDeny);
  EXPECT_EQ(outcome(just_all, Session(std::span<const NamedPolicy>())), Outcome::kImplicitDeny);
  question.action = "s3:PutObject";
  EXPECT_EQ(outcome(just_all, Session(just_read)), Outcome::kImplicitDeny);
  const Decision decision = decide(question.request(), just_read, std::nullopt);
  EXPECT_EQ(access_denied(question.request(), decision).message,
            "User: arn:aws:iam::000000000000:user/alice is not authorized to perform: s3:PutObject "
            "on resource: arn:aws:s3:::b/k because no identity-based policy allows it");
}

TEST(ManagedPolicies, of_aws_are_understood_whole_and_mean_what_their_names_say) {
  const auto allows = [](std::string_view name, const char* action, const char* resource) {
    for (const AwsManagedPolicy& managed : aws_managed_policies()) {
      if (managed.name != name) continue;
      Question question;
      question.action = action;
      question.resource = resource;
      question.context.passed_to_service = "glue.amazonaws.com";
      return parsed(std::string(managed.document)).effect_on(question.request()) == Effect::kAllow;
    }
    ADD_FAILURE() << name;
    return false;
  };
  for (const AwsManagedPolicy& managed : aws_managed_policies()) {
    parsed(std::string(managed.document));
    EXPECT_LE(policy_characters(managed.document), kManagedPolicyCharactersMax) << managed.name;
  }
  EXPECT_TRUE(allows("AdministratorAccess", "iam:CreateUser", "*"));
  EXPECT_FALSE(allows("PowerUserAccess", "iam:CreateUser", "*"));
  EXPECT_TRUE(allows("PowerUserAccess", "glue:CreateTable", "*"));
  EXPECT_TRUE(allows("AmazonS3ReadOnlyAccess", "s3:ListBucket", "arn:aws:s3:::b"));
  EXPECT_FALSE(allows("AmazonS3ReadOnlyAccess", "s3:PutObject", "arn:aws:s3:::b/k"));
  EXPECT_TRUE(allows("AmazonS3FullAccess", "s3:PutObject", "arn:aws:s3:::b/k"));
  EXPECT_FALSE(allows("AmazonS3FullAccess", "glue:GetTable", "*"));
  EXPECT_TRUE(allows("AmazonAthenaFullAccess", "athena:StartQueryExecution", "*"));
  EXPECT_FALSE(allows("AmazonAthenaFullAccess", "s3:GetObject", "arn:aws:s3:::b/k"));
  EXPECT_TRUE(allows("AmazonAthenaFullAccess", "s3:PutObject",
                     "arn:aws:s3:::aws-athena-query-results-000000000000-us-east-1/x.csv"));
  EXPECT_TRUE(allows("AWSGlueServiceRole", "glue:CreateTable", "*"));
  EXPECT_FALSE(allows("AWSGlueServiceRole", "s3:GetObject", "arn:aws:s3:::b/k"));
  EXPECT_TRUE(allows("AWSGlueConsoleFullAccess", "iam:PassRole",
                     "arn:aws:iam::000000000000:role/AWSGlueServiceRole-lake"));
  EXPECT_FALSE(
      allows("AWSGlueConsoleFullAccess", "iam:PassRole", "arn:aws:iam::000000000000:role/admin"));
}

}  // namespace
}  // namespace ticklake::aws
