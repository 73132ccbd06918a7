#include "cli/listener_flags.h"

#include <algorithm>

#include "cli/listen_address.h"

namespace ticklake::cli {
namespace {

using broker::Listener;
using broker::SecurityProtocol;

/// Each goes to the listener of its protocol, the second of a protocol to the second such listener;
/// without a protocol, to the only listener.
base::Result<void> advertise(const std::string& text, std::vector<Listener>& listeners) {
  TICKLAKE_ASSIGN(const Listener told, Listener::parse(text));
  const bool is_bare = text.find("://") == std::string::npos;
  const auto found = std::ranges::find_if(listeners, [&](const Listener& listener) {
    const bool is_its = listener.protocol == told.protocol || (is_bare && listeners.size() == 1);
    return is_its && !listener.advertised;
  });
  if (found == listeners.end()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "--advertise " + text + " fits no listener",
                      "there is no other listener of its protocol",
                      "write the listener's protocol before it, as in SASL_SSL://HOST:PORT");
  }
  found->advertised = told.address;
  return {};
}

base::Result<void> check_reach(const Listener& listener, const ListenerFlags& flags) {
  const bool asks_who = listener.uses_sasl() || (listener.protocol == SecurityProtocol::kSsl &&
                                                 !flags.tls_client_ca.empty());
  if (asks_who) return {};
  return check_listen_address(listener.address, flags.is_insecure);
}

}  // namespace

void add_listener_flags(CLI::App& command, ListenerFlags& flags) {
  command
      .add_option("--kafka-listen", flags.listen,
                  "HOST:PORT for Kafka clients; PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL:// may "
                  "stand before it; repeatable")
      ->capture_default_str()
      ->allow_extra_args(false);
  command
      .add_option("--advertise", flags.advertise,
                  "HOST:PORT that Kafka clients are told, with the protocol of its listener where "
                  "there are several; default: the address they dialled")
      ->allow_extra_args(false);
  command
      .add_option("--tls-certificate", flags.tls_certificate,
                  "PEM file of the certificate and its chain, for all listeners with TLS")
      ->type_name("FILE");
  command.add_option("--tls-key", flags.tls_key, "PEM file of its key, without a password")
      ->type_name("FILE");
  command
      .add_option("--tls-client-ca", flags.tls_client_ca,
                  "PEM file: clients of SSL:// listeners, and of an https:// page, have to show a "
                  "certificate signed by it")
      ->type_name("FILE");
  command.add_option("--connections", flags.connections_max, "Clients at a time")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      .add_option("--connections-per-address", flags.connections_per_address_max,
                  "Clients at a time from one address")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command.add_flag("--insecure", flags.is_insecure, kInsecureHelp);
}

base::Result<void> apply(const ListenerFlags& flags, broker::ServerOptions& options) {
  options.listeners.clear();
  for (const std::string& text : flags.listen) {
    TICKLAKE_ASSIGN(const Listener listener, Listener::parse(text));
    TICKLAKE_TRY(check_reach(listener, flags));
    options.listeners.push_back(listener);
  }
  for (const std::string& text : flags.advertise)
    TICKLAKE_TRY(advertise(text, options.listeners));
  options.tls = {flags.tls_certificate, flags.tls_key, flags.tls_client_ca};
  options.node.limits.connections_max = flags.connections_max;
  options.node.limits.connections_per_address_max = flags.connections_per_address_max;
  return {};
}

}  // namespace ticklake::cli
