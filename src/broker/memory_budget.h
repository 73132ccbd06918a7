#pragma once

#include <cstddef>
#include <deque>
#include <functional>

namespace ticklake::broker {

/// Memory that many share, counted in bytes; whoever finds it spent waits for his turn. As Kafka's
/// pool it gives as long as anything is left, so that the largest request need not wait until all
/// others are done: the budget is passed by one request at most. One thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// False, and nothing is taken, if it is spent.
  bool try_reserve(size_t bytes);
  /// For what is there already.
  void reserve_anyway(size_t bytes) { used_ += bytes; }
  void release(size_t bytes) { used_ -= bytes; }

  size_t used() const { return used_; }
  size_t available() const { return used_ < bytes_max_ ? bytes_max_ - used_ : 0; }
  bool is_spent() const { return used_ >= bytes_max_; }
  /// Whether it is wise to keep what is not in use just now.
  bool has_plenty() const { return used_ < bytes_max_ / 2; }

  /// `resume` runs in serve(), once there is something again; it may wait anew.
  void wait(std::function<void()> resume) { waiting_.push_back(std::move(resume)); }
  bool has_waiting() const { return !waiting_.empty(); }
  /// Lets those who wait go on, first come first served, until it is spent again.
  void serve();

 private:
  size_t bytes_max_;
  size_t used_ = 0;
  bool is_serving_ = false;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace ticklake::broker
