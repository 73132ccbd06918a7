#include "message/protobuf_json.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "message/json_text.h"
#include "message/protobuf_cost.h"

namespace ticklake::message {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;
using pb::Reflection;

constexpr int kNanosDigits = 9;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr size_t kReasonBytesMax = 200;

/// A field of a message, or one item of a repeated one.
struct Place {
  const Message& message;
  const FieldDescriptor* field;
  int index = -1;  ///< of the item; -1 for a field that is not repeated

  const Reflection& reflection() const { return *message.GetReflection(); }
  bool is_item() const { return index >= 0; }
  const Message& nested() const {
    return is_item() ? reflection().GetRepeatedMessage(message, field, index)
                     : reflection().GetMessage(message, field);
  }
  std::string text() const {
    return is_item() ? reflection().GetRepeatedString(message, field, index)
                     : reflection().GetString(message, field);
  }
};

#define TICKLAKE_PROTOBUF_GET(place, Type)                                                     \
  ((place).is_item()                                                                           \
       ? (place).reflection().GetRepeated##Type((place).message, (place).field, (place).index) \
       : (place).reflection().Get##Type((place).message, (place).field))

/// Writes messages. Each function gives false when it has set the reason.
class ProtobufWriter {
 public:
  ProtobufWriter(std::string& json, size_t json_bytes_max)
      : json_(json), json_end_max_(json.size() + json_bytes_max) {}

  std::string reason;

  bool append(const Message& message) {
    if (json_.size() > json_end_max_) return fail("it would become too much JSON");
    const std::string& name = message.GetDescriptor()->full_name();
    if (name.starts_with("google.protobuf.")) {
      if (name.ends_with(".Timestamp")) return append_time(message);
      if (name.ends_with(".Duration")) return append_duration(message);
      if (name.ends_with(".Struct")) return append_only_field(message);
      if (name.ends_with(".ListValue")) return append_only_field(message);
      if (name.ends_with(".Value")) return append_value(message);
      // DoubleValue, Int64Value, …
      if (name.ends_with("Value")) return append_only_field(message);
    }
    if (name == "confluent.type.Decimal") return append_confluent_decimal(message);
    return append_fields(message);
  }

 private:
  bool fail(std::string why) {
    reason = std::move(why);
    return false;
  }

  static int64_t integer_of(const Message& message, const char* name) {
    const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_repeated()) return 0;
    const Reflection& reflection = *message.GetReflection();
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
      return reflection.GetInt64(message, field);
    }
    return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? reflection.GetInt32(message, field)
                                                               : 0;
  }

  bool append_time(const Message& message) {
    const int64_t nanos = integer_of(message, "nanos");
    const size_t start = json_.size();
    append_timestamp(json_, integer_of(message, "seconds"), 0, "");
    if (json_[start] != '"' || nanos < 0 || nanos >= kNanosPerSecond) {
      return fail("a Timestamp in it is out of range");
    }
    json_.pop_back();
    fmt::format_to(std::back_inserter(json_), ".{:0{}}Z\"", nanos, kNanosDigits);
    return true;
  }

