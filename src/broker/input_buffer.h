#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "broker/memory_budget.h"

namespace ticklake::broker {

/// What the input of one server's connections is read into.
struct InputMemory {
  explicit InputMemory(size_t bytes_max) : budget(bytes_max) {}

  /// Of all connections' own buffers.
  MemoryBudget budget;
  /// Where a read goes whose connection has no buffer: what it brings is taken out before the next
  /// read, so that all connections share it, and those that say nothing cost nothing.
  static constexpr size_t kScratchBytes = 256 * 1024;
  std::unique_ptr<std::byte[]> scratch{new std::byte[kScratchBytes]};
};

/// The input of one connection: what was read and not yet taken. Memory for the whole of a request
/// is reserved when its length is known, before its bytes are read.
class InputBuffer {
 public:
  explicit InputBuffer(InputMemory& memory) : memory_(memory) {}
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { release(); }

  /// Where the next read goes; add() says how much came. What it brought has to be taken, or kept
  /// by make_room(), before another connection reads.
  std::span<std::byte> room();
  void add(size_t size) { end_ += size; }
  base::ByteView waiting() const;
  void take(size_t size) { begin_ += size; }

  /// Keeps what is waiting, and makes room until `whole` bytes from its first one are there. False
  /// if the budget is spent: then nothing more may be read until it was called again.
  bool make_room(size_t whole);
  /// Gives back what is not in use.
  void release_unused();

 private:
  std::byte* bytes() const { return own_ ? own_.get() : memory_.scratch.get(); }
  void move_to(size_t capacity);
  void release();

  InputMemory& memory_;
  std::unique_ptr<std::byte[]> own_;  ///< none: the scratch
  size_t capacity_ = 0;               ///< of own_, reserved
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace ticklake::broker
