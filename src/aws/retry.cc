#include "aws/retry.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>

namespace ticklake::aws {
namespace {

constexpr std::array<std::string_view, 14> kThrottling{"Throttling",
                                                       "ThrottlingException",
                                                       "ThrottledException",
                                                       "RequestThrottled",
                                                       "RequestThrottledException",
                                                       "TooManyRequestsException",
                                                       "ProvisionedThroughputExceededException",
                                                       "TransactionInProgressException",
                                                       "RequestLimitExceeded",
                                                       "BandwidthLimitExceeded",
                                                       "LimitExceededException",
                                                       "SlowDown",
                                                       "PriorRequestNotComplete",
                                                       "EC2ThrottledException"};
constexpr std::array<std::string_view, 2> kTransient{"RequestTimeout", "RequestTimeoutException"};
constexpr std::array kTransientStatuses{500, 502, 503, 504};

}  // namespace

bool is_throttling(std::string_view code) {
  return std::ranges::find(kThrottling, code) != kThrottling.end();
}

bool is_retriable(int status, std::string_view code) {
  return is_throttling(code) || std::ranges::find(kTransient, code) != kTransient.end() ||
         std::ranges::find(kTransientStatuses, status) != kTransientStatuses.end();
}

std::chrono::nanoseconds backoff(int attempt, base::Random& random) {
  constexpr int kDoublingsMax = 10;  // more of them pass kBackoffMax anyway
  const int doublings = std::clamp(attempt - 2, 0, kDoublingsMax);
  const std::chrono::nanoseconds most =
      std::min<std::chrono::nanoseconds>(std::chrono::seconds(1 << doublings), kBackoffMax);
  return std::chrono::nanoseconds(
      static_cast<int64_t>(random.uniform() * static_cast<double>(most.count())));
}

void wait_for(std::chrono::nanoseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace ticklake::aws
