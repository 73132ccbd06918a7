#pragma once

#include <cstddef>

namespace ticklake::base {

/// Raises the number of files and sockets that this process may have open to the most that the
/// system lets it (RLIMIT_NOFILE, soft to hard). Returns what it is then.
size_t raise_open_files_limit();

}  // namespace ticklake::base
