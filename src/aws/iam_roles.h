#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "aws/identity_policies.h"
#include "aws/identity_store.h"

namespace ticklake::aws {

/// IAM's roles, with IAM's errors. Safe from any thread.
class IamRoles {
 public:
  using RolePointer = IdentityState::RolePointer;

  struct Description {
    std::string name;
    std::string path = "/";
    std::string trust;  ///< the AssumeRolePolicyDocument
    std::string description = {};
    std::chrono::seconds session_max = kRoleSessionDefault;  ///< 1 to 12 hours
  };

  explicit IamRoles(IdentityStore& store) : store_(store) {}

  Answer<RolePointer> create(const Description& description);
  Answer<RolePointer> get(std::string_view name) const;
  std::vector<RolePointer> list() const { return store_.state()->roles(); }
  /// kDeleteConflict while the role has policies. Its sessions end.
  Answer<void> remove(std::string_view name);
  Answer<void> update_trust(std::string_view name, std::string text);

  Answer<void> attach_policy(std::string_view name, std::string_view arn);
  Answer<void> detach_policy(std::string_view name, std::string_view arn);
  Answer<std::vector<AttachedPolicy>> list_attached_policies(std::string_view name) const;
  Answer<void> put_policy(std::string_view name, std::string_view policy, std::string text);
  Answer<std::string> get_policy(std::string_view name, std::string_view policy) const;
  Answer<std::vector<std::string>> list_policies(std::string_view name) const;
  Answer<void> delete_policy(std::string_view name, std::string_view policy);

 private:
  Answer<void> change(std::string_view name,
                      const std::function<Answer<void>(const IdentityState&, Role&)>& change);

  IdentityStore& store_;
};

}  // namespace ticklake::aws
