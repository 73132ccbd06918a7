#include "aws/identity_store.h"

#include "base/base64.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kIdDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr size_t kAccessKeyIdCharacters = 16;
constexpr size_t kSecretBytes = 30;  // 40 characters of base64

Answer<void> on_disk(const base::Result<void>& written) {
  if (written) return {};
  return tl::unexpected(ServiceError{ErrorKind::kInternal,
                                     "The request processing has failed because of an internal "
                                     "error.",
                                     base::to_line(written.error())});
}

}  // namespace

base::Result<std::unique_ptr<IdentityStore>> IdentityStore::open(base::FileSystem& files,
                                                                 const base::Path& path,
                                                                 const base::Clock& clock,
                                                                 base::SecretRandom random) {
  TICKLAKE_ASSIGN(IdentityFile file, IdentityFile::open(files, path, random));
  std::unique_ptr<IdentityStore> store(
      new IdentityStore(std::move(file), clock, std::move(random)));
  TICKLAKE_TRY(store->load());
  if (!store->state()->find_user(IdentityState::kRootName)) {
    if (const auto made = store->make_first_key(); !made) {
      return tl::unexpected(to_base_error(made.error(), "cannot make the first key"));
    }
  }
  return store;
}

Answer<void> IdentityStore::make_first_key() {
  std::optional<AccessKey> key;
  TICKLAKE_TRY(change([&](Change& next) -> Answer<void> {
    // Another process may have been quicker.
    if (next.state().find_user(IdentityState::kRootName)) return {};
    key = new_access_key();
    User root;
    root.name = IdentityState::kRootName;
    root.id = kAccountId;
    root.created = now();
    root.keys = {*key};
    return next.put(std::move(root));
  }));
  first_key_ = std::move(key);
  return {};
}

base::Result<void> IdentityStore::load() {
  const std::lock_guard lock(file_mutex_);
  TICKLAKE_ASSIGN(session_key_, file_.session_key());
  TICKLAKE_ASSIGN(file_change_, file_.change_number());
  TICKLAKE_ASSIGN(IdentityState state, file_.load());
  publish(std::move(state));
  return {};
}

std::shared_ptr<const IdentityState> IdentityStore::state() const {
  const std::lock_guard lock(state_mutex_);
  return state_;
}

void IdentityStore::publish(IdentityState state) {
  auto next = std::make_shared<const IdentityState>(std::move(state));
  const std::lock_guard lock(state_mutex_);
  state_.swap(next);
}

base::Result<bool> IdentityStore::refresh() {
  const std::lock_guard lock(file_mutex_);
  return refresh_locked();
}

base::Result<bool> IdentityStore::refresh_locked() {
  TICKLAKE_ASSIGN(const int64_t number, file_.change_number());
  if (number == file_change_) return false;
  TICKLAKE_ASSIGN(IdentityState state, file_.load());
  publish(std::move(state));
  file_change_ = number;
  return true;
}

Answer<void> IdentityStore::change(const std::function<Answer<void>(Change&)>& change) {
  const std::lock_guard lock(file_mutex_);
  auto transaction = file_.begin();
  if (!transaction) return on_disk(tl::unexpected(transaction.error()));
  // Nobody else writes from here on, so what is read now is what is changed.
  if (const auto refreshed = refresh_locked(); !refreshed) {
    return on_disk(tl::unexpected(refreshed.error()));
  }
  Change next(file_, *state());
  TICKLAKE_TRY(change(next));
  TICKLAKE_TRY(on_disk(transaction->commit()));
  publish(std::move(next.next_));
  return {};
}

Answer<void> IdentityStore::Change::put(User user) {
  TICKLAKE_TRY(on_disk(file_.put(user)));
  next_.put(std::make_shared<const User>(std::move(user)));
  return {};
}

Answer<void> IdentityStore::Change::put(Role role) {
  TICKLAKE_TRY(on_disk(file_.put(role)));
  next_.put(std::make_shared<const Role>(std::move(role)));
  return {};
}

Answer<void> IdentityStore::Change::put(ManagedPolicy policy) {
  TICKLAKE_TRY(on_disk(file_.put(policy)));
  next_.put(std::make_shared<const ManagedPolicy>(std::move(policy)));
  return {};
}

Answer<void> IdentityStore::Change::remove_user(std::string_view name) {
  TICKLAKE_TRY(on_disk(file_.remove_user(name)));
  next_.remove_user(name);
  return {};
}

Answer<void> IdentityStore::Change::remove_role(std::string_view name) {
  TICKLAKE_TRY(on_disk(file_.remove_role(name)));
  next_.remove_role(name);
  return {};
}

Answer<void> IdentityStore::Change::remove_policy(std::string_view arn) {
  TICKLAKE_TRY(on_disk(file_.remove_policy(arn)));
  next_.remove_policy(arn);
  return {};
}

std::string IdentityStore::new_id(std::string_view prefix, size_t characters) const {
  base::Bytes bytes(characters);
  random_(bytes);
  std::string id(prefix);
  for (const std::byte byte : bytes)
    id += kIdDigits[std::to_integer<size_t>(byte) % kIdDigits.size()];
  return id;
}

std::string IdentityStore::new_secret() const {
  base::Bytes bytes(kSecretBytes);
  random_(bytes);
  return base::to_base64(bytes);
}

AccessKey IdentityStore::new_access_key() const {
  return {new_id("AKIA", kAccessKeyIdCharacters), new_secret(), true, now()};
}

}  // namespace ticklake::aws
