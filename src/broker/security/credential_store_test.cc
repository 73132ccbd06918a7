#include "broker/security/credential_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/temporary_folder.h"

namespace ticklake::broker {
namespace {

using kafka::ScramMechanism;

kafka::ScramCredential credential_of(const char* password) {
  return make_credential(ScramMechanism::kSha256, password, base::system_secret_random());
}

class CredentialStoreOnDisk : public testing::Test {
 protected:
  CredentialStore open() {
    CredentialStore store;
    EXPECT_TRUE(store.open(files_, folder_.path()));
    return store;
  }
  base::Path file() const { return folder_.path() / CredentialStore::kFileName; }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
};

TEST_F(CredentialStoreOnDisk, what_was_set_is_there_again) {
  const std::string name = "al ice\nä";
  const auto credential = credential_of("secret");
  {
    CredentialStore store = open();
    ASSERT_TRUE(store.apply({{name, ScramMechanism::kSha256, credential},
                             {"bob", ScramMechanism::kSha256, credential_of("b")}}));
    ASSERT_TRUE(store.apply({{"bob", ScramMechanism::kSha256, std::nullopt}}));
  }
  const CredentialStore store = open();
  ASSERT_TRUE(store.find(name, ScramMechanism::kSha256));
  EXPECT_EQ(*store.find(name, ScramMechanism::kSha256), credential);
  EXPECT_FALSE(store.find(name, ScramMechanism::kSha512));
  EXPECT_FALSE(store.find("bob", ScramMechanism::kSha256));
  EXPECT_EQ(store.users().size(), 1u);
}

TEST_F(CredentialStoreOnDisk, nobody_else_may_read_the_file_and_no_password_is_in_it) {
  CredentialStore store = open();
  ASSERT_TRUE(store.apply({{"alice", ScramMechanism::kSha256, credential_of("open sesame")}}));
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto text = base::read_text(files_, file(), 1 << 20);
  EXPECT_EQ(text->find("open sesame"), std::string::npos);
}

TEST_F(CredentialStoreOnDisk, a_decoy_is_the_same_after_a_restart) {
  kafka::ScramCredential before;
  {
    CredentialStore store = open();
    ASSERT_TRUE(store.apply({{"alice", ScramMechanism::kSha256, credential_of("a")}}));
    before = store.decoy("nobody", ScramMechanism::kSha512);
    EXPECT_NE(before, store.decoy("nobody else", ScramMechanism::kSha512));
  }
  const CredentialStore store = open();
  EXPECT_EQ(store.decoy("nobody", ScramMechanism::kSha512), before);
  EXPECT_EQ(before.salt.size(), store.find("alice", ScramMechanism::kSha256)->salt.size());
  EXPECT_EQ(before.iterations, store.find("alice", ScramMechanism::kSha256)->iterations);
}

TEST_F(CredentialStoreOnDisk, a_file_that_was_damaged_is_named_with_its_line) {
  {
    CredentialStore store = open();
    ASSERT_TRUE(store.apply({{"alice", ScramMechanism::kSha256, credential_of("a")}}));
  }
  const std::string text = *base::read_text(files_, file(), 1 << 20);
  for (const std::string& damaged :
       {text.substr(0, text.size() - 10), "x" + text, text + "user x\n", text + "\n"}) {
    ASSERT_TRUE(base::replace_text(files_, file(), damaged));
    CredentialStore store;
    const auto opened = store.open(files_, folder_.path());
    ASSERT_FALSE(opened) << damaged;
    EXPECT_EQ(opened.error().code, base::ErrorCode::kCorrupt);
    EXPECT_NE(opened.error().cause.find("line "), std::string::npos);
  }
}

TEST(CredentialStore, unlisted_users_authenticate_and_are_not_listed) {
  CredentialStore store;
  store.set_unlisted("ticklake", {{ScramMechanism::kSha256, credential_of("x")}});
  EXPECT_TRUE(store.find("ticklake", ScramMechanism::kSha256));
  EXPECT_TRUE(store.users().empty());
}

}  // namespace
}  // namespace ticklake::broker
