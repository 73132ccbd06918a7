#include "aws/condition_key.h"

#include <array>

#include "aws/request_view.h"
#include "aws/timestamp.h"
#include "base/assert.h"

namespace ticklake::aws {
namespace {

struct Row {
  std::string_view name;
  ConditionKey key;
};

constexpr auto kRows = std::to_array<Row>({
    {"aws:CurrentTime", ConditionKey::kCurrentTime},
    {"aws:EpochTime", ConditionKey::kEpochTime},
    {"aws:TokenIssueTime", ConditionKey::kTokenIssueTime},
    {"aws:PrincipalArn", ConditionKey::kPrincipalArn},
    {"aws:PrincipalAccount", ConditionKey::kPrincipalAccount},
    {"aws:PrincipalType", ConditionKey::kPrincipalType},
    {"aws:username", ConditionKey::kUserName},
    {"aws:userid", ConditionKey::kUserId},
    {"aws:SourceIp", ConditionKey::kSourceIp},
    {"aws:SecureTransport", ConditionKey::kSecureTransport},
    {"aws:UserAgent", ConditionKey::kUserAgent},
    {"aws:Referer", ConditionKey::kReferer},
    {"aws:RequestedRegion", ConditionKey::kRequestedRegion},
    {"aws:ResourceAccount", ConditionKey::kResourceAccount},
    {"s3:ResourceAccount", ConditionKey::kS3ResourceAccount},
    {"s3:prefix", ConditionKey::kS3Prefix},
    {"s3:delimiter", ConditionKey::kS3Delimiter},
    {"s3:max-keys", ConditionKey::kS3MaxKeys},
    {"sts:ExternalId", ConditionKey::kExternalId},
    {"sts:RoleSessionName", ConditionKey::kRoleSessionName},
    {"iam:PassedToService", ConditionKey::kPassedToService},
});

std::string epoch_text(base::WallTime time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

const char* type_of(PrincipalKind kind) {
  switch (kind) {
    case PrincipalKind::kRoot: return "Account";
    case PrincipalKind::kUser: return "User";
    case PrincipalKind::kAssumedRole: return "AssumedRole";
  }
  TICKLAKE_ASSERT(false);
}

}  // namespace

std::optional<ConditionKey> find_condition_key(std::string_view name) {
  for (const Row& row : kRows) {
    if (is_same_ignoring_case(row.name, name)) return row.key;
  }
  return std::nullopt;
}

std::optional<std::string> value_of(ConditionKey key, const PolicyRequest& request) {
  const Principal& principal = request.principal;
  const RequestContext& context = request.context;
  switch (key) {
    case ConditionKey::kCurrentTime: return to_iso_time_ms(context.now);
    case ConditionKey::kEpochTime: return epoch_text(context.now);
    case ConditionKey::kTokenIssueTime:
      if (!principal.token_issued_at) return std::nullopt;
      return to_iso_time_ms(*principal.token_issued_at);
    case ConditionKey::kPrincipalArn:
      return principal.kind == PrincipalKind::kAssumedRole ? principal.role_arn : principal.arn;
    case ConditionKey::kPrincipalAccount:
    case ConditionKey::kResourceAccount:
    case ConditionKey::kS3ResourceAccount: return std::string(kAccountId);
    case ConditionKey::kPrincipalType: return type_of(principal.kind);
    case ConditionKey::kUserName:
      if (principal.kind != PrincipalKind::kUser) return std::nullopt;
      return principal.user_name;
    case ConditionKey::kUserId: return principal.user_id;
    case ConditionKey::kSourceIp: return context.source_ip;
    case ConditionKey::kSecureTransport: return context.is_tls ? "true" : "false";
    case ConditionKey::kUserAgent: return context.user_agent;
    case ConditionKey::kReferer: return context.referer;
    case ConditionKey::kRequestedRegion: return context.region;
    case ConditionKey::kS3Prefix: return context.s3_prefix;
    case ConditionKey::kS3Delimiter: return context.s3_delimiter;
    case ConditionKey::kS3MaxKeys: return context.s3_max_keys;
    case ConditionKey::kExternalId: return context.external_id;
    case ConditionKey::kRoleSessionName: return context.role_session_name;
    case ConditionKey::kPassedToService: return context.passed_to_service;
  }
  TICKLAKE_ASSERT(false);
}

}  // namespace ticklake::aws
