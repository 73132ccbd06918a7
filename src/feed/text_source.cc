#include "feed/text_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace ticklake::feed {
namespace {
constexpr size_t kReadBytes = 64 * 1024;
}

ReadText read_file(std::shared_ptr<base::File> file) {
  return [file = std::move(file),
          position = uint64_t{0}](std::span<char> into) mutable -> base::Result<size_t> {
    TICKLAKE_ASSIGN(const size_t size, file->read_at(position, std::as_writable_bytes(into)));
    position += size;
    return size;
  };
}

ReadText read_memory(std::string_view text) {
  return [text](std::span<char> into) mutable -> base::Result<size_t> {
    const size_t size = text.copy(into.data(), into.size());
    text.remove_prefix(size);
    return size;
  };
}

ReadText without_bom(ReadText read) {
  return [read = std::move(read),
          is_first = true](std::span<char> into) mutable -> base::Result<size_t> {
    TICKLAKE_ASSIGN(size_t size, read(into));
    if (std::exchange(is_first, false) &&
        std::string_view(into.data(), size).starts_with("\xEF\xBB\xBF")) {
      size -= 3;
      std::memmove(into.data(), into.data() + 3, size);
      if (size == 0) return read(into);
    }
    return size;
  };
}

base::Result<void> TextWindow::refill() {
  if (at_end_) return {};
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // Doubling keeps the work linear when one record needs many refills.
  if (buffer_.size() - end_ < kReadBytes) buffer_.resize(std::max(end_ * 2, end_ + kReadBytes));
  TICKLAKE_ASSIGN(const size_t size, read_(std::span(buffer_).subspan(end_)));
  end_ += size;
  at_end_ = size == 0;
  return {};
}

}  // namespace ticklake::feed
