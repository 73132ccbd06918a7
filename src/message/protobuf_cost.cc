#include "message/protobuf_cost.h"

#include <cstdint>
#include <map>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace ticklake::message {
namespace {

namespace pb = google::protobuf;
using pb::internal::WireFormatLite;

constexpr uint64_t kCostMax = 256 << 20;
constexpr uint64_t kMessageBytes = 128;
constexpr uint64_t kFieldBytes = 24;
constexpr uint64_t kMapBytes = 192;
/// The parser goes no deeper.
constexpr int kDepthMax = 100;

class Cost {
 public:
  bool is_too_much() const { return total_ > kCostMax; }

  /// Adds up a message until its end, or until it is too much; what cannot be read is the
  /// parser's to refuse.
  bool add(const pb::Descriptor& type, pb::io::CodedInputStream& input, int depth) {
    total_ += bytes_of(type);
    if (depth > kDepthMax || is_too_much()) return false;
    while (const uint32_t tag = input.ReadTag()) {
      const auto wire = WireFormatLite::GetTagWireType(tag);
      if (wire == WireFormatLite::WIRETYPE_END_GROUP) return true;
      const pb::FieldDescriptor* const field =
          type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      const pb::Descriptor* const nested = field == nullptr ? nullptr : field->message_type();
      const bool is_nested = nested != nullptr;
      if (is_nested && wire == WireFormatLite::WIRETYPE_START_GROUP) {
        if (!add(*nested, input, depth + 1)) return false;
      } else if (is_nested && wire == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        uint32_t size = 0;
        if (!input.ReadVarint32(&size) || size > INT32_MAX) return false;
        const auto limit = input.PushLimit(static_cast<int>(size));
        if (!add(*nested, input, depth + 1)) return false;
        input.PopLimit(limit);
      } else if (!WireFormatLite::SkipField(&input, tag)) {
        return false;
      }
    }
    return true;
  }

 private:
  uint64_t bytes_of(const pb::Descriptor& type) {
    const auto [known, is_new] = by_type_.emplace(&type, kMessageBytes);
    if (!is_new) return known->second;
    for (int i = 0; i < type.field_count(); ++i)
      known->second += type.field(i)->is_map() ? kMapBytes : kFieldBytes;
    return known->second;
  }

  uint64_t total_ = 0;
  std::map<const pb::Descriptor*, uint64_t> by_type_;
};

}  // namespace

bool is_too_costly(const pb::Descriptor& type, std::string_view bytes) {
  pb::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                 static_cast<int>(bytes.size()));
  Cost cost;
  static_cast<void>(cost.add(type, input, 0));
  return cost.is_too_much();
}

}  // namespace ticklake::message
