#include "aws/sts_sessions.h"

#include <gtest/gtest.h>

#include "aws/identities_test_bed.h"

namespace ticklake::aws {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr const char* kReaderArn = "arn:aws:iam::000000000000:role/reader";

class StsSessionsTest : public testing::Test {
 protected:
  StsSessionsTest() {
    alice = bed.make_user("alice");
    EXPECT_TRUE(bed.roles->create({.name = "reader", .trust = trust("000000000000")}));
    EXPECT_TRUE(bed.roles->put_policy("reader", "read", allow("s3:Get*")));
    EXPECT_TRUE(bed.users->put_policy("alice", "assume", allow("sts:AssumeRole", kReaderArn)));
  }
  Answer<StsSessions::AssumedRole> assume(const StsSessions::AssumeRole& request) {
    const RequestContext context{.now = bed.clock.wall_now()};
    return bed.sessions->assume_role(alice, request, context);
  }
  std::optional<ErrorKind> refusal(const Credentials& credentials) {
    return kind_of(bed.access->authenticate(credentials.access_key_id, credentials.session_token));
  }

  IdentitiesTestBed bed;
  Principal alice;
};

TEST_F(StsSessionsTest, a_session_of_a_user_may_do_what_the_user_may_but_iam) {
  ASSERT_TRUE(bed.users->put_policy("alice", "all", allow("*")));
  const auto made = bed.sessions->get_session_token(alice, std::nullopt);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->credentials.access_key_id.substr(0, 4), "ASIA");
  EXPECT_EQ(made->expiration, bed.clock.wall_now() + hours{12});
  const Principal session = bed.principal_of(made->credentials);
  EXPECT_EQ(session.arn, alice.arn);
  EXPECT_TRUE(bed.allows(session, "s3:PutObject", "arn:aws:s3:::b/k"));
  EXPECT_FALSE(bed.allows(session, "iam:CreateUser", "*"));
  EXPECT_EQ(kind_of(bed.sessions->get_session_token(session, std::nullopt)),
            ErrorKind::kAccessDenied);
  // What the user may is asked at each request.
  ASSERT_TRUE(bed.users->delete_policy("alice", "all"));
  EXPECT_FALSE(bed.allows(session, "s3:PutObject", "arn:aws:s3:::b/k"));
}

TEST_F(StsSessionsTest, tokens_survive_a_restart_and_end_when_they_say) {
  const auto made = bed.sessions->get_session_token(alice, seconds{900});
  ASSERT_TRUE(made);
  bed.open();
  EXPECT_EQ(refusal(made->credentials), std::nullopt);
  bed.clock.advance(seconds{899});
  EXPECT_EQ(refusal(made->credentials), std::nullopt);
  bed.clock.advance(seconds{1});
  EXPECT_EQ(refusal(made->credentials), ErrorKind::kExpiredToken);
}

TEST_F(StsSessionsTest, a_token_that_is_changed_missing_or_anothers_is_refused) {
  const auto made = bed.sessions->get_session_token(alice, std::nullopt);
  const auto other = bed.sessions->get_session_token(alice, std::nullopt);
  ASSERT_TRUE(made && other);
  Credentials credentials = made->credentials;
  credentials.session_token = other->credentials.session_token;
  EXPECT_EQ(refusal(credentials), ErrorKind::kInvalidToken);
  credentials.session_token.clear();
  EXPECT_EQ(refusal(credentials), ErrorKind::kInvalidAccessKeyId);
  const std::string& good = made->credentials.session_token;
  for (size_t i = 0; i < good.size(); ++i) {
    credentials.session_token = good;
    credentials.session_token[i] = good[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(credentials), ErrorKind::kInvalidToken) << i;
  }
  for (const std::string& token : {std::string("x"), good.substr(0, 40), good + "AAAA",
                                   std::string(kSessionTokenBytesMax + 4, 'A')}) {
    credentials.session_token = token;
    EXPECT_EQ(refusal(credentials), ErrorKind::kInvalidToken);
  }
  // Another server's.
  IdentitiesTestBed elsewhere;
  EXPECT_EQ(kind_of(elsewhere.access->authenticate(made->credentials.access_key_id, good)),
            ErrorKind::kInvalidToken);
}

