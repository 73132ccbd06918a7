#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/result.h"
#include "kafka/client_security.h"
#include "kafka/scram.h"

namespace ticklake::kafka {

/// The users of any Kafka that checks SCRAM (KIP-554), over a connection of our own, since not
/// every librdkafka has a call for it. Errors: those of Connection; kNotFound for a user who is not
/// there; else the cause is what the broker said.
class UserAdmin {
 public:
  /// `brokers` is HOST:PORT[,…]; `timeout` holds for each step.
  UserAdmin(std::string brokers, std::chrono::milliseconds timeout, ClientSecurity security)
      : brokers_(std::move(brokers)), timeout_(timeout), security_(std::move(security)) {}

  /// By user and mechanism, the number of iterations.
  using Users = std::map<std::string, std::map<ScramMechanism, int32_t>>;
  base::Result<Users> list() const;
  base::Result<Users> describe(const std::string& user) const;
  /// Sets the credential, whether there is one or not. The password itself is not sent.
  base::Result<void> set(const std::string& user, ScramMechanism mechanism,
                         const std::string& password, int32_t iterations) const;
  base::Result<void> remove(const std::string& user, ScramMechanism mechanism) const;

 private:
  std::string brokers_;
  std::chrono::milliseconds timeout_;
  ClientSecurity security_;
};

}  // namespace ticklake::kafka