  bool append_duration(const Message& message) {
    const int64_t seconds = integer_of(message, "seconds");
    const int64_t nanos = integer_of(message, "nanos");
    const bool agree = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0);
    if (nanos <= -kNanosPerSecond || nanos >= kNanosPerSecond || !agree || seconds == INT64_MIN) {
      return fail("a Duration in it is out of range");
    }
    const bool is_negative = seconds < 0 || nanos < 0;
    fmt::format_to(std::back_inserter(json_), "\"{}{}.{:0{}}s\"", is_negative ? "-" : "",
                   is_negative ? -seconds : seconds, is_negative ? -nanos : nanos, kNanosDigits);
    return true;
  }

  /// A wrapper, a Struct or a ListValue: as what it holds.
  bool append_only_field(const Message& message) {
    if (message.GetDescriptor()->field_count() != 1) return append_fields(message);
    return append_field(message, message.GetDescriptor()->field(0));
  }

  /// google.protobuf.Value: one of several.
  bool append_value(const Message& message) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    if (!fields.empty()) return append_field(message, fields.front());
    json_ += "null";
    return true;
  }

  bool append_confluent_decimal(const Message& message) {
    const FieldDescriptor* const value = message.GetDescriptor()->FindFieldByName("value");
    if (value == nullptr || value->type() != FieldDescriptor::TYPE_BYTES || value->is_repeated()) {
      return append_fields(message);
    }
    const std::string bytes = message.GetReflection()->GetString(message, value);
    return append_decimal(json_, bytes, integer_of(message, "scale")) ||
           fail("a Decimal in it has too many digits");
  }

  bool append_fields(const Message& message) {
    const pb::Descriptor& type = *message.GetDescriptor();
    const Reflection& reflection = *message.GetReflection();
    json_ += '{';
    bool is_first = true;
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* const field = type.field(i);
      if (field->has_presence() && !reflection.HasField(message, field)) continue;
      if (!is_first) json_ += ',';
      is_first = false;
      json_ += '"' + field->name() + "\":";
      if (!append_field(message, field)) return false;
    }
    json_ += '}';
    return true;
  }

  bool append_field(const Message& message, const FieldDescriptor* field) {
    if (field->is_map()) return append_map(message, field);
    if (!field->is_repeated()) return append_scalar({message, field});
    const int count = message.GetReflection()->FieldSize(message, field);
    json_ += '[';
    for (int i = 0; i < count; ++i) {
      if (i > 0) json_ += ',';
      if (!append_scalar({message, field, i})) return false;
    }
    json_ += ']';
    return true;
  }

  /// In the order of the keys' text, for Protobuf's own order is another with each run; of entries
  /// with the same key the last counts.
  bool append_map(const Message& message, const FieldDescriptor* field) {
    const Reflection& reflection = *message.GetReflection();
    std::vector<std::pair<std::string, const Message*>> entries;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, field, i);
      std::string key;
      std::swap(key, json_);
      const bool done = append_scalar({entry, field->message_type()->map_key()});
      std::swap(key, json_);
      if (!done) return false;
      if (!key.starts_with('"')) key = '"' + key + '"';
      entries.emplace_back(std::move(key), &entry);
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    json_ += '{';
    bool is_first = true;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i + 1 < entries.size() && entries[i + 1].first == entries[i].first) continue;
      if (!is_first) json_ += ',';
      is_first = false;
      json_ += entries[i].first + ':';
      if (!append_scalar({*entries[i].second, field->message_type()->map_value()})) return false;
    }
    json_ += '}';
    return true;
  }

  bool append_scalar(const Place& place) {
    if (json_.size() > json_end_max_) return fail("it would become too much JSON");
    switch (place.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        append_integer(json_, int64_t{TICKLAKE_PROTOBUF_GET(place, Int32)});
        return true;
      case FieldDescriptor::CPPTYPE_INT64:
        append_integer(json_, int64_t{TICKLAKE_PROTOBUF_GET(place, Int64)});
        return true;
      case FieldDescriptor::CPPTYPE_UINT32:
        append_integer(json_, uint64_t{TICKLAKE_PROTOBUF_GET(place, UInt32)});
        return true;
      case FieldDescriptor::CPPTYPE_UINT64:
        append_integer(json_, uint64_t{TICKLAKE_PROTOBUF_GET(place, UInt64)});
        return true;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        append_real(json_, TICKLAKE_PROTOBUF_GET(place, Double));
        return true;
      case FieldDescriptor::CPPTYPE_FLOAT:
        append_real(json_, TICKLAKE_PROTOBUF_GET(place, Float));
        return true;
      case FieldDescriptor::CPPTYPE_BOOL:
        json_ += TICKLAKE_PROTOBUF_GET(place, Bool) ? "true" : "false";
        return true;
      case FieldDescriptor::CPPTYPE_ENUM: return append_enum(place);
      case FieldDescriptor::CPPTYPE_STRING: return append_text(place);
      case FieldDescriptor::CPPTYPE_MESSAGE: return append(place.nested());
    }
    return fail("its schema has a field of no kind");
  }

  /// By its name; a number that the schema does not have stays one.
  bool append_enum(const Place& place) {
    const int number = TICKLAKE_PROTOBUF_GET(place, EnumValue);
    const pb::EnumDescriptor& type = *place.field->enum_type();
    if (type.full_name() == "google.protobuf.NullValue") {
      json_ += "null";
      return true;
    }
    const pb::EnumValueDescriptor* const value = type.FindValueByNumber(number);
    if (value == nullptr) {
      append_integer(json_, int64_t{number});
    } else {
      json_ += '"' + value->name() + '"';
    }
    return true;
  }

  bool append_text(const Place& place) {
    if (place.field->type() != FieldDescriptor::TYPE_BYTES) {
      return append_string(json_, place.text()) || fail("a text in it is not UTF-8");
    }
    append_base64(json_, place.text());
    return true;
  }

  std::string& json_;
  const size_t json_end_max_;
};

#undef TICKLAKE_PROTOBUF_GET

}  // namespace

std::optional<std::string> append_protobuf(const Message& prototype, std::string_view bytes,
                                           size_t json_bytes_max, std::string& json) {
  const pb::Descriptor& type = *prototype.GetDescriptor();
  if (is_too_costly(type, bytes)) return "it would take too much memory";
  const std::unique_ptr<Message> message(prototype.New());
  if (!message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return "it is no message of the type " + type.full_name();
  }
  if (!message->IsInitialized()) {
    return "required fields are missing: " +
           message->InitializationErrorString().substr(0, kReasonBytesMax);
  }
  ProtobufWriter writer(json, json_bytes_max);
  if (writer.append(*message)) return std::nullopt;
  return std::move(writer.reason);
}

}  // namespace ticklake::message
