#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/security/authorizer.h"
#include "broker/security/principal.h"
#include "kafka/acl.h"

namespace ticklake::broker {

/// What the sender of one request may do. Where nothing is authorized, everything.
class Access {
 public:
  using Operation = kafka::AclOperation;
  /// Whether a refusal is logged. Not where the client did not ask for the resource by name: what
  /// it may not see is left out then, and nobody did anything wrong.
  enum class Denial : uint8_t { kIsLogged, kIsSilent };

  static Access unrestricted() { return {}; }
  /// `authorizer` may be null; it must outlive this, and the client's host as well.
  /// `client_host`: "/127.0.0.1", as Kafka's descriptions show it.
  Access(Authorizer* authorizer, const Principal& principal, std::string_view client_host);

  bool allows(Operation operation, kafka::ResourceType type, std::string_view name,
              Denial denial = Denial::kIsLogged) const {
    return authorizer_ == nullptr || ask(operation, type, name, denial);
  }
  bool allows_topic(Operation operation, std::string_view name,
                    Denial denial = Denial::kIsLogged) const {
    return allows(operation, kafka::ResourceType::kTopic, name, denial);
  }
  bool allows_group(Operation operation, std::string_view id,
                    Denial denial = Denial::kIsLogged) const {
    return allows(operation, kafka::ResourceType::kGroup, id, denial);
  }
  bool allows_transactional_id(Operation operation, std::string_view id,
                               Denial denial = Denial::kIsLogged) const {
    return allows(operation, kafka::ResourceType::kTransactionalId, id, denial);
  }
  bool allows_cluster(Operation operation, Denial denial = Denial::kIsLogged) const {
    return allows(operation, kafka::ResourceType::kCluster, kafka::kClusterName, denial);
  }
  /// Whether there may be a topic to which that may be done (KIP-679). Silent.
  bool allows_some_topic(Operation operation) const;

  /// What may be done to the resource, as the bits by number that responses carry (KIP-430).
  int32_t operations_on(kafka::ResourceType type, std::string_view name) const;

  /// Null where nothing is authorized.
  Authorizer* authorizer() const { return authorizer_; }

 private:
  Access() = default;
  bool ask(Operation operation, kafka::ResourceType type, std::string_view name,
           Denial denial) const;

  Authorizer* authorizer_ = nullptr;
  std::string principal_;
  std::string_view host_;
};

}  // namespace ticklake::broker
