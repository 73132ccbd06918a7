#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/principal.h"
#include "base/clock.h"

namespace ticklake::aws {

/// What an endpoint knows of a request besides action and resource. What is none is absent for
/// conditions.
struct RequestContext {
  base::WallTime now;
  bool is_tls = false;
  std::optional<std::string> source_ip = {};  ///< of the peer, without port or brackets
  std::optional<std::string> user_agent = {};
  std::optional<std::string> referer = {};
  std::optional<std::string> region = {};  ///< of the credential scope
  /// S3's listings: the parameters as the client gave them, decoded.
  std::optional<std::string> s3_prefix = {};
  std::optional<std::string> s3_delimiter = {};
  std::optional<std::string> s3_max_keys = {};
  std::optional<std::string> external_id = {};        ///< AssumeRole
  std::optional<std::string> role_session_name = {};  ///< AssumeRole
  std::optional<std::string> passed_to_service = {};  ///< iam:PassRole: `glue.amazonaws.com`
};

/// A question to policies.
struct PolicyRequest {
  const Principal& principal;
  std::string_view action;    ///< `s3:GetObject`
  std::string_view resource;  ///< an ARN, or `*` for actions that have none
  const RequestContext& context;
};

/// The condition keys that can be told here. A policy with another one is refused: it would mean
/// something else than it says.
enum class ConditionKey : uint8_t {
  kCurrentTime,
  kEpochTime,
  kTokenIssueTime,
  kPrincipalArn,
  kPrincipalAccount,
  kPrincipalType,
  kUserName,
  kUserId,
  kSourceIp,
  kSecureTransport,
  kUserAgent,
  kReferer,
  kRequestedRegion,
  kResourceAccount,
  kS3ResourceAccount,
  kS3Prefix,
  kS3Delimiter,
  kS3MaxKeys,
  kExternalId,
  kRoleSessionName,
  kPassedToService,
};

/// `aws:SourceIp`, … in any case.
std::optional<ConditionKey> find_condition_key(std::string_view name);
/// None if it is absent from the request.
std::optional<std::string> value_of(ConditionKey key, const PolicyRequest& request);

}  // namespace ticklake::aws
