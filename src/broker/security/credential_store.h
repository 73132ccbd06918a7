#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/secret_random.h"
#include "kafka/scram.h"

namespace ticklake::broker {

/// What the broker knows of its users' passwords: SCRAM keys, by user and mechanism, which serve
/// PLAIN as well. They are on disk in one file (docs/formats/scram-credentials.md) that only this
/// user may read; no password is kept anywhere. One thread.
class CredentialStore {
 public:
  using OfUser = std::map<kafka::ScramMechanism, kafka::ScramCredential>;
  struct Change {
    std::string user;
    kafka::ScramMechanism mechanism;
    std::optional<kafka::ScramCredential> credential;  ///< none: it is removed
  };
  static constexpr std::string_view kFileName = "scram-credentials";

  /// Empty, and in memory only, until it is opened.
  explicit CredentialStore(base::SecretRandom random = base::system_secret_random());

  /// Reads what is in `folder`, where changes go from now on. kCorrupt names a file that does not
  /// read.
  base::Result<void> open(base::FileSystem& files, const base::Path& folder);
  /// All of them or none; on disk when it returns.
  base::Result<void> apply(const std::vector<Change>& changes);
  /// A user of this process alone, who is neither listed nor kept. A stored one of the same name
  /// has no way in meanwhile.
  void set_unlisted(const std::string& user, OfUser credentials);

  /// Null if the user has none of that mechanism.
  const kafka::ScramCredential* find(const std::string& user,
                                     kafka::ScramMechanism mechanism) const;
  /// What stands in for a credential that is not there, so that nobody learns who is a user: the
  /// same salt each time, and no password fits.
  kafka::ScramCredential decoy(const std::string& user, kafka::ScramMechanism mechanism) const;
  const std::map<std::string, OfUser>& users() const { return users_; }

 private:
  base::Result<void> parse(std::string_view text);
  std::string text() const;

  base::FileSystem* files_ = nullptr;
  base::Path path_;
  base::Bytes decoy_key_;
  std::map<std::string, OfUser> users_;
  std::map<std::string, OfUser> unlisted_;
};

/// A new credential for a password that is here, with a salt of its own.
kafka::ScramCredential make_credential(kafka::ScramMechanism mechanism, std::string_view password,
                                       const base::SecretRandom& random,
                                       int32_t iterations = kafka::kScramIterationsMin);

}  // namespace ticklake::broker
