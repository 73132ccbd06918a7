#include <algorithm>

#include "base/assert.h"
#include "feed/unpack.h"
#include "feed/zip.h"

using namespace ticklake;

namespace {

constexpr size_t kBytesMax = 1 << 20;

void read_some(const feed::ReadText& read) {
  std::string piece(64 * 1024, '\0');
  for (size_t total = 0; total < kBytesMax;) {
    const auto size = read(piece);
    if (!size || *size == 0) return;
    TICKLAKE_ASSERT(*size <= piece.size());
    total += *size;
  }
}

/// The bytes as a file, for the zip's reader.
class MemoryFile final : public base::File {
 public:
  explicit MemoryFile(std::string_view text) : text_(text) {}
  base::Result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    if (position >= text_.size()) return size_t{0};
    return text_.copy(reinterpret_cast<char*>(into.data()), into.size(),
                      static_cast<size_t>(position));
  }
  base::Result<void> write_at(uint64_t, base::ByteView) override { return {}; }
  base::Result<void> write_parts_at(uint64_t, std::span<const base::ByteView>) override {
    return {};
  }
  base::Result<uint64_t> size() override { return uint64_t{text_.size()}; }
  base::Result<void> truncate(uint64_t) override { return {}; }
  base::Result<void> reserve(uint64_t) override { return {}; }
  base::Result<void> sync_data() override { return {}; }
  int descriptor() const override { return -1; }

 private:
  std::string_view text_;
};

}  // namespace

// gzip, bzip2, zstd or zip, by their first bytes; else a raw deflate stream.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const feed::Packing packing = feed::packing_of(text);
  if (packing == feed::Packing::kNone) {
    read_some(feed::unpack_deflate(feed::read_memory(text)));
  } else if (packing != feed::Packing::kZip) {
    read_some(feed::unpack(feed::read_memory(text), packing));
  } else {
    const auto file = std::make_shared<MemoryFile>(text);
    const auto members = feed::read_zip_directory(*file);
    if (!members) return 0;
    for (size_t i = 0; i < std::min<size_t>(members->size(), 8); ++i) {
      const auto read = feed::open_zip_member(file, (*members)[i]);
      if (read) read_some(*read);
    }
  }
  return 0;
}
