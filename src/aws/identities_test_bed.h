#pragma once

#include <gtest/gtest.h>

#include "aws/access_control.h"
#include "aws/iam_policies.h"
#include "aws/iam_roles.h"
#include "aws/iam_users.h"
#include "aws/identity_store.h"
#include "aws/sts_sessions.h"
#include "base/temporary_folder.h"

namespace ticklake::aws {

/// A file of identities and all that works on it, for tests.
class IdentitiesTestBed {
 public:
  IdentitiesTestBed() { open(); }

  /// As after a restart.
  void open() {
    store.reset();
    auto opened = IdentityStore::open(files, path(), clock, base::system_secret_random());
    ASSERT_TRUE(opened) << base::to_text(opened.error());
    store = std::move(*opened);
    users.emplace(*store);
    roles.emplace(*store);
    policies.emplace(*store);
    access.emplace(*store);
    sessions.emplace(*store, *access);
  }

  base::Path path() const { return folder.path() / "identities.db"; }

  Principal principal_of(const Credentials& credentials) const {
    const auto identified =
        access->authenticate(credentials.access_key_id, credentials.session_token);
    EXPECT_TRUE(identified) << identified.error().message;
    if (!identified) return {};
    EXPECT_EQ(identified->secret_access_key, credentials.secret_access_key);
    return identified->principal;
  }
  /// Makes a user with a key.
  Principal make_user(const std::string& name) {
    EXPECT_TRUE(users->create(name));
    const auto key = users->create_key(name);
    EXPECT_TRUE(key);
    return principal_of({key->id, key->secret});
  }
  Decision::Outcome outcome(const Principal& principal, std::string_view action,
                            std::string_view resource) const {
    const RequestContext context{.now = clock.wall_now()};
    return access->is_allowed({principal, action, resource, context}).outcome;
  }
  bool allows(const Principal& principal, std::string_view action,
              std::string_view resource) const {
    return outcome(principal, action, resource) == Decision::Outcome::kAllowed;
  }

  base::TemporaryFolder folder;
  base::PosixFileSystem files;
  base::ManualClock clock;
  std::unique_ptr<IdentityStore> store;
  std::optional<IamUsers> users;
  std::optional<IamRoles> roles;
  std::optional<IamPolicies> policies;
  std::optional<AccessControl> access;
  std::optional<StsSessions> sessions;
};

inline std::string allow(const std::string& action, const std::string& resource = "*") {
  return R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ")" + action +
         R"(", "Resource": ")" + resource + "\"}}";
}

inline std::string trust(const std::string& principal) {
  return R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"AWS": ")" +
         principal + "\"}}}";
}

/// The refusal of an Answer; none if it is none.
template <typename T>
std::optional<ErrorKind> kind_of(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error().kind);
}

}  // namespace ticklake::aws
