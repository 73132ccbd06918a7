#include "broker/security/denial_log.h"

#include <algorithm>

#include <fmt/format.h>

namespace ticklake::broker {
namespace {

constexpr size_t kNameBytesMax = 249;  // of a topic

/// The client made the name up: no line breaks, and not endless.
std::string printable(std::string_view name) {
  std::string text(name.substr(0, kNameBytesMax));
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return text;
}

}  // namespace

void DenialLog::add(const AclQuestion& denied) {
  const base::MonotonicTime now = clock_.monotonic_now();
  std::string what =
      fmt::format("{} may not {} {} '{}'", printable(denied.principal), name_of(denied.operation),
                  name_of(denied.resource_type), printable(denied.resource_name));
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
