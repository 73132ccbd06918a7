#include "aws/iam_users.h"

#include <algorithm>

namespace ticklake::aws {
namespace {

constexpr size_t kUserNameCharactersMax = 64;
constexpr size_t kIdCharacters = 17;

Answer<IdentityState::UserPointer> found(const IdentityState& state, std::string_view name) {
  auto user = state.find_user(name);
  if (user) return user;
  return refuse(ErrorKind::kNoSuchEntity,
                "The user with name " + std::string(name) + " cannot be found.");
}

Answer<void> check_is_no_root(std::string_view name) {
  if (name != IdentityState::kRootName) return {};
  return refuse(ErrorKind::kValidation, "The root of the account has keys and nothing else.");
}

Answer<std::vector<AccessKey>::iterator> key_of(User& user, std::string_view key_id) {
  const auto key = std::ranges::find(user.keys, key_id, &AccessKey::id);
  if (key != user.keys.end()) return key;
  return refuse(ErrorKind::kNoSuchEntity,
                "The Access Key with id " + std::string(key_id) + " cannot be found.");
}

}  // namespace

Answer<void> IamUsers::change(
    std::string_view name, const std::function<Answer<void>(const IdentityState&, User&)>& change) {
  return store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    TICKLAKE_ASSIGN(const UserPointer user, found(next.state(), name));
    User changed = *user;
    TICKLAKE_TRY(change(next.state(), changed));
    return next.put(std::move(changed));
  });
}

Answer<IamUsers::UserPointer> IamUsers::create(std::string_view name, std::string_view path) {
  TICKLAKE_TRY(check_name(name, "userName", kUserNameCharactersMax));
  TICKLAKE_TRY(check_path(path));
  TICKLAKE_TRY(store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    if (next.state().find_user(name)) {
      return refuse(ErrorKind::kEntityAlreadyExists,
                    "User with name " + std::string(name) + " already exists.");
    }
    if (next.state().user_count() > kUsersMax) {  // the root is not counted
      return refuse(ErrorKind::kLimitExceeded,
                    "Cannot exceed quota for users: " + std::to_string(kUsersMax));
    }
    User user;
    user.name = name;
    user.id = store_.new_id("AIDA", kIdCharacters);
    user.path = path;
    user.created = store_.now();
    return next.put(std::move(user));
  }));
  return get(name);
}

Answer<IamUsers::UserPointer> IamUsers::get(std::string_view name) const {
  return found(*store_.state(), name);
}

Answer<void> IamUsers::remove(std::string_view name) {
  TICKLAKE_TRY(check_is_no_root(name));
  return store_.change([&](IdentityStore::Change& next) -> Answer<void> {
    TICKLAKE_ASSIGN(const UserPointer user, found(next.state(), name));
    if (!user->keys.empty()) {
      return refuse(ErrorKind::kDeleteConflict,
                    "Cannot delete entity, must delete access keys first.");
    }
    TICKLAKE_TRY(check_has_no_policies(*user));
    return next.remove_user(name);
  });
}

Answer<AccessKey> IamUsers::create_key(std::string_view name) {
  AccessKey key = store_.new_access_key();
  TICKLAKE_TRY(change(name, [&](const IdentityState& state, User& user) -> Answer<void> {
    if (user.keys.size() >= kAccessKeysPerUserMax) {
      return refuse(ErrorKind::kLimitExceeded, "Cannot exceed quota for AccessKeysPerUser: " +
                                                   std::to_string(kAccessKeysPerUserMax));
    }
    if (state.find_user_of_key(key.id)) {  // one in 2^80, or a random source that is none
      return refuse(ErrorKind::kInternal, "The request processing has failed; try again.");
    }
    user.keys.push_back(key);
    return {};
  }));
  return key;
}

Answer<std::vector<AccessKey>> IamUsers::list_keys(std::string_view name) const {
  TICKLAKE_ASSIGN(const UserPointer user, get(name));
  return user->keys;
}

Answer<void> IamUsers::set_key_active(std::string_view name, std::string_view key_id,
                                      bool is_active) {
  return change(name, [&](const IdentityState&, User& user) -> Answer<void> {
    TICKLAKE_ASSIGN(const auto key, key_of(user, key_id));
    key->is_active = is_active;
    return {};
  });
}

Answer<void> IamUsers::delete_key(std::string_view name, std::string_view key_id) {
  return change(name, [&](const IdentityState&, User& user) -> Answer<void> {
    TICKLAKE_ASSIGN(const auto key, key_of(user, key_id));
    user.keys.erase(key);
    return {};
  });
}

Answer<IamUsers::UserPointer> IamUsers::owner_of_key(std::string_view key_id) const {
  auto user = store_.state()->find_user_of_key(key_id);
  if (user) return user;
  return refuse(ErrorKind::kNoSuchEntity,
                "The Access Key with id " + std::string(key_id) + " cannot be found.");
}

Answer<void> IamUsers::attach_policy(std::string_view name, std::string_view arn) {
  TICKLAKE_TRY(check_is_no_root(name));
  return change(name, [&](const IdentityState& state, User& user) {
    return aws::attach_policy(state, user, arn);
  });
}

Answer<void> IamUsers::detach_policy(std::string_view name, std::string_view arn) {
  return change(name,
                [&](const IdentityState&, User& user) { return aws::detach_policy(user, arn); });
}

Answer<std::vector<AttachedPolicy>> IamUsers::list_attached_policies(std::string_view name) const {
  const auto state = store_.state();
  TICKLAKE_ASSIGN(const UserPointer user, found(*state, name));
  return attached_policies(*state, *user);
}

Answer<void> IamUsers::put_policy(std::string_view name, std::string_view policy,
                                  std::string text) {
  TICKLAKE_TRY(check_is_no_root(name));
  return change(name, [&](const IdentityState&, User& user) {
    return put_inline_policy(user, policy, text, kUserPoliciesCharactersMax);
  });
}

Answer<std::string> IamUsers::get_policy(std::string_view name, std::string_view policy) const {
  TICKLAKE_ASSIGN(const UserPointer user, get(name));
  return inline_policy(*user, policy);
}

Answer<std::vector<std::string>> IamUsers::list_policies(std::string_view name) const {
  TICKLAKE_ASSIGN(const UserPointer user, get(name));
  return inline_policy_names(*user);
}

Answer<void> IamUsers::delete_policy(std::string_view name, std::string_view policy) {
  return change(
      name, [&](const IdentityState&, User& user) { return delete_inline_policy(user, policy); });
}

}  // namespace ticklake::aws
