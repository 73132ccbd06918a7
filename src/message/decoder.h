#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "message/schema_registry.h"

namespace ticklake::message {

/// How values are read that are no JSON objects. Which rows a value comes to is a function of the
/// value, of this and of the schemas that it names, which never change.
struct Decoding {
  bool explode = false;   ///< a top-level array of objects is a row for each
  bool registry = false;  ///< values that begin with the magic byte are decoded by their schema
  /// Ids whose messages are refused, whatever the registry says now; ascending.
  std::vector<int32_t> refused_ids = {};

  bool operator==(const Decoding&) const = default;
};

/// What one value comes to: rows, or a reason why there are none, or neither (a tombstone, an empty
/// array).
struct DecodedValue {
  std::vector<std::string_view> rows;  ///< JSON objects, as long as the decoder keeps them
  std::string_view refusal;            ///< likewise
};

/// The column that says which element of its array a row was, from 0.
inline constexpr std::string_view kArrayIndexKey = "_array_index";
/// An exploded array may have so many elements.
inline constexpr size_t kElementsMax = 100'000;

/// Whether a value is taken as it is: its first byte begins a JSON object, and not in UTF-16.
inline bool is_plain_object(std::string_view value) {
  return value.starts_with('{') && (value.size() == 1 || value[1] != '\0');
}

/// Turns values into JSON objects. One thread.
class Decoder {
 public:
  /// `registry` must outlive this, and be there if `decoding.registry`.
  Decoder(Decoding decoding, SchemaRegistry* registry)
      : decoding_(std::move(decoding)), registry_(registry) {}
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// `value` is none for a record without one; it must outlive what is returned. The error, always
  /// retriable, is that of a registry that cannot be asked.
  base::Result<DecodedValue> decode(std::optional<std::string_view> value);
  /// Bytes of what it keeps.
  size_t bytes() const { return bytes_; }
  /// Forgets all that it gave.
  void clear();

 private:
  DecodedValue decode_json(std::string_view text);
  DecodedValue explode(std::string_view text);
  base::Result<DecodedValue> decode_registered(std::string_view value);
  DecodedValue refuse(std::string reason);
  std::string_view keep(std::string text);

  const Decoding decoding_;
  SchemaRegistry* const registry_;
  std::deque<std::string> kept_;
  size_t bytes_ = 0;
};

}  // namespace ticklake::message
