#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace ticklake::http {

/// Bytes between a transport and a parser. Small while a connection waits; larger for a body.
class InputBuffer {
 public:
  /// What it begins and rests with: enough for most heads.
  static constexpr size_t kRestingBytes = 8 * 1024;

  bool empty() const { return begin_ == end_; }
  base::ByteView view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  void take(size_t size);
  /// Room for more bytes behind those that are there: at least one, and at least up to `size` in
  /// all. What view() gave before is invalid.
  std::span<std::byte> room(size_t size);
  /// So many bytes were put into the room.
  void fill(size_t size) { end_ += size; }
  /// Gives back what is more than it needs between requests.
  void rest();

 private:
  void move_to(size_t capacity);

  std::unique_ptr<std::byte[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace ticklake::http
