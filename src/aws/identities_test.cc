#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "aws/identities_test_bed.h"

namespace ticklake::aws {
namespace {

using testing::MatchesRegex;

constexpr std::string_view kReadOnly = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";

TEST(IdentityStore, its_first_start_makes_a_key_that_may_do_everything_and_later_ones_do_not) {
  IdentitiesTestBed bed;
  ASSERT_TRUE(bed.store->first_key());
  const AccessKey key = *bed.store->first_key();
  EXPECT_THAT(key.id, MatchesRegex("AKIA[A-Z2-7]{16}"));
  EXPECT_EQ(key.secret.size(), 40u);
  const Principal root = bed.principal_of({key.id, key.secret});
  EXPECT_EQ(root.kind, PrincipalKind::kRoot);
  EXPECT_EQ(root.arn, "arn:aws:iam::000000000000:root");
  EXPECT_EQ(root.user_id, "000000000000");
  EXPECT_TRUE(bed.allows(root, "iam:CreateUser", "*"));
  EXPECT_TRUE(bed.allows(root, "s3:PutObject", "arn:aws:s3:::b/k"));
  bed.open();
  EXPECT_FALSE(bed.store->first_key());
  EXPECT_EQ(bed.principal_of({key.id, key.secret}).arn, root.arn);
  EXPECT_TRUE(bed.users->list().empty());
}

TEST(IdentityStore, its_file_is_for_its_user_only_also_if_it_was_not) {
  IdentitiesTestBed bed;
  const auto mode = [&] {
    struct stat status {};
    EXPECT_EQ(::stat(bed.path().c_str(), &status), 0);
    return status.st_mode & 0777u;
  };
  EXPECT_EQ(mode(), 0600u);
  std::filesystem::permissions(bed.path(), std::filesystem::perms(0644));
  bed.open();
  EXPECT_EQ(mode(), 0600u);
}

TEST(IdentityStore, another_programs_file_and_a_later_version_are_refused) {
  base::PosixFileSystem files;
  const base::TemporaryFolder folder;
  base::ManualClock clock;
  const auto refusal = [&](const char* name, const char* sql) {
    const base::Path path = folder.path() / name;
    auto database = base::SqliteDatabase::open_secret(files, path);
    EXPECT_TRUE(database);
    EXPECT_TRUE(database->execute(sql));
    const auto opened = IdentityStore::open(files, path, clock, base::system_secret_random());
    EXPECT_FALSE(opened);
    return opened.error().code;
  };
  EXPECT_EQ(refusal("other", "CREATE TABLE t (x)"), base::ErrorCode::kInvalidData);
  EXPECT_EQ(refusal("later", "PRAGMA application_id = 1953196388; PRAGMA user_version = 2"),
            base::ErrorCode::kUnsupported);
  ASSERT_TRUE(base::replace_text(files, folder.path() / "text", std::string(5'000, 'x')));
  const auto opened =
      IdentityStore::open(files, folder.path() / "text", clock, base::system_secret_random());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kCorrupt);
}

TEST(IdentityStore, what_was_acknowledged_is_there_after_a_restart) {
  IdentitiesTestBed bed;
  const Principal alice = bed.make_user("alice");
  const auto key = bed.users->list_keys("alice")->front();
  ASSERT_TRUE(bed.users->attach_policy("alice", kReadOnly));
  ASSERT_TRUE(bed.users->put_policy("alice", "own", allow("s3:*", "arn:aws:s3:::alice/*")));
  const auto policy = bed.policies->create("glue", allow("glue:*"), "/team/", "what it is for");
  ASSERT_TRUE(policy);
  ASSERT_TRUE(
      bed.roles->create({"reader", "/x/", trust("000000000000"), "reads", std::chrono::hours{2}}));
  ASSERT_TRUE(bed.roles->attach_policy("reader", (*policy)->arn()));
  bed.open();
  EXPECT_EQ(bed.principal_of({key.id, key.secret}).user_id, alice.user_id);
  EXPECT_TRUE(bed.allows(alice, "s3:GetObject", "arn:aws:s3:::b/k"));
  EXPECT_TRUE(bed.allows(alice, "s3:PutObject", "arn:aws:s3:::alice/k"));
  EXPECT_FALSE(bed.allows(alice, "s3:PutObject", "arn:aws:s3:::b/k"));
  const auto role = bed.roles->get("reader");
  ASSERT_TRUE(role);
  EXPECT_EQ((*role)->arn(), "arn:aws:iam::000000000000:role/x/reader");
  EXPECT_EQ((*role)->session_max, std::chrono::hours{2});
  EXPECT_EQ((*role)->description, "reads");
  EXPECT_EQ((*role)->trust.text, trust("000000000000"));
  const auto again = bed.policies->get("arn:aws:iam::000000000000:policy/team/glue");
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->description, "what it is for");
  EXPECT_EQ((*again)->id, (*policy)->id);
  EXPECT_EQ((*again)->created, bed.clock.wall_now());
}

TEST(IdentityStore, what_another_process_changes_counts_after_a_refresh_and_is_not_overwritten) {
  IdentitiesTestBed bed;
  auto other = IdentityStore::open(bed.files, bed.path(), bed.clock, base::system_secret_random());
  ASSERT_TRUE(other);
  EXPECT_FALSE((*other)->first_key());
  IamUsers others(**other);
  ASSERT_TRUE(others.create("bob"));
  EXPECT_EQ(kind_of(bed.users->get("bob")), ErrorKind::kNoSuchEntity);
  const auto refreshed = bed.store->refresh();
  ASSERT_TRUE(refreshed);
  EXPECT_TRUE(*refreshed);
  EXPECT_FALSE(*bed.store->refresh());
  EXPECT_TRUE(bed.users->get("bob"));
  // A change sees what is in the file, refreshed or not.
  ASSERT_TRUE(others.put_policy("bob", "one", allow("s3:*")));
  ASSERT_TRUE(bed.users->put_policy("bob", "two", allow("glue:*")));
  ASSERT_TRUE((*other)->refresh());
  EXPECT_EQ(*others.list_policies("bob"), (std::vector<std::string>{"one", "two"}));
}

TEST(IdentityStore, threads_may_ask_while_others_change) {
  IdentitiesTestBed bed;
  const Principal alice = bed.make_user("alice");
  const auto key = bed.users->list_keys("alice")->front();
  std::atomic<bool> is_over = false;
  std::atomic<int> asked = 0;
  std::thread reader([&] {
    while (!is_over) {
      EXPECT_TRUE(bed.access->authenticate(key.id, ""));
      EXPECT_TRUE(bed.outcome(alice, "s3:GetObject", "*") != Decision::Outcome::kExplicitDeny);
      ++asked;
    }
  });
  for (int i = 0; i < 20 || asked < 100; ++i) {
    ASSERT_TRUE(bed.users->put_policy("alice", "p", allow("s3:*")));
    ASSERT_TRUE(bed.users->delete_policy("alice", "p"));
  }
  is_over = true;
  reader.join();
}

TEST(IamUsers, keys_are_made_deactivated_and_revoked_at_once) {
  IdentitiesTestBed bed;
  ASSERT_TRUE(bed.users->create("alice"));
  const auto one = bed.users->create_key("alice");
  const auto two = bed.users->create_key("alice");
  ASSERT_TRUE(one && two);
  EXPECT_EQ(kind_of(bed.users->create_key("alice")), ErrorKind::kLimitExceeded);
  const auto refusal = [&](const AccessKey& key) {
    return kind_of(bed.access->authenticate(key.id, ""));
  };
  EXPECT_EQ(refusal(*one), std::nullopt);
  ASSERT_TRUE(bed.users->set_key_active("alice", one->id, false));
  EXPECT_EQ(refusal(*one), ErrorKind::kInvalidAccessKeyId);
  ASSERT_TRUE(bed.users->set_key_active("alice", one->id, true));
  EXPECT_EQ(refusal(*one), std::nullopt);
  EXPECT_EQ((*bed.users->owner_of_key(one->id))->name, "alice");
  ASSERT_TRUE(bed.users->delete_key("alice", one->id));
  EXPECT_EQ(refusal(*one), ErrorKind::kInvalidAccessKeyId);
  EXPECT_EQ(refusal(*two), std::nullopt);
  EXPECT_EQ(kind_of(bed.users->delete_key("alice", one->id)), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.users->owner_of_key(one->id)), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.users->create_key("bob")), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.access->authenticate(two->id, "a token")), ErrorKind::kInvalidToken);
  EXPECT_EQ(kind_of(bed.access->authenticate("AKIA", "")), ErrorKind::kInvalidAccessKeyId);
  EXPECT_EQ(kind_of(bed.access->authenticate("", "")), ErrorKind::kInvalidAccessKeyId);
}

