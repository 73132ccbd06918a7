#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "aws/identity_file.h"
#include "aws/identity_state.h"
#include "aws/signature_v4.h"
#include "base/clock.h"

namespace ticklake::aws {

/// Identities in memory, and their file. Reading takes a snapshot and touches no disk; a change is
/// on disk before it is seen or acknowledged, all of it or nothing. Safe from any thread.
class IdentityStore {
 public:
  /// `clock` must outlive it. A file that is made by this gets a key of the account's root, which
  /// may do everything: first_key(). Errors as IdentityFile::open().
  static base::Result<std::unique_ptr<IdentityStore>> open(base::FileSystem& files,
                                                           const base::Path& path,
                                                           const base::Clock& clock,
                                                           base::SecretRandom random);

  /// None unless open() has just made the file.
  const std::optional<AccessKey>& first_key() const { return first_key_; }

  std::shared_ptr<const IdentityState> state() const;
  const SessionKey& session_key() const { return session_key_; }
  base::WallTime now() const { return clock_.wall_now(); }
  const base::SecretRandom& random() const { return random_; }

  /// Goes on from what another process (`ticklake key`) has changed in the file; true if there was
  /// something. Asks the file, so to be called by a timer, not by each request.
  base::Result<bool> refresh();

  /// What a change sees, its own writes included, and what it writes.
  class Change {
   public:
    const IdentityState& state() const { return next_; }
    Answer<void> put(User user);
    Answer<void> put(Role role);
    Answer<void> put(ManagedPolicy policy);
    Answer<void> remove_user(std::string_view name);
    Answer<void> remove_role(std::string_view name);
    Answer<void> remove_policy(std::string_view arn);

   private:
    friend class IdentityStore;
    Change(IdentityFile& file, IdentityState next) : file_(file), next_(std::move(next)) {}
    IdentityFile& file_;
    IdentityState next_;
  };
  /// One change at a time. If `change` refuses, nothing has happened; kInternal if the disk did.
  Answer<void> change(const std::function<Answer<void>(Change&)>& change);

  /// `AKIA`, `AIDA`, … and so many random letters and digits.
  std::string new_id(std::string_view prefix, size_t characters) const;
  AccessKey new_access_key() const;
  std::string new_secret() const;

 private:
  IdentityStore(IdentityFile file, const base::Clock& clock, base::SecretRandom random)
      : file_(std::move(file)), clock_(clock), random_(std::move(random)) {}
  base::Result<void> load();
  base::Result<bool> refresh_locked();
  Answer<void> make_first_key();
  void publish(IdentityState state);

  std::mutex file_mutex_;  ///< held by who uses file_ and file_change_
  IdentityFile file_;
  int64_t file_change_ = 0;
  const base::Clock& clock_;
  const base::SecretRandom random_;
  SessionKey session_key_{};
  std::optional<AccessKey> first_key_;
  mutable std::mutex state_mutex_;  ///< of the pointer only
  std::shared_ptr<const IdentityState> state_;
};

}  // namespace ticklake::aws
