#pragma once

#include <string>

#include "aws/athena_messages.h"

namespace ticklake::query::drivers {

/// What Athena charges: by the bytes that a query scans, rounded up to a megabyte, 10 of them at
/// least; nothing for DDL, for a query that failed and for a result that was reused. Source:
/// "Amazon Athena Pricing", on-demand queries. An estimate: prices differ by region and contract.
inline constexpr double kDollarsPerTerabyte = 5;
inline constexpr int64_t kMegabyte = 1'000'000;
inline constexpr int64_t kChargedBytesMin = 10 * kMegabyte;

double estimated_dollars(const aws::athena::QueryExecution& execution);

/// "12.3 MB scanned, about $0.00007 (estimate: $5 a TB, at least 10 MB)"
std::string cost_text(const aws::athena::QueryExecution& execution);

}  // namespace ticklake::query::drivers
