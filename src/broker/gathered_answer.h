#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace ticklake::broker {

/// One answer that is put together from several parts, which come now or later in any order. Held
/// by a shared_ptr by whoever brings a part. Told once, when the last part has settled.
template <typename Answer>
class GatheredAnswer {
 public:
  using Told = std::function<void(Answer)>;
  /// Whoever makes it settles too, when it has asked for all parts.
  explicit GatheredAnswer(Told told) : told_(std::move(told)) {}

  void expect_part() { ++unsettled_; }
  void settle() {
    if (--unsettled_ == 0) told_(std::move(answer));
  }

  Answer answer{};

 private:
  Told told_;
  size_t unsettled_ = 1;
};

}  // namespace ticklake::broker
