#include "kafka/acl_admin.h"

#include <algorithm>

#include "kafka/error_code.h"
#include "kafka/messages/create_acls.h"
#include "kafka/messages/delete_acls.h"
#include "kafka/messages/describe_acls.h"

namespace ticklake::kafka {
namespace {

base::Result<void> check(ErrorCode code, const std::optional<std::string>& message,
                         const std::string& what) {
  if (code == ErrorCode::kNone) return {};
  base::ErrorCode kind = base::ErrorCode::kIo;
  if (code == ErrorCode::kSecurityDisabled) kind = base::ErrorCode::kUnsupported;
  if (code == ErrorCode::kClusterAuthorizationFailed) kind = base::ErrorCode::kPermission;
  if (code == ErrorCode::kInvalidRequest) kind = base::ErrorCode::kInvalidArgument;
  const bool has_words = message && !message->empty();
  return base::fail(kind, what, has_words ? *message : std::string(name_of(code)),
                    code == ErrorCode::kSecurityDisabled
                        ? "start the broker with --authorize --super-user User:NAME"
                        : "");
}

template <typename Filter>
Filter filter_as_sent(const AclFilter& filter) {
  Filter sent;
  sent.resource_type_filter = static_cast<int8_t>(filter.resource_type);
  sent.resource_name_filter = filter.resource_name;
  sent.pattern_type_filter = static_cast<int8_t>(filter.pattern_type);
  sent.principal_filter = filter.principal;
  sent.host_filter = filter.host;
  sent.operation = static_cast<int8_t>(filter.operation);
  sent.permission_type = static_cast<int8_t>(filter.permission);
  return sent;
}

}  // namespace

base::Result<std::vector<Acl>> describe_acls(Connection& connection, const AclFilter& filter) {
  const std::string what = "cannot list the ACLs";
  TICKLAKE_ASSIGN(const int16_t version, connection.newest_version(kDescribeAclsApi));
  TICKLAKE_ASSIGN(const DescribeAclsResponse response,
                  connection.request(filter_as_sent<DescribeAclsRequest>(filter), version));
  TICKLAKE_TRY(check(response.error_code, response.error_message, what));
  std::vector<Acl> acls;
  for (const auto& resource : response.resources) {
    for (const auto& acl : resource.acls) {
      acls.push_back({static_cast<ResourceType>(resource.resource_type),
                      static_cast<PatternType>(resource.pattern_type), resource.resource_name,
                      acl.principal, acl.host, static_cast<AclOperation>(acl.operation),
                      static_cast<AclPermission>(acl.permission_type)});
    }
  }
  std::ranges::sort(acls);
  return acls;
}

base::Result<void> create_acls(Connection& connection, std::span<const Acl> acls) {
  TICKLAKE_ASSIGN(const int16_t version, connection.newest_version(kCreateAclsApi));
  CreateAclsRequest request;
  for (const Acl& acl : acls) {
    request.creations.push_back({static_cast<int8_t>(acl.resource_type), acl.resource_name,
                                 static_cast<int8_t>(acl.pattern_type), acl.principal, acl.host,
                                 static_cast<int8_t>(acl.operation),
                                 static_cast<int8_t>(acl.permission)});
  }
  TICKLAKE_ASSIGN(const CreateAclsResponse response, connection.request(request, version));
  for (const auto& result : response.results)
    TICKLAKE_TRY(check(result.error_code, result.error_message, "cannot add the ACLs"));
  return {};
}

base::Result<std::vector<Acl>> delete_acls(Connection& connection,
                                           std::span<const AclFilter> filters) {
  const std::string what = "cannot remove the ACLs";
  TICKLAKE_ASSIGN(const int16_t version, connection.newest_version(kDeleteAclsApi));
  DeleteAclsRequest request;
  for (const AclFilter& filter : filters)
    request.filters.push_back(filter_as_sent<DeleteAclsRequest::Filter>(filter));
  TICKLAKE_ASSIGN(const DeleteAclsResponse response, connection.request(request, version));
  std::vector<Acl> deleted;
  for (const auto& result : response.filter_results) {
    TICKLAKE_TRY(check(result.error_code, result.error_message, what));
    for (const auto& acl : result.matching_acls) {
      TICKLAKE_TRY(check(acl.error_code, acl.error_message, what));
      deleted.push_back({static_cast<ResourceType>(acl.resource_type),
                         static_cast<PatternType>(acl.pattern_type), acl.resource_name,
                         acl.principal, acl.host, static_cast<AclOperation>(acl.operation),
                         static_cast<AclPermission>(acl.permission_type)});
    }
  }
  std::ranges::sort(deleted);
  const auto twice = std::ranges::unique(deleted);  // matched by two filters
  deleted.erase(twice.begin(), twice.end());
  return deleted;
}

}  // namespace ticklake::kafka
