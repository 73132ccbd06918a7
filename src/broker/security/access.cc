#include "broker/security/access.h"

namespace ticklake::broker {
namespace {

/// An IPv4 client of a socket that serves both looks like "::ffff:127.0.0.1"; ACLs say "127.0.0.1".
std::string_view plain_host(std::string_view client_host) {
  constexpr std::string_view kMapped = "::ffff:";
  if (client_host.starts_with('/')) client_host.remove_prefix(1);
  const bool is_mapped =
      client_host.starts_with(kMapped) && client_host.find('.') != client_host.npos;
  return is_mapped ? client_host.substr(kMapped.size()) : client_host;
}

}  // namespace

Access::Access(Authorizer* authorizer, const Principal& principal, std::string_view client_host)
    : authorizer_(authorizer) {
  if (!authorizer) return;
  principal_ = principal.text();
  host_ = plain_host(client_host);
}

bool Access::ask(Operation operation, kafka::ResourceType type, std::string_view name,
                 Denial denial) const {
  const AclQuestion question{operation, type, name, principal_, host_};
  if (authorizer_->allows(question)) return true;
  if (denial == Denial::kIsLogged) authorizer_->log_denial(question);
  return false;
}

bool Access::allows_some_topic(Operation operation) const {
  return authorizer_ == nullptr ||
         authorizer_->allows_somewhere(
             {operation, kafka::ResourceType::kTopic, {}, principal_, host_});
}

int32_t Access::operations_on(kafka::ResourceType type, std::string_view name) const {
  int32_t bits = 0;
  for (const Operation operation : kafka::operations_of(type)) {
    if (allows(operation, type, name, Denial::kIsSilent)) bits |= 1 << static_cast<int>(operation);
  }
  return bits;
}

}  // namespace ticklake::broker
