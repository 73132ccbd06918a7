#pragma once

#include <array>

#include "aws/identity_state.h"
#include "base/file_system.h"
#include "base/result.h"
#include "base/secret_random.h"
#include "base/sqlite.h"

namespace ticklake::aws {

/// The key that seals session tokens; made with the file, and never shown.
using SessionKey = std::array<std::byte, 32>;

/// The SQLite file that identities are kept in, 0600, secrets as they are. Writes belong in a
/// transaction. One thread at a time; other processes may use the file as well.
class IdentityFile {
 public:
  /// Made if it is not there. kUnsupported if a later version of ticklake made it; kInvalidData if
  /// it is another program's.
  static base::Result<IdentityFile> open(base::FileSystem& files, const base::Path& path,
                                         const base::SecretRandom& random);

  base::Result<IdentityState> load();
  base::Result<SessionKey> session_key();
  /// Differs after another process, not this one, has changed the file.
  base::Result<int64_t> change_number();
  base::Result<base::SqliteTransaction> begin() {
    return base::SqliteTransaction::begin(database_);
  }

  base::Result<void> put(const User& user);
  base::Result<void> put(const Role& role);
  base::Result<void> put(const ManagedPolicy& policy);
  base::Result<void> remove_user(std::string_view name);
  base::Result<void> remove_role(std::string_view name);
  base::Result<void> remove_policy(std::string_view arn);

 private:
  explicit IdentityFile(base::SqliteDatabase database) : database_(std::move(database)) {}
  base::Result<void> make_session_key(const base::SecretRandom& random);
  base::Result<void> put(const char* sql, std::string_view key, const std::string& document);
  base::Result<void> remove(const char* sql, std::string_view key);
  template <typename Parse>
  base::Result<void> load_all(const char* sql, IdentityState& state, Parse parse);

  base::SqliteDatabase database_;
};

}  // namespace ticklake::aws
