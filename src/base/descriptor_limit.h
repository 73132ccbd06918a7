#pragma once

#include <cstdint>

namespace ticklake::base {

/// Raises this process's limit on open files and sockets as far as it may, and says what it is
/// then: the usual 1,024 are for programs that use select(2).
uint64_t raise_descriptor_limit();

}  // namespace ticklake::base
