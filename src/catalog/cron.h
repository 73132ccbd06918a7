#pragma once

#include <array>
#include <bitset>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "base/clock.h"

namespace ticklake::catalog {

/// A crawler's schedule in UTC, `cron(15 12 * * ? *)`: minute, hour, day of the month, month, day
/// of the week (1 is Sunday), year. `*`, `?`, lists, ranges, steps and names of months and days; L,
/// W and # are refused.
class Cron {
 public:
  /// On failure what is wrong with it. Glue runs nothing more often than every five minutes.
  static tl::expected<Cron, std::string> parse(std::string_view text);

  /// Whether it is due in the minute that `time` is in.
  bool is_due(base::WallTime time) const;

 private:
  static constexpr int kFields = 6;
  static constexpr int kYearMin = 1970;
  static constexpr size_t kBits = 230;  ///< the years 1970 to 2199

  std::array<std::bitset<kBits>, kFields> allowed_;
};

}  // namespace ticklake::catalog
