#pragma once

#include <cstdint>

namespace ticklake::base {

/// The resident memory of this process in bytes, from /proc/self/statm (proc(5)); 0 where that
/// cannot be read. Takes about a microsecond. Any thread.
class ResidentMemory {
 public:
  ResidentMemory();
  ResidentMemory(const ResidentMemory&) = delete;
  ResidentMemory& operator=(const ResidentMemory&) = delete;
  ~ResidentMemory();

  uint64_t bytes() const;

 private:
  int descriptor_;
};

}  // namespace ticklake::base
