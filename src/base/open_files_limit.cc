#include "base/open_files_limit.h"

#include <sys/resource.h>

namespace ticklake::base {

size_t raise_open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return static_cast<size_t>(before);
  return static_cast<size_t>(limit.rlim_cur);
}

}  // namespace ticklake::base
