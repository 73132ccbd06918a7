// DescribeClientQuotas, versions 0 and 1 (KIP-546): the entities that fit a filter, with their
// quotas. Of users and client ids; an address ("ip") has none here. Needs DescribeConfigs
// on the cluster.

#include <set>

#include "broker/client_quotas.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {

using kafka::DescribeClientQuotasRequest;
using kafka::ErrorCode;
using Response = kafka::DescribeClientQuotasResponse;

namespace {

enum class Match : int8_t { kExact = 0, kDefault = 1, kAny = 2 };

bool matches(const QuotaEntity& entity, const DescribeClientQuotasRequest::Component& component) {
  const QuotaEntity::Part none;
  const QuotaEntity::Part& part = component.entity_type == "user"        ? entity.user
                                  : component.entity_type == "client-id" ? entity.client_id
                                                                         : none;
  if (!part.is_given) return false;
  switch (static_cast<Match>(component.match_type)) {
    case Match::kExact: return part.name && part.name == component.match;
    case Match::kDefault: return !part.name;
    case Match::kAny: return true;
  }
  return false;
}

const char* fault_of(const DescribeClientQuotasRequest& request) {
  std::set<std::string_view> types;
  for (const auto& component : request.components) {
    const bool is_known = component.entity_type == "user" || component.entity_type == "client-id" ||
                          component.entity_type == "ip";
    if (!is_known) return "there are no entities of that type";
    if (!types.insert(component.entity_type).second) return "a type of entity may be named once";
    if (component.match_type < 0 || component.match_type > 2) return "there is no such match type";
    if (component.match_type == 0 && !component.match) return "an exact match needs a name";
  }
  return nullptr;
}

void add_part(const char* type, const QuotaEntity::Part& part, Response::Entry& entry) {
  if (part.is_given) entry.entity.push_back({type, part.name});
}

}  // namespace

Response answer(Broker& broker, const Access& access, const DescribeClientQuotasRequest& request) {
  Response response;
  if (!access.allows_cluster(kafka::AclOperation::kDescribeConfigs)) {
    response.error_code = ErrorCode::kClusterAuthorizationFailed;
    return response;
  }
  if (const char* const fault = fault_of(request)) {
    response.error_code = ErrorCode::kInvalidRequest;
    response.error_message = fault;
    return response;
  }
  auto& entries = response.entries.emplace();
  for (const auto& [entity, values] : broker.quotas().all()) {
    const size_t parts = size_t{entity.user.is_given} + size_t{entity.client_id.is_given};
    const bool fits = std::ranges::all_of(
        request.components,
        [&entity = entity](const auto& component) { return matches(entity, component); });
    if (!fits || (request.strict && parts != request.components.size())) continue;
    auto& entry = entries.emplace_back();
    add_part("user", entity.user, entry);
    add_part("client-id", entity.client_id, entry);
    for (const auto& [kind, value] : values)
      entry.values.push_back({std::string(name_of(kind)), value});
  }
  return response;
}

void handle_describe_client_quotas(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<DescribeClientQuotasRequest>(broker, context);
  if (request) context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
