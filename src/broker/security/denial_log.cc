#include "broker/security/denial_log.h"

#include <fmt/format.h>

#include "broker/security/principal.h"

namespace ticklake::broker {
namespace {

constexpr size_t kNameBytesMax = 249;  // of a topic

}  // namespace

void DenialLog::add(const AclQuestion& denied) {
  const base::MonotonicTime now = clock_.monotonic_now();
  std::string what =
      fmt::format("{} may not {} {} '{}'", printable(denied.principal, kNameBytesMax),
                  name_of(denied.operation), name_of(denied.resource_type),
                  printable(denied.resource_name, kNameBytesMax));
  const auto said = said_.find(what);
  if (said != said_.end() && now - said->second < kInterval) {
    ++unsaid_;
    return;
  }
  if (said_.size() >= kDenialsMax) forget_old(now);
  if (said_.size() >= kDenialsMax) {
    ++unsaid_;
    return;
  }
  logger_.warn("{}, from {} (said once a minute; {} more since the last line)", what, denied.host,
               unsaid_);
  unsaid_ = 0;
  said_[std::move(what)] = now;
}

void DenialLog::forget_old(base::MonotonicTime now) {
  std::erase_if(said_, [&](const auto& entry) { return now - entry.second >= kInterval; });
}

}  // namespace ticklake::broker
