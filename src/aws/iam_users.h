#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aws/identity_policies.h"
#include "aws/identity_store.h"

namespace ticklake::aws {

/// IAM's users and their keys, with IAM's errors. Of the account's root only the keys can be
/// changed, under the name IdentityState::kRootName. Safe from any thread.
class IamUsers {
 public:
  using UserPointer = IdentityState::UserPointer;

  explicit IamUsers(IdentityStore& store) : store_(store) {}

  Answer<UserPointer> create(std::string_view name, std::string_view path = "/");
  Answer<UserPointer> get(std::string_view name) const;
  std::vector<UserPointer> list() const { return store_.state()->users(); }
  /// kDeleteConflict while the user has keys or policies.
  Answer<void> remove(std::string_view name);

  /// The only time that the secret is told.
  Answer<AccessKey> create_key(std::string_view name);
  Answer<std::vector<AccessKey>> list_keys(std::string_view name) const;
  Answer<void> set_key_active(std::string_view name, std::string_view key_id, bool is_active);
  /// Counts from the next request on, here.
  Answer<void> delete_key(std::string_view name, std::string_view key_id);
  /// Whose key it is; kNoSuchEntity if nobody's. For `ticklake key revoke ID`.
  Answer<UserPointer> owner_of_key(std::string_view key_id) const;

  Answer<void> attach_policy(std::string_view name, std::string_view arn);
  Answer<void> detach_policy(std::string_view name, std::string_view arn);
  Answer<std::vector<AttachedPolicy>> list_attached_policies(std::string_view name) const;
  Answer<void> put_policy(std::string_view name, std::string_view policy, std::string text);
  Answer<std::string> get_policy(std::string_view name, std::string_view policy) const;
  Answer<std::vector<std::string>> list_policies(std::string_view name) const;
  Answer<void> delete_policy(std::string_view name, std::string_view policy);

 private:
  Answer<void> change(std::string_view name,
                      const std::function<Answer<void>(const IdentityState&, User&)>& change);

  IdentityStore& store_;
};

}  // namespace ticklake::aws
