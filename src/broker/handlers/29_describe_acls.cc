// DescribeAcls, versions 1 to 3: the ACLs that a filter matches, by resource. Needs Describe on the
// cluster.

#include "broker/handlers/acl_requests.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/describe_acls.h"

namespace ticklake::broker {
namespace {

using Response = kafka::DescribeAclsResponse;

Response refused(AclRefusal refusal) {
  Response response;
  response.error_code = refusal.code;
  response.error_message = std::move(refusal.message);
  return response;
}

/// `acls` are sorted by resource.
Response told(const std::vector<kafka::Acl>& acls) {
  Response response;
  for (const kafka::Acl& acl : acls) {
    const auto type = static_cast<int8_t>(acl.resource_type);
    const auto pattern = static_cast<int8_t>(acl.pattern_type);
    auto& resources = response.resources;
    const bool is_same = !resources.empty() && resources.back().resource_type == type &&
                         resources.back().pattern_type == pattern &&
                         resources.back().resource_name == acl.resource_name;
    if (!is_same) resources.push_back({type, acl.resource_name, pattern, {}});
    resources.back().acls.push_back({acl.principal, acl.host, static_cast<int8_t>(acl.operation),
                                     static_cast<int8_t>(acl.permission)});
  }
  return response;
}

}  // namespace

void handle_describe_acls(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::DescribeAclsRequest>(broker, context);
  if (!request) return;
  AclRefusal refusal = check_acl_access(context.access, kafka::AclOperation::kDescribe);
  if (refusal.code != kafka::ErrorCode::kNone) {
    return context.reply.send(refused(std::move(refusal)));
  }
  const auto filter = acl_filter_of(*request);
  if (!filter) {
    return context.reply.send(
        refused({kafka::ErrorCode::kInvalidRequest, "the filter has a number without a meaning"}));
  }
  context.reply.send(told(context.access.authorizer()->matching(*filter)));
}

}  // namespace ticklake::broker
