#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ticklake::http {

/// What a Range asks of an object of some size.
struct Range {
  enum class Kind : uint8_t {
    kWhole,          ///< 200: there is no Range, or one that is ignored
    kPart,           ///< 206
    kUnsatisfiable,  ///< 416
  };
  Kind kind = Kind::kWhole;
  uint64_t first = 0;
  uint64_t size = 0;

  bool operator==(const Range&) const = default;
};

/// Reads "bytes=a-b", "bytes=a-" or "bytes=-n" (RFC 9110, 14.1.2). As with S3, what is no such
/// thing and several ranges at once give the whole; a range that begins behind the end, and the
/// last 0 bytes, cannot be given.
Range resolve_range(std::string_view field, uint64_t object_size);

/// The Content-Range of an answer: "bytes 0-9/100", or "bytes */100" for 416.
std::string content_range(const Range& range, uint64_t object_size);

}  // namespace ticklake::http