TEST(IamUsers, the_keys_of_root_are_changed_under_its_name_and_nothing_else) {
  IdentitiesTestBed bed;
  const auto key = bed.users->create_key(IdentityState::kRootName);
  ASSERT_TRUE(key);
  EXPECT_EQ(bed.principal_of({key->id, key->secret}).kind, PrincipalKind::kRoot);
  ASSERT_TRUE(bed.users->delete_key(IdentityState::kRootName, bed.store->first_key()->id));
  EXPECT_EQ(kind_of(bed.users->remove(IdentityState::kRootName)), ErrorKind::kValidation);
  EXPECT_EQ(kind_of(bed.users->attach_policy(IdentityState::kRootName, kReadOnly)),
            ErrorKind::kValidation);
  EXPECT_EQ(kind_of(bed.users->create(IdentityState::kRootName)), ErrorKind::kValidation);
}

TEST(IamUsers, refusals_have_iams_codes) {
  IdentitiesTestBed bed;
  ASSERT_TRUE(bed.users->create("alice"));
  EXPECT_EQ(kind_of(bed.users->create("alice")), ErrorKind::kEntityAlreadyExists);
  EXPECT_EQ(kind_of(bed.users->create("ALICE")), ErrorKind::kEntityAlreadyExists);
  EXPECT_EQ(kind_of(bed.users->get("bob")), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.users->remove("bob")), ErrorKind::kNoSuchEntity);
  for (const std::string& name : {std::string(), std::string("a b"), std::string("a/b"),
                                  std::string("é"), std::string(65, 'a')}) {
    EXPECT_EQ(kind_of(bed.users->create(name)), ErrorKind::kValidation) << name;
  }
  EXPECT_TRUE(bed.users->create(std::string(64, 'a')));
  EXPECT_EQ(kind_of(bed.users->create("c", "team")), ErrorKind::kValidation);
  EXPECT_EQ(kind_of(bed.users->attach_policy("alice", "arn:aws:iam::aws:policy/None")),
            ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.users->detach_policy("alice", kReadOnly)), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.users->get_policy("alice", "p")), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.users->delete_policy("alice", "p")), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.users->put_policy("alice", "p", "{}")),
            ErrorKind::kMalformedPolicyDocument);
  EXPECT_EQ(kind_of(bed.users->put_policy(
                "alice", "p", allow("s3:*", "arn:aws:s3:::" + std::string(2'000, 'x')))),
            ErrorKind::kLimitExceeded);
}

TEST(IamUsers, a_user_is_deleted_only_once_nothing_hangs_on_it) {
  IdentitiesTestBed bed;
  const Principal alice = bed.make_user("alice");
  const auto key = bed.users->list_keys("alice")->front();
  ASSERT_TRUE(bed.users->attach_policy("alice", kReadOnly));
  ASSERT_TRUE(bed.users->put_policy("alice", "p", allow("s3:*")));
  EXPECT_EQ(kind_of(bed.users->remove("alice")), ErrorKind::kDeleteConflict);
  ASSERT_TRUE(bed.users->delete_key("alice", key.id));
  EXPECT_EQ(kind_of(bed.users->remove("alice")), ErrorKind::kDeleteConflict);
  ASSERT_TRUE(bed.users->detach_policy("alice", kReadOnly));
  EXPECT_EQ(kind_of(bed.users->remove("alice")), ErrorKind::kDeleteConflict);
  ASSERT_TRUE(bed.users->delete_policy("alice", "p"));
  ASSERT_TRUE(bed.users->remove("alice"));
  EXPECT_EQ(kind_of(bed.users->get("alice")), ErrorKind::kNoSuchEntity);
  // One of the same name is another user.
  bed.make_user("alice");
  ASSERT_TRUE(bed.users->put_policy("alice", "p", allow("*")));
  EXPECT_FALSE(bed.allows(alice, "s3:GetObject", "*"));
}

TEST(IamUsers, ten_policies_can_be_attached_and_no_more) {
  IdentitiesTestBed bed;
  ASSERT_TRUE(bed.users->create("alice"));
  for (size_t i = 0; i <= kAttachedPoliciesMax; ++i) {
    const auto policy = bed.policies->create("p" + std::to_string(i), allow("s3:*"));
    ASSERT_TRUE(policy);
    EXPECT_EQ(kind_of(bed.users->attach_policy("alice", (*policy)->arn())),
              i < kAttachedPoliciesMax ? std::nullopt : std::optional(ErrorKind::kLimitExceeded));
  }
  EXPECT_EQ(bed.users->list_attached_policies("alice")->size(), kAttachedPoliciesMax);
}

TEST(IamPolicies, an_attached_policy_counts_at_once_and_cannot_be_deleted) {
  IdentitiesTestBed bed;
  const Principal alice = bed.make_user("alice");
  const auto policy = bed.policies->create("p", allow("s3:*"));
  ASSERT_TRUE(policy);
  const std::string arn = (*policy)->arn();
  EXPECT_FALSE(bed.allows(alice, "s3:GetObject", "*"));
  ASSERT_TRUE(bed.users->attach_policy("alice", arn));
  EXPECT_TRUE(bed.allows(alice, "s3:GetObject", "*"));
  EXPECT_EQ(bed.policies->attachments(arn), 1u);
  EXPECT_EQ(kind_of(bed.policies->remove(arn)), ErrorKind::kDeleteConflict);
  ASSERT_TRUE(bed.users->detach_policy("alice", arn));
  EXPECT_FALSE(bed.allows(alice, "s3:GetObject", "*"));
  ASSERT_TRUE(bed.policies->remove(arn));
  EXPECT_EQ(kind_of(bed.policies->get(arn)), ErrorKind::kNoSuchEntity);
  EXPECT_EQ(kind_of(bed.policies->remove(kReadOnly)), ErrorKind::kAccessDenied);
  EXPECT_EQ(kind_of(bed.policies->create("p", "no JSON")), ErrorKind::kMalformedPolicyDocument);
}

TEST(IamPolicies, six_thousand_characters_fit_and_more_do_not) {
  IdentitiesTestBed bed;
  const size_t rest = policy_characters(allow("s3:*", "arn:aws:s3:::"));
  const auto of_size = [&](size_t characters) {
    return allow("s3:*", "arn:aws:s3:::" + std::string(characters - rest, 'x'));
  };
  EXPECT_TRUE(bed.policies->create("fits", of_size(kManagedPolicyCharactersMax)));
  EXPECT_EQ(kind_of(bed.policies->create("more", of_size(kManagedPolicyCharactersMax + 1))),
            ErrorKind::kLimitExceeded);
}

}  // namespace
}  // namespace ticklake::aws
