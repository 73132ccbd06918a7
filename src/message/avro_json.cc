#include "message/avro_json.h"

#include <bit>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "message/json_text.h"
#include "message/wire_format.h"

namespace ticklake::message {
namespace {

constexpr const char* kCutOff = "it ends within a value";

template <typename Bits>
Bits little_endian(std::string_view bytes) {
  Bits bits = 0;
  for (size_t i = sizeof(Bits); i-- > 0;)
    bits = static_cast<Bits>(bits << 8) | static_cast<unsigned char>(bytes[i]);
  return bits;
}

void append_uuid(std::string& json, std::string_view bytes) {
  json += '"';
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) json += '-';
    fmt::format_to(std::back_inserter(json), "{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  json += '"';
}

/// Reads one message. Each function gives false when it has set the reason.
class AvroReader {
 public:
  AvroReader(const AvroSchema& schema, std::string_view bytes, std::string& json)
      : schema_(schema),
        rest_(bytes),
        json_(json),
        json_end_max_(json.size() + json_bytes_max(bytes.size())) {}

  std::optional<std::string> read() {
    if (!value(schema_.root, 0)) return std::move(reason_);
    if (rest_.empty()) return std::nullopt;
    return fmt::format("{} bytes are left behind its value", rest_.size());
  }

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  bool take(size_t count, std::string_view& bytes) {
    if (count > rest_.size()) return fail(kCutOff);
    bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return true;
  }

  bool take_long(int64_t& number) {
    return take_zigzag(rest_, number) || fail("a number in it does not end");
  }

  bool take_sized(std::string_view& bytes) {
    int64_t size = 0;
    if (!take_long(size)) return false;
    if (size < 0) return fail("a length in it is negative");
    return take(static_cast<size_t>(size), bytes);
  }

  bool value(size_t at, int depth) {
    if (depth > kAvroDepthMax) {
      return fail(fmt::format("it is nested more than {} levels deep", kAvroDepthMax));
    }
    if (json_.size() > json_end_max_) return fail("it would become too much JSON");
    const AvroNode& node = schema_.nodes[at];
    switch (node.type) {
      case AvroType::kNull: json_ += "null"; return true;
      case AvroType::kBoolean: return boolean();
      case AvroType::kInt:
      case AvroType::kLong: return integer(node);
      case AvroType::kFloat: return real<float, uint32_t>();
      case AvroType::kDouble: return real<double, uint64_t>();
      case AvroType::kBytes: return bytes(node);
      case AvroType::kString: return text();
      case AvroType::kRecord: return record(node, depth);
      case AvroType::kEnum: return symbol(node);
      case AvroType::kArray:
      case AvroType::kMap: return blocks(node, depth);
      case AvroType::kUnion: return branch(node, depth);
      case AvroType::kFixed: return fixed(node);
    }
    return fail("its schema has a type of no kind");
  }

  bool boolean() {
    std::string_view byte;
    if (!take(1, byte)) return false;
    if (byte[0] != 0 && byte[0] != 1) return fail("a boolean in it is neither 0 nor 1");
    json_ += byte[0] == 1 ? "true" : "false";
    return true;
  }

  bool integer(const AvroNode& node) {
    int64_t number = 0;
    if (!take_long(number)) return false;
    if (node.type == AvroType::kInt && (number < INT32_MIN || number > INT32_MAX)) {
      return fail("an int in it has more than 32 bits");
    }
    switch (node.logical) {
      case AvroLogicalType::kDate: append_date(json_, number); break;
      case AvroLogicalType::kTimeMillis: append_time_of_day(json_, number, 3); break;
      case AvroLogicalType::kTimeMicros: append_time_of_day(json_, number, 6); break;
      case AvroLogicalType::kTimestampMillis: append_timestamp(json_, number, 3, "Z"); break;
      case AvroLogicalType::kTimestampMicros: append_timestamp(json_, number, 6, "Z"); break;
      case AvroLogicalType::kTimestampNanos: append_timestamp(json_, number, 9, "Z"); break;
      case AvroLogicalType::kLocalTimestampMillis: append_timestamp(json_, number, 3, ""); break;
      case AvroLogicalType::kLocalTimestampMicros: append_timestamp(json_, number, 6, ""); break;
      case AvroLogicalType::kLocalTimestampNanos: append_timestamp(json_, number, 9, ""); break;
      default: append_integer(json_, number);
    }
    return true;
  }

