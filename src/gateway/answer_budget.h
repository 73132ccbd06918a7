#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace ticklake::gateway {

/// An answer as JSON holds at most so much; what is longer can come as CSV or NDJSON, which stream.
inline constexpr uint64_t kAnswerBytesMax = 32 << 20;
/// All answers that wait for their readers hold at most so much together.
inline constexpr uint64_t kAnswersBytesMax = 256 << 20;
/// So much of each answer is not counted, so that short answers find room beside long ones that
/// nobody reads.
inline constexpr uint64_t kAnswerBytesFree = 64 << 10;

/// The memory of answers from when they are made until they are sent. Any thread.
class AnswerBudget {
 public:
  /// Room for one answer, given back when the last copy is gone.
  class Share {
   public:
    explicit Share(AnswerBudget& budget) : budget_(budget) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { budget_.held_ -= held_; }

    /// Makes room for an answer of `bytes` in all; false if there is none.
    bool grow(uint64_t bytes) {
      const uint64_t wanted = bytes > kAnswerBytesFree ? bytes - kAnswerBytesFree : 0;
      if (wanted <= held_) return true;
      const uint64_t more = wanted - held_;
      if (budget_.held_.fetch_add(more) + more > kAnswersBytesMax) {
        budget_.held_ -= more;
        return false;
      }
      held_ = wanted;
      return true;
    }

   private:
    AnswerBudget& budget_;
    uint64_t held_ = 0;
  };

 private:
  std::atomic<uint64_t> held_ = 0;
};

}  // namespace ticklake::gateway
