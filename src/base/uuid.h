#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace ticklake::base {

/// 128 bits; Kafka's topic ids (KIP-516). All zero means "none".
struct Uuid {
  std::array<std::byte, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return *this == Uuid{}; }

  /// A version 4 UUID whose text() does not begin with '-', as Kafka makes them.
  static Uuid random(Random& random);
  /// The reverse of text(); none unless it is exactly 22 characters of URL-safe base64.
  static std::optional<Uuid> parse(std::string_view text);
  /// 22 characters of unpadded URL-safe base64, as Kafka prints ids.
  std::string text() const;
};

}  // namespace ticklake::base
