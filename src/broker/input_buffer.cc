#include "broker/input_buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ticklake::broker {
namespace {

constexpr size_t kCapacityMin = 4 * 1024;
/// A buffer of up to this size stays for the next request, which of a producer is as large.
constexpr size_t kCapacityKept = size_t{2} << 20;
/// What is read though the budget is spent: enough for a request's length, and for small requests.
constexpr size_t kReadMin = 4 * 1024;

}  // namespace

std::span<std::byte> InputBuffer::room() {
  if (own_) return {own_.get() + end_, capacity_ - end_};
  return {memory_.scratch.get(),
          std::clamp(memory_.budget.available(), kReadMin, InputMemory::kScratchBytes)};
}

base::ByteView InputBuffer::waiting() const { return {bytes() + begin_, end_ - begin_}; }

bool InputBuffer::make_room(size_t whole) {
  const size_t size = end_ - begin_;
  if (size == 0) {
    begin_ = end_ = 0;
    if (capacity_ > kCapacityKept || !memory_.budget.has_plenty()) release();
    return true;
  }
  const size_t needed = std::max(whole, size + 1);
  if (own_ && begin_ + needed <= capacity_) return true;
  if (own_ && needed <= capacity_) {
    std::memmove(own_.get(), own_.get() + begin_, size);
    begin_ = 0;
    end_ = size;
    return true;
  }
  const size_t capacity =
      needed <= kCapacityKept ? std::max(std::bit_ceil(needed), kCapacityMin) : needed;
  if (memory_.budget.try_reserve(capacity)) {
    move_to(capacity);
    return true;
  }
  if (!own_) {  // the scratch is wanted for others' reads
    memory_.budget.reserve_anyway(size);
    move_to(size);
  }
  return false;
}

/// Into a buffer of that size, for which memory is reserved.
void InputBuffer::move_to(size_t capacity) {
  std::unique_ptr<std::byte[]> buffer(new std::byte[capacity]);
  const size_t size = end_ - begin_;
  std::memcpy(buffer.get(), bytes() + begin_, size);
  memory_.budget.release(capacity_);
  own_ = std::move(buffer);
  capacity_ = capacity;
  begin_ = 0;
  end_ = size;
}

void InputBuffer::release_unused() {
  if (begin_ == end_) release();
}

void InputBuffer::release() {
  memory_.budget.release(capacity_);
  own_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace ticklake::broker
