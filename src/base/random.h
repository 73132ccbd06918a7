#pragma once

#include <cstdint>

namespace ticklake::base {

/// Seeded pseudo-random numbers (xoshiro256**): the same seed gives the same sequence on every
/// machine, which the standard's distributions do not promise. Not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t next();
  /// Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound);
  /// Uniform in [0, 1).
  double uniform();
  /// Exponential with mean 1.
  double exponential();
  /// Standard normal.
  double normal();

 private:
  uint64_t state_[4];
};

/// A seed from the operating system.
uint64_t entropy_seed();

}  // namespace ticklake::base
