#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "catalog/model.h"
#include "query/athena/error.h"

namespace ticklake::query::executions {

/// The unit of a projected date's interval, from the coarsest on.
enum class DateUnit : uint8_t { kYears, kMonths, kWeeks, kDays, kHours, kMinutes, kSeconds };

/// A date's format in Java's letters, as far as partitions need them: y, M, d, H, m, s, text in
/// quotes and other characters as they are.
class DateFormat {
 public:
  /// None for a letter that is not known here.
  static std::optional<DateFormat> parse(std::string_view pattern);

  /// Seconds since 1970, of what the text says; none if it is not exactly of this format.
  std::optional<int64_t> seconds_of(std::string_view text) const;
  /// That of the finest letter.
  DateUnit unit() const { return unit_; }
  /// How many '/' stand in each of its texts.
  size_t slashes() const;

 private:
  struct Part {
    char letter = 0;  ///< 0: the text
    size_t width = 0;
    std::string text = {};
  };
  std::vector<Part> parts_;
  DateUnit unit_ = DateUnit::kYears;
};

/// Which values one partition key has under partition projection. Source: Athena's guide,
/// "Supported types for partition projection".
class ProjectedKey {
 public:
  /// Reads `projection.<name>.type` and what belongs to it. INVALID_TABLE_PROPERTY, by the name of
  /// the property.
  static athena::Result<ProjectedKey> parse(const std::string& name,
                                            const catalog::Parameters& parameters,
                                            base::WallTime now);

  bool contains(std::string_view value) const;
  /// How many '/' a value has: a date may be 2026/11/29.
  size_t slashes() const { return format_ ? format_->slashes() : 0; }

 private:
  enum class Type : uint8_t { kEnum, kInteger, kDate, kInjected };
  athena::Result<void> parse_integer(const std::string& prefix,
                                     const catalog::Parameters& parameters);
  athena::Result<void> parse_date(const std::string& prefix, const catalog::Parameters& parameters,
                                  base::WallTime now);
  bool contains_date(std::string_view value) const;

  Type type_ = Type::kInjected;
  std::vector<std::string> values_;  ///< of an enum
  int64_t min_ = 0, max_ = 0;        ///< integers, or seconds since 1970; both included
  int64_t interval_ = 1;
  size_t digits_ = 0;  ///< 0: as many as an integer has
  std::optional<DateFormat> format_;
  DateUnit unit_ = DateUnit::kDays;
};

}  // namespace ticklake::query::executions
