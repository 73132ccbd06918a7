#include "http/range.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "http/field.h"

namespace ticklake::http {
namespace {

constexpr std::string_view kUnit = "bytes=";

/// A number beyond 64 bits is as good as the largest.
std::optional<uint64_t> parse_position(std::string_view text) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range && stop == end) return UINT64_MAX;
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

Range part(uint64_t first, uint64_t last, uint64_t object_size) {
  if (first >= object_size) return {Range::Kind::kUnsatisfiable, 0, 0};
  last = std::min(last, object_size - 1);
  return {Range::Kind::kPart, first, last - first + 1};
}

}  // namespace

Range resolve_range(std::string_view field, uint64_t object_size) {
  const Range whole{Range::Kind::kWhole, 0, object_size};
  if (!equal_without_case(field.substr(0, kUnit.size()), kUnit)) return whole;
  const auto ranges = split_list(field.substr(kUnit.size()));
  if (ranges.size() != 1) return whole;
  const size_t dash = ranges[0].find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view first_text = ranges[0].substr(0, dash);
  const std::string_view last_text = ranges[0].substr(dash + 1);
  const auto first = parse_position(first_text);
  const auto last = parse_position(last_text);
  if (first_text.empty() && last) {
    const uint64_t size = std::min(*last, object_size);
    return size == 0 ? Range{Range::Kind::kUnsatisfiable, 0, 0}
                     : Range{Range::Kind::kPart, object_size - size, size};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return whole;
  return part(*first, last.value_or(UINT64_MAX), object_size);
}

std::string content_range(const Range& range, uint64_t object_size) {
  if (range.kind == Range::Kind::kUnsatisfiable) return fmt::format("bytes */{}", object_size);
  return fmt::format("bytes {}-{}/{}", range.first, range.first + range.size - 1, object_size);
}

}  // namespace ticklake::http
