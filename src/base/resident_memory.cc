#include "base/resident_memory.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace ticklake::base {

ResidentMemory::ResidentMemory() : descriptor_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

ResidentMemory::~ResidentMemory() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

uint64_t ResidentMemory::bytes() const {
  char text[128];
  const ssize_t size = descriptor_ < 0 ? -1 : ::pread(descriptor_, text, sizeof text, 0);
  if (size <= 0) return 0;
  // "size resident shared …", in pages.
  std::string_view rest(text, static_cast<size_t>(size));
  rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  uint64_t pages = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), pages);
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace ticklake::base
