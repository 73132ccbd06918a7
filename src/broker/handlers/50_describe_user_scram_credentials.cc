// DescribeUserScramCredentials, version 0 (KIP-554): which mechanisms a user has, with how many
// iterations; no keys. None named means all of them. Needs Describe on the cluster.

#include <set>

#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using Response = kafka::DescribeUserScramCredentialsResponse;

namespace {

void describe(const CredentialStore::OfUser& credentials, Response::Result& result) {
  for (const auto& [mechanism, credential] : credentials) {
    result.credential_infos.push_back({static_cast<int8_t>(mechanism), credential.iterations});
  }
}

void refuse(ErrorCode error, const char* message, Response::Result& result) {
  result.error_code = error;
  result.error_message = message;
}

}  // namespace

Response answer(Broker& broker, const Access& access,
                const kafka::DescribeUserScramCredentialsRequest& request) {
  Response response;
  if (!access.allows_cluster(kafka::AclOperation::kDescribe)) {
    response.error_code = ErrorCode::kClusterAuthorizationFailed;
    return response;
  }
  const auto& users = broker.credentials().users();
  if (!request.users || request.users->empty()) {
    for (const auto& [name, credentials] : users) {
      auto& result = response.results.emplace_back();
      result.user = name;
      describe(credentials, result);
    }
    return response;
  }
  std::set<std::string_view> named, named_again;
  for (const auto& user : *request.users) {
    if (!named.insert(user.name).second) named_again.insert(user.name);
  }
  for (const std::string_view name : named) {
    auto& result = response.results.emplace_back();
    result.user = name;
    const auto found = users.find(result.user);
    if (named_again.contains(name)) {
      refuse(ErrorCode::kDuplicateResource, "a user may be named once", result);
    } else if (found == users.end()) {
      refuse(ErrorCode::kResourceNotFound, "there are no credentials of that user", result);
    } else {
      describe(found->second, result);
    }
  }
  return response;
}

void handle_describe_user_scram_credentials(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<kafka::DescribeUserScramCredentialsRequest>(broker, context);
  if (request) context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
