#pragma once

#include <optional>
#include <string>

#include "broker/request_context.h"
#include "kafka/acl.h"
#include "kafka/error_code.h"

namespace ticklake::broker {

// What the handlers of the ACLs' administration share.

struct AclRefusal {
  kafka::ErrorCode code = kafka::ErrorCode::kNone;
  std::string message;
};

/// Whether the client may do that to the ACLs of this broker, if it has any: SECURITY_DISABLED
/// where nothing is authorized. kNone if so.
AclRefusal check_acl_access(const Access& access, kafka::AclOperation operation);

/// The filter of DescribeAcls or DeleteAcls; none if a number in it is not Kafka's.
template <typename Filter>
std::optional<kafka::AclFilter> acl_filter_of(const Filter& filter) {
  kafka::AclFilter wanted{static_cast<kafka::ResourceType>(filter.resource_type_filter),
                          static_cast<kafka::PatternType>(filter.pattern_type_filter),
                          filter.resource_name_filter,
                          filter.principal_filter,
                          filter.host_filter,
                          static_cast<kafka::AclOperation>(filter.operation),
                          static_cast<kafka::AclPermission>(filter.permission_type)};
  const std::string_view unknown = name_of(kafka::ResourceType::kUnknown);
  const bool is_known =
      name_of(wanted.resource_type) != unknown && name_of(wanted.pattern_type) != unknown &&
      name_of(wanted.operation) != unknown && name_of(wanted.permission) != unknown;
  if (!is_known) return std::nullopt;
  return wanted;
}

}  // namespace ticklake::broker
