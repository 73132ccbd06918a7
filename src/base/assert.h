#pragma once

namespace ticklake::base {
/// Prints `expression file:line` to stderr and aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}  // namespace ticklake::base

/// States what only a bug in ticklake can break; stays on in release builds. Never used on input.
#define TICKLAKE_ASSERT(expression) \
  (static_cast<bool>(expression)    \
       ? static_cast<void>(0)       \
       : ::ticklake::base::assertion_failed(#expression, __FILE__, __LINE__))
