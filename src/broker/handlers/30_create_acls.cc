// CreateAcls, versions 1 to 3. On disk when it is answered; those that are there already are no
// error. One that makes no sense is refused and does not hold up the others. Needs Alter on the
// cluster.

#include "broker/handlers/acl_requests.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/create_acls.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using Request = kafka::CreateAclsRequest;
using Response = kafka::CreateAclsResponse;

kafka::Acl acl_of(const Request::Creation& creation) {
  return {static_cast<kafka::ResourceType>(creation.resource_type),
          static_cast<kafka::PatternType>(creation.resource_pattern_type),
          creation.resource_name,
          creation.principal,
          creation.host,
          static_cast<kafka::AclOperation>(creation.operation),
          static_cast<kafka::AclPermission>(creation.permission_type)};
}

bool is_principal(std::string_view text) {
  const size_t colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size();
}

/// Why there can be no such ACL; empty if there can.
std::string_view fault_of(const kafka::Acl& acl) {
  using enum kafka::PatternType;
  const std::string_view unknown = name_of(kafka::ResourceType::kUnknown);
  if (acl.resource_type == kafka::ResourceType::kAny || name_of(acl.resource_type) == unknown) {
    return "its resource type is none that ACLs can have";
  }
  if (acl.pattern_type != kLiteral && acl.pattern_type != kPrefixed) {
    return "its pattern is neither literal nor prefixed";
  }
  if (acl.operation == kafka::AclOperation::kAny || name_of(acl.operation) == unknown) {
    return "its operation is none that ACLs can have";
  }
  if (acl.permission != kafka::AclPermission::kAllow &&
      acl.permission != kafka::AclPermission::kDeny) {
    return "it neither allows nor denies";
  }
  if (acl.resource_name.empty()) return "its resource has no name";
  const bool is_cluster = acl.resource_type == kafka::ResourceType::kCluster;
  if (is_cluster && acl.resource_name != kafka::kClusterName) {
    return "the name of the cluster is kafka-cluster";
  }
  if (!is_principal(acl.principal)) return "its principal is not as in User:alice";
  if (acl.host.empty()) return "it has no host; * is every host";
  return {};
}

void refuse(Response::Result& result, ErrorCode error, std::string_view message) {
  result.error_code = error;
  result.error_message = std::string(message);
}

void create(Broker& broker, Authorizer& authorizer, const Request& request, Response& response) {
  std::vector<kafka::Acl> acls;
  for (size_t i = 0; i < request.creations.size(); ++i) {
    kafka::Acl acl = acl_of(request.creations[i]);
    const std::string_view fault = fault_of(acl);
    if (fault.empty()) {
      acls.push_back(std::move(acl));
    } else {
      refuse(response.results[i], ErrorCode::kInvalidRequest, fault);
    }
  }
  const auto added = authorizer.add(acls);
  if (added) return;
  broker.logger().error("cannot add ACLs: {}", base::to_line(added.error()));
  const bool is_too_much = added.error().code == base::ErrorCode::kInvalidArgument;
  for (Response::Result& result : response.results) {
    if (result.error_code != ErrorCode::kNone) continue;
    refuse(result, is_too_much ? ErrorCode::kPolicyViolation : ErrorCode::kKafkaStorageError,
           base::to_line(added.error()));
  }
}

}  // namespace

void handle_create_acls(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<Request>(broker, context);
  if (!request) return;
  Response response;
  response.results.resize(request->creations.size());
  const AclRefusal refusal = check_acl_access(context.access, kafka::AclOperation::kAlter);
  if (refusal.code == ErrorCode::kNone) {
    create(broker, *context.access.authorizer(), *request, response);
  } else {
    for (Response::Result& result : response.results)
      refuse(result, refusal.code, refusal.message);
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
