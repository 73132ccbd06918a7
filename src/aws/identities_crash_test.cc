#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/identities_test_bed.h"

namespace ticklake::aws {
namespace {

std::string user_name(int round, int number) {
  return "u" + std::to_string(round) + "-" + std::to_string(number);
}

/// What runs in the process that will be killed: a byte to the pipe after each user that is whole.
[[noreturn]] void make_users(IdentitiesTestBed& bed, int round, int pipe) {
  bed.open();
  for (int number = 0;; ++number) {
    const std::string name = user_name(round, number);
    const bool is_done = bed.users->create(name) && bed.users->create_key(name) &&
                         bed.users->put_policy(name, "p", allow("s3:*"));
    if (!is_done || ::write(pipe, "x", 1) != 1) ::_exit(1);
  }
}

TEST(IdentityStore, what_was_acknowledged_survives_kill_9) {
  IdentitiesTestBed bed;
  const AccessKey root = *bed.store->first_key();
  constexpr int kRounds = 4;
  constexpr int kUsersARound = 5;
  for (int round = 0; round < kRounds; ++round) {
    bed.store.reset();
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) make_users(bed, round, pipe[1]);
    ::close(pipe[1]);
    for (int number = 0; number < kUsersARound; ++number) {
      char byte = 0;
      ASSERT_EQ(::read(pipe[0], &byte, 1), 1) << "the process ended by itself";
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    ::close(pipe[0]);
    bed.open();
    EXPECT_TRUE(bed.access->authenticate(root.id, ""));
    for (int number = 0; number < kUsersARound; ++number) {
      const std::string name = user_name(round, number);
      const auto keys = bed.users->list_keys(name);
      ASSERT_TRUE(keys) << name;
      ASSERT_EQ(keys->size(), 1u);
      const Principal user = bed.principal_of({keys->front().id, keys->front().secret});
      EXPECT_TRUE(bed.allows(user, "s3:GetObject", "arn:aws:s3:::b/k"));
    }
  }
}

}  // namespace
}  // namespace ticklake::aws
