// DeleteAcls, versions 1 to 3: deletes what any of the filters matches, all or none, and tells what
// each one did. On disk when it is answered. Needs Alter on the cluster.

#include "broker/handlers/acl_requests.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/delete_acls.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using Request = kafka::DeleteAclsRequest;
using Response = kafka::DeleteAclsResponse;

void refuse(Response::Result& result, const AclRefusal& refusal) {
  result.error_code = refusal.code;
  result.error_message = refusal.message;
}

Response::Result::Acl told(const kafka::Acl& acl) {
  Response::Result::Acl answer;
  answer.resource_type = static_cast<int8_t>(acl.resource_type);
  answer.resource_name = acl.resource_name;
  answer.pattern_type = static_cast<int8_t>(acl.pattern_type);
  answer.principal = acl.principal;
  answer.host = acl.host;
  answer.operation = static_cast<int8_t>(acl.operation);
  answer.permission_type = static_cast<int8_t>(acl.permission);
  return answer;
}

void remove(Broker& broker, Authorizer& authorizer, const Request& request, Response& response) {
  std::vector<kafka::AclFilter> filters;
  std::vector<Response::Result*> results;  // by filter
  for (size_t i = 0; i < request.filters.size(); ++i) {
    Response::Result& result = response.filter_results[i];
    if (auto filter = acl_filter_of(request.filters[i])) {
      filters.push_back(std::move(*filter));
      results.push_back(&result);
    } else {
      refuse(result, {ErrorCode::kInvalidRequest, "the filter has a number without a meaning"});
    }
  }
  const auto removed = authorizer.remove(filters);
  if (!removed) broker.logger().error("cannot delete ACLs: {}", base::to_line(removed.error()));
  for (size_t i = 0; i < results.size(); ++i) {
    if (!removed) {
      refuse(*results[i], {ErrorCode::kKafkaStorageError, base::to_line(removed.error())});
      continue;
    }
    for (const kafka::Acl& acl : (*removed)[i])
      results[i]->matching_acls.push_back(told(acl));
  }
}

}  // namespace

void handle_delete_acls(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<Request>(broker, context);
  if (!request) return;
  Response response;
  response.filter_results.resize(request->filters.size());
  const AclRefusal refusal = check_acl_access(context.access, kafka::AclOperation::kAlter);
  if (refusal.code == ErrorCode::kNone) {
    remove(broker, *context.access.authorizer(), *request, response);
  } else {
    for (Response::Result& result : response.filter_results)
      refuse(result, refusal);
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
