#include "http/input_buffer.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace ticklake::http {

void InputBuffer::take(size_t size) {
  TICKLAKE_ASSERT(size <= end_ - begin_);
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

std::span<std::byte> InputBuffer::room(size_t size) {
  const size_t used = end_ - begin_;
  const size_t wanted = std::max({size, used + 1, kRestingBytes});
  if (wanted > capacity_) {
    move_to(wanted);
  } else if (begin_ + wanted > capacity_) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, used);
    begin_ = 0;
    end_ = used;
  }
  return {bytes_.get() + end_, capacity_ - end_};
}

void InputBuffer::rest() {
  if (capacity_ > kRestingBytes && end_ - begin_ <= kRestingBytes) move_to(kRestingBytes);
}

void InputBuffer::move_to(size_t capacity) {
  auto bytes = std::make_unique_for_overwrite<std::byte[]>(capacity);
  const size_t used = end_ - begin_;
  if (used > 0) std::memcpy(bytes.get(), bytes_.get() + begin_, used);
  bytes_ = std::move(bytes);
  capacity_ = capacity;
  begin_ = 0;
  end_ = used;
}

}  // namespace ticklake::http
