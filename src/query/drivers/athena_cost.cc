#include "query/drivers/athena_cost.h"

#include <algorithm>

#include <fmt/format.h>

namespace ticklake::query::drivers {
namespace {

constexpr double kTerabyte = 1e12;

std::string bytes_text(int64_t bytes) {
  if (bytes < 1'000) return fmt::format("{} B", bytes);
  constexpr std::pair<double, const char*> kUnits[] = {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}};
  const auto number = static_cast<double>(bytes);
  for (const auto& [size, name] : kUnits) {
    if (number >= size) return fmt::format("{:.1f} {}", number / size, name);
  }
  return fmt::format("{:.1f} KB", number / 1e3);
}

/// Two digits that count, however small it is.
std::string dollars_text(double dollars) {
  if (dollars >= 1) return fmt::format("${:.2f}", dollars);
  if (dollars >= 0.01) return fmt::format("${:.3f}", dollars);
  return fmt::format("${:.5f}", dollars);
}

}  // namespace

double estimated_dollars(const aws::athena::QueryExecution& execution) {
  const bool is_charged = execution.statement_type == "DML" && execution.status.state != "FAILED" &&
                          !execution.statistics.reuse.is_reused;
  if (!is_charged) return 0;
  const int64_t bytes = execution.statistics.scanned_bytes;
  const int64_t rounded = (bytes + kMegabyte - 1) / kMegabyte * kMegabyte;
  return static_cast<double>(std::max(rounded, kChargedBytesMin)) / kTerabyte * kDollarsPerTerabyte;
}

std::string cost_text(const aws::athena::QueryExecution& execution) {
  const std::string scanned = bytes_text(execution.statistics.scanned_bytes) + " scanned, ";
  if (execution.statistics.reuse.is_reused) return scanned + "free (an earlier result)";
  if (execution.status.state == "FAILED") return scanned + "free (it failed)";
  if (execution.statement_type != "DML") return scanned + "free (no query)";
  return scanned + "about " + dollars_text(estimated_dollars(execution)) +
         " (estimate: $5 a TB, at least 10 MB)";
}

}  // namespace ticklake::query::drivers
