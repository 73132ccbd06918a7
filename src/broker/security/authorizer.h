#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/result.h"
#include "broker/security/acl_index.h"
#include "broker/security/denial_log.h"

namespace ticklake::broker {

struct AuthorizerSettings {
  /// Kafka's super.users, for example "User:admin": may do everything, whatever ACLs say.
  std::set<std::string, std::less<>> super_users = {};
  /// Kafka's allow.everyone.if.no.acl.found: resources that no ACL is about are open to all.
  bool allow_if_no_acl = false;
};

/// Who may do what: Kafka's StandardAuthorizer, with its ACLs in a file. Belongs to one thread.
class Authorizer {
 public:
  static constexpr size_t kAclsMax = 100'000;
  static constexpr size_t kNameBytesMax = size_t{64} << 20;  ///< of all ACLs

  /// Reads the ACLs; no file is none. kCorrupt if it does not read back. The references must
  /// outlive it.
  static base::Result<std::unique_ptr<Authorizer>> open(AuthorizerSettings settings,
                                                        base::FileSystem& files, base::Path path,
                                                        const base::Clock& clock,
                                                        base::Logger& logger);

  bool allows(const AclQuestion& question) const;
  /// Whether there may be a resource of the type to which that may be done, whatever its name.
  bool allows_somewhere(const AclQuestion& question) const;
  /// Says that it was not allowed, but not each time.
  void log_denial(const AclQuestion& question) { denials_.add(question); }

  std::vector<kafka::Acl> matching(const kafka::AclFilter& filter) const {
    return index_.matching(filter);
  }
  /// On disk when it returns, all or none; those that are there already are no error.
  /// kInvalidArgument beyond the limits.
  base::Result<void> add(std::span<const kafka::Acl> acls);
  /// Removes what any of the filters matches; gives what each one did. On disk when it returns, all
  /// or none. An ACL that two filters match is told with both.
  base::Result<std::vector<std::vector<kafka::Acl>>> remove(
      std::span<const kafka::AclFilter> filters);

  size_t size() const { return index_.size(); }

 private:
  Authorizer(AuthorizerSettings settings, base::FileSystem& files, base::Path path,
             const base::Clock& clock, base::Logger& logger);
  base::Result<void> load();
  base::Result<void> write();

  AuthorizerSettings settings_;
  base::FileSystem& files_;
  base::Path path_;
  base::Logger& logger_;
  AclIndex index_;
  DenialLog denials_;
};

}  // namespace ticklake::broker
