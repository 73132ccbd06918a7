#include "base/fragment.h"

#include <algorithm>

#include "base/assert.h"

namespace ticklake::base {

size_t size_of(const Fragment& fragment) {
  const auto* const view = std::get_if<ByteView>(&fragment);
  return view ? view->size() : std::get<FileRegion>(fragment).size;
}

Fragment part_of(const Fragment& fragment, size_t from, size_t size) {
  TICKLAKE_ASSERT(from + size <= size_of(fragment));
  if (const auto* const view = std::get_if<ByteView>(&fragment)) return view->subspan(from, size);
  const auto& region = std::get<FileRegion>(fragment);
  return FileRegion{region.file, region.position + from, size};
}

Result<void> copy_to(std::span<std::byte> into, const Fragment& fragment) {
  TICKLAKE_ASSERT(into.size() <= size_of(fragment));
  if (const auto* const view = std::get_if<ByteView>(&fragment)) {
    std::ranges::copy(view->first(into.size()), into.begin());
    return {};
  }
  const auto& region = std::get<FileRegion>(fragment);
  TICKLAKE_ASSIGN(const size_t got, region.file->read_at(region.position, into));
  if (got == into.size()) return {};
  return fail(ErrorCode::kCorrupt, "a file is shorter than it was",
              "it ends within bytes that were to be sent");
}

}  // namespace ticklake::base