TEST_F(StsSessionsTest, durations_are_bounded_as_with_aws) {
  const auto refused = [&](seconds duration) {
    return kind_of(bed.sessions->get_session_token(alice, duration));
  };
  EXPECT_EQ(refused(seconds{899}), ErrorKind::kValidation);
  EXPECT_EQ(refused(seconds{900}), std::nullopt);
  EXPECT_EQ(refused(seconds{129'600}), std::nullopt);
  EXPECT_EQ(refused(seconds{129'601}), ErrorKind::kValidation);
  const auto role = [&](seconds duration) {
    return kind_of(assume({.role_arn = kReaderArn, .session_name = "s1", .duration = duration}));
  };
  EXPECT_EQ(role(seconds{3'600}), std::nullopt);
  EXPECT_EQ(role(seconds{3'601}), ErrorKind::kValidation);
  const auto root = bed.principal_of({bed.store->first_key()->id, bed.store->first_key()->secret});
  const auto made = bed.sessions->get_session_token(root, hours{12});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->expiration, bed.clock.wall_now() + hours{1});
}

TEST_F(StsSessionsTest, an_assumed_role_may_do_what_the_role_may_and_nothing_of_its_user) {
  const auto made = assume({.role_arn = kReaderArn, .session_name = "s1"});
  ASSERT_TRUE(made) << made.error().message << made.error().cause;
  EXPECT_EQ(made->arn, "arn:aws:sts::000000000000:assumed-role/reader/s1");
  const Principal session = bed.principal_of(made->session.credentials);
  EXPECT_EQ(session.arn, made->arn);
  EXPECT_EQ(session.user_id, made->id);
  EXPECT_TRUE(bed.allows(session, "s3:GetObject", "arn:aws:s3:::b/k"));
  EXPECT_FALSE(bed.allows(session, "s3:PutObject", "arn:aws:s3:::b/k"));
  EXPECT_FALSE(bed.allows(session, "sts:AssumeRole", kReaderArn));
  // It ends with its role, and a new one of the name is another.
  ASSERT_TRUE(bed.roles->delete_policy("reader", "read"));
  EXPECT_FALSE(bed.allows(session, "s3:GetObject", "arn:aws:s3:::b/k"));
  ASSERT_TRUE(bed.roles->remove("reader"));
  EXPECT_EQ(refusal(made->session.credentials), ErrorKind::kInvalidAccessKeyId);
  ASSERT_TRUE(bed.roles->create({.name = "reader", .trust = trust("000000000000")}));
  EXPECT_EQ(refusal(made->session.credentials), ErrorKind::kInvalidAccessKeyId);
}

TEST_F(StsSessionsTest, session_policies_narrow_what_the_role_may) {
  ASSERT_TRUE(bed.roles->put_policy("reader", "read", allow("s3:*")));
  const auto inline_policy = assume({.role_arn = kReaderArn,
                                     .session_name = "s1",
                                     .policy = allow("s3:GetObject", "arn:aws:s3:::b/x/*")});
  ASSERT_TRUE(inline_policy) << inline_policy.error().message;
  const Principal narrowed = bed.principal_of(inline_policy->session.credentials);
  EXPECT_TRUE(bed.allows(narrowed, "s3:GetObject", "arn:aws:s3:::b/x/k"));
  EXPECT_FALSE(bed.allows(narrowed, "s3:GetObject", "arn:aws:s3:::b/y/k"));
  EXPECT_FALSE(bed.allows(narrowed, "glue:GetTable", "*"));
  const auto by_arn = assume({.role_arn = kReaderArn,
                              .session_name = "s1",
                              .policy_arns = {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}});
  ASSERT_TRUE(by_arn);
  const Principal reader = bed.principal_of(by_arn->session.credentials);
  EXPECT_TRUE(bed.allows(reader, "s3:GetObject", "arn:aws:s3:::b/k"));
  EXPECT_FALSE(bed.allows(reader, "s3:PutObject", "arn:aws:s3:::b/k"));
  EXPECT_EQ(kind_of(assume({.role_arn = kReaderArn, .session_name = "s1", .policy = "{}"})),
            ErrorKind::kMalformedPolicyDocument);
  EXPECT_EQ(kind_of(assume({.role_arn = kReaderArn,
                            .session_name = "s1",
                            .policy_arns = {"arn:aws:iam::aws:policy/None"}})),
            ErrorKind::kValidation);
}

TEST_F(StsSessionsTest, who_is_not_trusted_or_not_allowed_does_not_get_a_role) {
  const StsSessions::AssumeRole request{.role_arn = kReaderArn, .session_name = "s1"};
  ASSERT_TRUE(assume(request));
  // Trusted by account, but no policy of her own.
  ASSERT_TRUE(bed.users->delete_policy("alice", "assume"));
  EXPECT_EQ(kind_of(assume(request)), ErrorKind::kAccessDenied);
  // By name none is needed, but a deny still counts.
  ASSERT_TRUE(bed.roles->update_trust("reader", trust(alice.arn)));
  EXPECT_TRUE(assume(request));
  std::string deny = allow("sts:AssumeRole");
  deny.replace(deny.find("Allow"), 5, "Deny");
  ASSERT_TRUE(bed.users->put_policy("alice", "deny", deny));
  EXPECT_EQ(kind_of(assume(request)), ErrorKind::kAccessDenied);
  ASSERT_TRUE(bed.users->put_policy("alice", "deny", allow("sts:AssumeRole")));
  ASSERT_TRUE(bed.roles->update_trust("reader", trust("arn:aws:iam::000000000000:user/bob")));
  EXPECT_EQ(kind_of(assume(request)), ErrorKind::kAccessDenied);
  // A role that is not there looks the same.
  EXPECT_EQ(
      kind_of(assume({.role_arn = "arn:aws:iam::000000000000:role/none", .session_name = "s1"})),
      ErrorKind::kAccessDenied);
  EXPECT_EQ(
      kind_of(assume({.role_arn = "arn:aws:iam::123456789012:role/reader", .session_name = "s1"})),
      ErrorKind::kAccessDenied);
  EXPECT_EQ(kind_of(assume({.role_arn = kReaderArn, .session_name = "a b"})),
            ErrorKind::kValidation);
  EXPECT_EQ(kind_of(assume({.role_arn = kReaderArn, .session_name = "a"})), ErrorKind::kValidation);
}

TEST_F(StsSessionsTest, the_account_of_a_key_can_be_asked_for) {
  EXPECT_EQ(bed.sessions->access_key_account(bed.store->first_key()->id), "000000000000");
  EXPECT_EQ(kind_of(bed.sessions->access_key_account("AKIANOBODYSKEY000000")),
            ErrorKind::kAccessDenied);
  EXPECT_EQ(kind_of(bed.sessions->access_key_account("x")), ErrorKind::kValidation);
}

}  // namespace
}  // namespace ticklake::aws
