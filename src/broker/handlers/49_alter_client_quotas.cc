// AlterClientQuotas, versions 0 and 1 (KIP-546): sets and removes quotas of users and client ids,
// each entity as a whole or not at all; on disk when it is answered, and in force from then on.
// Needs AlterConfigs on the cluster.

#include <cmath>

#include "broker/client_quotas.h"
#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {

using kafka::AlterClientQuotasRequest;
using kafka::ErrorCode;

namespace {

constexpr size_t kNameBytesMax = 1024;

base::Result<QuotaEntity> entity_of(const AlterClientQuotasRequest::Entry& entry) {
  const auto bad = [](std::string why) {
    return base::fail(base::ErrorCode::kInvalidArgument, std::move(why));
  };
  QuotaEntity entity;
  for (const auto& [type, name] : entry.entity) {
    if (type != "user" && type != "client-id") return bad("there are no quotas of " + type);
    QuotaEntity::Part& part = type == "user" ? entity.user : entity.client_id;
    if (part.is_given) return bad("the " + type + " is named twice");
    if (name && (name->empty() || name->size() > kNameBytesMax)) {
      return bad("the name of the " + type + " is empty or too long");
    }
    part = {true, name};
  }
  if (entry.entity.empty()) return bad("no entity is named");
  return entity;
}

base::Result<std::vector<ClientQuotas::Change>> changes_of(
    const AlterClientQuotasRequest::Entry& entry) {
  TICKLAKE_ASSIGN(const QuotaEntity entity, entity_of(entry));
  std::vector<ClientQuotas::Change> changes;
  for (const auto& op : entry.ops) {
    const auto kind = find_quota_kind(op.key);
    if (!kind) {
      return base::fail(base::ErrorCode::kInvalidArgument, "there is no quota " + op.key);
    }
    if (op.remove) {
      changes.push_back({entity, *kind, std::nullopt});
    } else if (std::isfinite(op.value) && op.value > 0) {
      changes.push_back({entity, *kind, op.value});
    } else {
      return base::fail(base::ErrorCode::kInvalidArgument, op.key + " has to be above zero");
    }
  }
  return changes;
}

}  // namespace

kafka::AlterClientQuotasResponse answer(Broker& broker, const Access& access,
                                        const AlterClientQuotasRequest& request) {
  const bool is_allowed = access.allows_cluster(kafka::AclOperation::kAlterConfigs);
  kafka::AlterClientQuotasResponse response;
  for (const auto& entry : request.entries) {
    auto& result = response.entries.emplace_back();
    for (const auto& part : entry.entity)
      result.entity.push_back({part.entity_type, part.entity_name});
    if (!is_allowed) {
      result.error_code = ErrorCode::kClusterAuthorizationFailed;
      continue;
    }
    const auto changes = changes_of(entry);
    if (!changes) {
      result.error_code = ErrorCode::kInvalidRequest;
      result.error_message = changes.error().what;
      continue;
    }
    if (request.validate_only) continue;
    if (const auto applied = broker.quotas().apply(*changes); !applied) {
      result.error_code = ErrorCode::kKafkaStorageError;
      result.error_message = base::to_line(applied.error());
    }
  }
  return response;
}

void handle_alter_client_quotas(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<AlterClientQuotasRequest>(broker, context);
  if (request) context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
