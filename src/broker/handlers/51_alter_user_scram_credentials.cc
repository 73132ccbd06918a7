// AlterUserScramCredentials, version 0 (KIP-554): sets and removes credentials of users. What is
// asked for one user is done as a whole or not at all; it is on disk when it is answered. Needs
// Alter on the cluster.

#include <map>
#include <set>

#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {

using kafka::AlterUserScramCredentialsRequest;
using kafka::ErrorCode;

namespace {

constexpr size_t kNameBytesMax = 1024;
constexpr size_t kSaltBytesMax = 1024;

/// What is asked for one user, and what is wrong with it.
struct Alteration {
  std::vector<CredentialStore::Change> changes = {};
  std::set<int8_t> mechanisms = {};
  ErrorCode error = ErrorCode::kNone;
  std::string message = {};

  void refuse(ErrorCode code, std::string why) {
    if (error != ErrorCode::kNone) return;
    error = code;
    message = std::move(why);
  }
};

/// The mechanism, unless that user may not have it in this request.
std::optional<kafka::ScramMechanism> check(const std::string& name, int8_t number,
                                           Alteration& alteration) {
  const auto mechanism = kafka::find_scram_mechanism(number);
  if (name.empty() || name.size() > kNameBytesMax) {
    alteration.refuse(ErrorCode::kUnacceptableCredential, "the user's name is empty or too long");
  } else if (!mechanism) {
    alteration.refuse(ErrorCode::kUnsupportedSaslMechanism, "unknown SCRAM mechanism");
  } else if (!alteration.mechanisms.insert(number).second) {
    alteration.refuse(ErrorCode::kDuplicateResource,
                      "a credential may be altered once in a request");
  }
  return mechanism;
}

void add(const CredentialStore& store, const AlterUserScramCredentialsRequest::Deletion& deletion,
         Alteration& alteration) {
  const auto mechanism = check(deletion.name, deletion.mechanism, alteration);
  if (!mechanism) return;
  if (!store.find(deletion.name, *mechanism)) {
    alteration.refuse(ErrorCode::kResourceNotFound,
                      "there is no credential of that user and mechanism");
  }
  alteration.changes.push_back({deletion.name, *mechanism, std::nullopt});
}

void add(const AlterUserScramCredentialsRequest::Upsertion& upsertion, Alteration& alteration) {
  const auto mechanism = check(upsertion.name, upsertion.mechanism, alteration);
  if (!mechanism) return;
  const int32_t iterations = upsertion.iterations;
  if (iterations < kafka::kScramIterationsMin) {
    alteration.refuse(ErrorCode::kUnacceptableCredential, "too few iterations");
  } else if (iterations > kafka::kScramIterationsMax) {
    alteration.refuse(ErrorCode::kUnacceptableCredential, "too many iterations");
  } else if (upsertion.salt.empty() || upsertion.salt.size() > kSaltBytesMax ||
             upsertion.salted_password.size() != kafka::scram_key_bytes(*mechanism)) {
    alteration.refuse(ErrorCode::kUnacceptableCredential,
                      "the salt or the salted password is of a wrong size");
  } else {
    alteration.changes.push_back(
        {upsertion.name, *mechanism,
         scram_credential(*mechanism, upsertion.salted_password, upsertion.salt, iterations)});
  }
}

}  // namespace

kafka::AlterUserScramCredentialsResponse answer(Broker& broker, const Access& access,
                                                const AlterUserScramCredentialsRequest& request) {
  CredentialStore& store = broker.credentials();
  std::map<std::string, Alteration> by_user;
  for (const auto& deletion : request.deletions)
    add(store, deletion, by_user[deletion.name]);
  for (const auto& upsertion : request.upsertions)
    add(upsertion, by_user[upsertion.name]);

  if (!access.allows_cluster(kafka::AclOperation::kAlter)) {
    for (auto& [user, alteration] : by_user)
      alteration = {.error = ErrorCode::kClusterAuthorizationFailed};
  }
  std::vector<CredentialStore::Change> changes;
  for (const auto& [user, alteration] : by_user) {
    if (alteration.error != ErrorCode::kNone) continue;
    changes.insert(changes.end(), alteration.changes.begin(), alteration.changes.end());
  }
  const auto stored = changes.empty() ? base::Result<void>() : store.apply(changes);
  kafka::AlterUserScramCredentialsResponse response;
  for (auto& [user, alteration] : by_user) {
    if (!stored) alteration.refuse(ErrorCode::kKafkaStorageError, base::to_line(stored.error()));
    auto& result = response.results.emplace_back();
    result.user = user;
    result.error_code = alteration.error;
    if (alteration.error != ErrorCode::kNone) {
      result.error_message = alteration.message;
    } else {
      broker.logger().info("credentials of user '{}' changed", printable(user));
    }
  }
  return response;
}

void handle_alter_user_scram_credentials(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<AlterUserScramCredentialsRequest>(broker, context);
  if (request) context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
