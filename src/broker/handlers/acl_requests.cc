#include "broker/handlers/acl_requests.h"

namespace ticklake::broker {

AclRefusal check_acl_access(const Access& access, kafka::AclOperation operation) {
  if (!access.authorizer()) {
    return {kafka::ErrorCode::kSecurityDisabled,
            "this broker authorizes nothing; start it with --authorize"};
  }
  if (!access.allows_cluster(operation)) {
    return {kafka::ErrorCode::kClusterAuthorizationFailed,
            "not authorized to " + std::string(name_of(operation)) + " the cluster"};
  }
  return {};
}

}  // namespace ticklake::broker
