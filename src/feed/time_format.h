#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace ticklake::feed {

/// How a file writes its times. A time without a zone is UTC.
class TimeFormat {
 public:
  /// What --time-format takes: `iso`, `s`, `ms`, `us`, `ns` (since 1970), or a pattern of
  /// %Y %y %m %d %b or %B (a month's name, short or in full) %H %I %p (AM or PM) %M %S (with any
  /// fraction) %f (up to nine digits of a fraction) %z (Z, UTC, GMT, ±HH, ±HHMM, ±HH:MM or
  /// GMT±HHMM) %T (= a time of day as ISO writes it) %% and literal characters. %m and %d need no
  /// leading zero.
  static base::Result<TimeFormat> parse(std::string_view text);

  /// The same, where a time that names no zone is so far east of UTC.
  TimeFormat at_offset(std::chrono::minutes east) const {
    TimeFormat format = *this;
    format.offset_ = east;
    return format;
  }

  /// None if `text` is not written so, in full.
  std::optional<base::WallTime> read(std::string_view text) const;
  /// ISO dates and times are kept as they stand; the others are worth writing anew.
  bool is_iso() const { return kind_ == Kind::kIso && offset_ == std::chrono::minutes::zero(); }
  /// Whether times are counted since 1970.
  bool is_unix() const { return kind_ == Kind::kUnix; }
  /// Whether a time of day can occur.
  bool has_time_of_day() const;
  const std::string& text() const { return text_; }

 private:
  enum class Kind : uint8_t { kIso, kUnix, kPattern };
  Kind kind_ = Kind::kIso;
  int64_t unit_ns_ = 1;
  std::chrono::minutes offset_{0};
  std::string text_ = "iso";
};

/// Finds the one format that a column is written in, from as many of its values as its owner
/// cares to show. Nothing is guessed: 03/04/2020 may be in March or in April, and only another
/// value, such as 13/04/2020, tells.
class TimeFormatDetector {
 public:
  explicit TimeFormatDetector(std::string column) : column_(std::move(column)) {}

  /// Shows one value. Empty ones and ones that no known format fits say nothing.
  void show(std::string_view value, uint64_t line);
  /// Whether more values could still change the outcome.
  bool wants_more() const;
  /// kInvalidArgument, naming a line and --time-format, if no or more than one format fits.
  base::Result<TimeFormat> decide() const;

 private:
  struct Candidate {
    TimeFormat format;
    uint64_t fits = 0;
  };
  struct Example {
    uint64_t line = 0;
    std::string text;
  };

  std::string column_;
  std::vector<Candidate> candidates_;
  std::optional<Example> first_;        ///< the first value at all
  std::optional<Example> day_first_;    ///< the first that only D/M can be
  std::optional<Example> month_first_;  ///< the first that only M/D can be
  std::optional<Example> undecided_;    ///< the first that either can be
};

}  // namespace ticklake::feed
