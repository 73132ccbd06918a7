#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string_view>

#include "base/random.h"

namespace ticklake::aws {

/// When a request to AWS is sent again, as its SDKs do in their retry mode "standard". Source: "AWS
/// SDKs and Tools Reference Guide, Retry behavior", and botocore/retries/standard.py for the codes.

/// A request is sent so often at most: AWS_MAX_ATTEMPTS without that.
inline constexpr int kAttemptsDefault = 3;
inline constexpr int kAttemptsMax = 100;
inline constexpr std::chrono::seconds kBackoffMax{20};

/// Whether a refusal with AWS's code says that there were too many requests.
bool is_throttling(std::string_view code);
/// Whether the same request may succeed later.
bool is_retriable(int status, std::string_view code);

/// How long to wait before the request is sent for the `attempt`th time, from 2 on: evenly between
/// nothing and 1 s, 2 s, 4 s … kBackoffMax, so that clients that were refused together do not come
/// back together.
std::chrono::nanoseconds backoff(int attempt, base::Random& random);

/// Waits; returns at once if the stop is requested. A seam: tests do not wait.
using Wait = std::function<void(std::chrono::nanoseconds, const std::stop_token&)>;
void wait_for(std::chrono::nanoseconds duration, const std::stop_token& stop);

}  // namespace ticklake::aws
