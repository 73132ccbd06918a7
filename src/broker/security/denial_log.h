#pragma once

#include <map>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "broker/security/acl_index.h"

namespace ticklake::broker {

/// Says once a minute who was denied what, however often he asks. Remembers a bounded number of
/// denials; beyond it the others are only counted.
class DenialLog {
 public:
  static constexpr std::chrono::minutes kInterval{1};
  static constexpr size_t kDenialsMax = 1000;

  DenialLog(const base::Clock& clock, base::Logger& logger) : clock_(clock), logger_(logger) {}

  void add(const AclQuestion& denied);

 private:
  void forget_old(base::MonotonicTime now);

  const base::Clock& clock_;
  base::Logger& logger_;
  std::map<std::string, base::MonotonicTime> said_;
  uint64_t unsaid_ = 0;
};

}  // namespace ticklake::broker
