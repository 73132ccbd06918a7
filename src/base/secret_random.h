#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace ticklake::base {

/// Fills with bytes that nobody can guess: for salts, nonces and keys, where base::Random will not
/// do. Passed in, so that a test or a simulation can repeat itself. Safe to call from any thread.
using SecretRandom = std::function<void(std::span<std::byte>)>;

/// The machine's.
SecretRandom system_secret_random();

}  // namespace ticklake::base
