#include "kafka/user_admin.h"

#include "base/secret_random.h"
#include "kafka/connection.h"
#include "kafka/messages/alter_user_scram_credentials.h"
#include "kafka/messages/describe_user_scram_credentials.h"
#include "kafka/messages/metadata.h"

namespace ticklake::kafka {
namespace {

constexpr size_t kSaltBytes = 24;

/// The controller alone may change users where Kafka has not passed it on yet (before KRaft).
base::Result<Connection> connect_to_controller(const std::string& brokers,
                                               std::chrono::milliseconds timeout,
                                               const ClientSecurity& security) {
  TICKLAKE_ASSIGN(Connection connection, connect_to_any(brokers, timeout, security));
  MetadataRequest request;
  request.topics.emplace();  // none
  TICKLAKE_ASSIGN(const int16_t version, connection.newest_version(kMetadataApi));
  TICKLAKE_ASSIGN(const MetadataResponse metadata, connection.request(request, version));
  for (const auto& broker : metadata.brokers) {
    if (broker.node_id != metadata.controller_id || metadata.brokers.size() == 1) continue;
    return Connection::open({broker.host, static_cast<uint16_t>(broker.port)}, timeout, security);
  }
  return connection;
}

tl::unexpected<base::Error> refused(std::string what, ErrorCode code,
                                    const std::optional<std::string>& message) {
  const bool is_missing = code == ErrorCode::kResourceNotFound;
  const bool is_denied = code == ErrorCode::kClusterAuthorizationFailed;
  const bool is_explained = message && !message->empty();
  return base::fail(is_missing  ? base::ErrorCode::kNotFound
                    : is_denied ? base::ErrorCode::kPermission
                                : base::ErrorCode::kIo,
                    std::move(what), is_explained ? *message : std::string(name_of(code)),
                    is_missing ? "ticklake user list" : "");
}

base::Result<UserAdmin::Users> ask(const std::string& brokers, std::chrono::milliseconds timeout,
                                   const ClientSecurity& security,
                                   const DescribeUserScramCredentialsRequest& request) {
  TICKLAKE_ASSIGN(Connection connection, connect_to_any(brokers, timeout, security));
  TICKLAKE_ASSIGN(const int16_t version,
                  connection.newest_version(kDescribeUserScramCredentialsApi));
  TICKLAKE_ASSIGN(const auto response, connection.request(request, version));
  if (response.error_code != ErrorCode::kNone) {
    return refused("cannot list users", response.error_code, response.error_message);
  }
  UserAdmin::Users users;
  for (const auto& result : response.results) {
    if (result.error_code != ErrorCode::kNone) {
      return refused("cannot describe the user '" + result.user + "'", result.error_code,
                     result.error_message);
    }
    auto& mechanisms = users[result.user];
    for (const auto& info : result.credential_infos) {
      if (const auto mechanism = find_scram_mechanism(info.mechanism)) {
        mechanisms[*mechanism] = info.iterations;
      }
    }
  }
  return users;
}

base::Result<void> alter(const std::string& brokers, std::chrono::milliseconds timeout,
                         const ClientSecurity& security,
                         const AlterUserScramCredentialsRequest& request) {
  TICKLAKE_ASSIGN(Connection connection, connect_to_controller(brokers, timeout, security));
  TICKLAKE_ASSIGN(const int16_t version, connection.newest_version(kAlterUserScramCredentialsApi));
  TICKLAKE_ASSIGN(const auto response, connection.request(request, version));
  for (const auto& result : response.results) {
    if (result.error_code == ErrorCode::kNone) continue;
    return refused("cannot change the user '" + result.user + "'", result.error_code,
                   result.error_message);
  }
  return {};
}

}  // namespace

base::Result<UserAdmin::Users> UserAdmin::list() const {
  return ask(brokers_, timeout_, security_, {});
}

base::Result<UserAdmin::Users> UserAdmin::describe(const std::string& user) const {
  DescribeUserScramCredentialsRequest request;
  request.users.emplace().push_back({user});
  return ask(brokers_, timeout_, security_, request);
}

base::Result<void> UserAdmin::set(const std::string& user, ScramMechanism mechanism,
                                  const std::string& password, int32_t iterations) const {
  base::Bytes salt(kSaltBytes);
  base::system_secret_random()(salt);
  AlterUserScramCredentialsRequest request;
  request.upsertions.push_back({user, static_cast<int8_t>(mechanism), iterations, salt,
                                salted_password(mechanism, password, salt, iterations)});
  return alter(brokers_, timeout_, security_, request);
}

base::Result<void> UserAdmin::remove(const std::string& user, ScramMechanism mechanism) const {
  AlterUserScramCredentialsRequest request;
  request.deletions.push_back({user, static_cast<int8_t>(mechanism)});
  return alter(brokers_, timeout_, security_, request);
}

}  // namespace ticklake::kafka