  template <typename Real, typename Bits>
  bool real() {
    std::string_view bytes;
    if (!take(sizeof(Bits), bytes)) return false;
    append_real(json_, std::bit_cast<Real>(little_endian<Bits>(bytes)));
    return true;
  }

  bool decimal(const AvroNode& node, std::string_view bytes) {
    return append_decimal(json_, bytes, node.scale) || fail("a decimal in it has too many digits");
  }

  bool bytes(const AvroNode& node) {
    std::string_view bytes;
    if (!take_sized(bytes)) return false;
    if (node.logical == AvroLogicalType::kDecimal) return decimal(node, bytes);
    append_base64(json_, bytes);
    return true;
  }

  bool text() {
    std::string_view bytes;
    if (!take_sized(bytes)) return false;
    return append_string(json_, bytes) || fail("a text in it is not UTF-8");
  }

  bool fixed(const AvroNode& node) {
    std::string_view bytes;
    if (!take(node.fixed_bytes, bytes)) return false;
    switch (node.logical) {
      case AvroLogicalType::kDecimal: return decimal(node, bytes);
      case AvroLogicalType::kUuid: append_uuid(json_, bytes); break;
      case AvroLogicalType::kDuration:
        fmt::format_to(std::back_inserter(json_),
                       "{{\"months\":{},\"days\":{},\"milliseconds\":{}}}",
                       little_endian<uint32_t>(bytes), little_endian<uint32_t>(bytes.substr(4)),
                       little_endian<uint32_t>(bytes.substr(8)));
        break;
      default: append_base64(json_, bytes);
    }
    return true;
  }

  bool symbol(const AvroNode& node) {
    int64_t index = 0;
    if (!take_long(index)) return false;
    if (index < 0 || static_cast<uint64_t>(index) >= node.symbols.size()) {
      return fail(fmt::format("it has symbol {} of an enum of {}", index, node.symbols.size()));
    }
    json_ += node.symbols[static_cast<size_t>(index)];
    return true;
  }

  bool branch(const AvroNode& node, int depth) {
    int64_t index = 0;
    if (!take_long(index)) return false;
    if (index < 0 || static_cast<uint64_t>(index) >= node.children.size()) {
      return fail(fmt::format("it has branch {} of a union of {}", index, node.children.size()));
    }
    return value(node.children[static_cast<size_t>(index)], depth + 1);
  }

  bool record(const AvroNode& node, int depth) {
    json_ += '{';
    for (size_t i = 0; i < node.children.size(); ++i) {
      if (i > 0) json_ += ',';
      json_ += node.keys[i];
      if (!value(node.children[i], depth + 1)) return false;
    }
    json_ += '}';
    return true;
  }

  /// Items come in blocks: a count, negative if the block's size in bytes follows, then the items;
  /// a count of 0 ends them.
  bool blocks(const AvroNode& node, int depth) {
    const bool is_map = node.type == AvroType::kMap;
    json_ += is_map ? '{' : '[';
    for (bool is_first = true;;) {
      int64_t count = 0;
      int64_t size = 0;
      if (!take_long(count)) return false;
      if (count == 0) break;
      if (count < 0 && !take_long(size)) return false;
      if (count == INT64_MIN) return fail("a count in it is out of range");
      for (int64_t i = count < 0 ? -count : count; i > 0; --i) {
        if (!is_first) json_ += ',';
        is_first = false;
        if (is_map) {
          if (!text()) return false;
          json_ += ':';
        }
        if (!value(node.children[0], depth + 1)) return false;
      }
    }
    json_ += is_map ? '}' : ']';
    return true;
  }

  const AvroSchema& schema_;
  std::string_view rest_;
  std::string& json_;
  const size_t json_end_max_;
  std::string reason_;
};

}  // namespace

std::optional<std::string> append_avro(const AvroSchema& schema, std::string_view bytes,
                                       std::string& json) {
  return AvroReader(schema, bytes, json).read();
}

}  // namespace ticklake::message
