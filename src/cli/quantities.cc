#include "cli/quantities.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace ticklake::cli {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array kDurations{Unit{"ms", 1e6}, Unit{"s", 1e9}, Unit{"m", 60e9},
                                Unit{"h", 3600e9}};
constexpr std::array kSizes{Unit{"", 1},
                            Unit{"B", 1},
                            Unit{"KB", 1e3},
                            Unit{"MB", 1e6},
                            Unit{"GB", 1e9},
                            Unit{"KiB", 1024},
                            Unit{"MiB", 1024.0 * 1024},
                            Unit{"GiB", 1024.0 * 1024 * 1024}};
/// Both fit an int64 of nanoseconds or bytes.
constexpr double kMax = 9e18;

template <size_t N>
base::Result<double> parse(std::string_view text, const std::array<Unit, N>& units,
                           std::string_view kind, std::string_view example) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view name = text.substr(static_cast<size_t>(end - text.data()));
  for (const Unit& unit : units) {
    const double value = number * unit.factor;
    if (error == std::errc{} && unit.name == name && value >= 1 && value < kMax) return value;
  }
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "'" + std::string(text) + "' is no " + std::string(kind), {},
                    std::string(example));
}

}  // namespace

base::Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  TICKLAKE_ASSIGN(const double value, parse(text, kDurations, "duration", "500ms, 60s, 5m or 1h"));
  return std::chrono::nanoseconds(std::llround(value));
}

base::Result<uint64_t> parse_bytes(std::string_view text) {
  TICKLAKE_ASSIGN(const double value, parse(text, kSizes, "size", "1000000, 64KiB or 128MiB"));
  return static_cast<uint64_t>(std::llround(value));
}

}  // namespace ticklake::cli
