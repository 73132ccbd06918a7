#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "base/bytes.h"
#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::base {

/// Bytes of a file that do not change while somebody holds this.
struct FileRegion {
  std::shared_ptr<File> file;
  uint64_t position = 0;
  size_t size = 0;
};

/// Bytes on their way out: in memory of somebody else, who keeps it until they are sent, or in a
/// file, from which they can go without coming to memory (sendfile(2)).
using Fragment = std::variant<ByteView, FileRegion>;

size_t size_of(const Fragment& fragment);
/// `size` bytes of it from `from` on; there must be so many.
Fragment part_of(const Fragment& fragment, size_t from, size_t size);
/// Copies the first bytes of `fragment`, which has at least so many, to `into`. kCorrupt if its
/// file is shorter.
Result<void> copy_to(std::span<std::byte> into, const Fragment& fragment);

}  // namespace ticklake::base
