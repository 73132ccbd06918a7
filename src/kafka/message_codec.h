#pragma once

// The visitors that turn a message's description into bytes, back, and into text. Only the .cc
// files under messages/ include this: each instantiates them for its own messages.

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/uuid.h"
#include "kafka/error_code.h"
#include "kafka/message.h"

namespace ticklake::kafka::codec {

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <>
struct IsVector<base::Bytes> : std::false_type {};

template <typename T>
inline constexpr bool kIsInteger = std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// A message's part with a description of its own: null of it is a byte, not a length.
template <typename T>
inline constexpr bool kIsStruct =
    std::is_class_v<T> && !IsOptional<T>::value && !IsVector<T>::value &&
    !std::is_same_v<T, std::string> && !std::is_same_v<T, base::Bytes> &&
    !std::is_same_v<T, base::ByteView> && !std::is_same_v<T, base::Uuid> &&
    !std::is_same_v<T, RecordsChain>;

inline constexpr size_t kStringBytesMax = 0x7fff;

/// What the elements of a message's arrays may take in memory, where three bytes on the wire can be
/// a hundred here. A request for 200,000 partitions fits. A server's answer may be that much
/// larger.
inline constexpr size_t kRequestElementBytesMax = size_t{16} << 20;
inline constexpr size_t kResponseElementBytesMax = size_t{1} << 30;

/// A request is what names its response.
template <typename Message>
inline constexpr size_t kElementBytesMax = kResponseElementBytesMax;
template <typename Message>
requires requires { typename Message::Response; }
inline constexpr size_t kElementBytesMax<Message> = kRequestElementBytesMax;

// Lengths and null are written the same way for strings, bytes and arrays: in flexible versions
// an unsigned varint of the length plus one (0 is null), else an int16 (strings) or int32 (-1).

class Decoder {
 public:
  Decoder(base::ByteView bytes, int16_t version, bool is_flexible, size_t element_bytes_max)
      : reader_(bytes),
        version_(version),
        is_flexible_(is_flexible),
        element_bytes_left_(element_bytes_max) {}

  template <typename T>
  void operator()(std::string_view name, T& value, const Presence& presence) {
    if (tag_ != kPlainFields || !presence.in(version_) || !reader_.ok()) return;
    read(value, presence.is_nullable(version_));
    if (!reader_.ok() && field_.empty()) field_ = name;
  }

  template <typename T>
  void operator()(std::string_view name, T& value, const Tagged& tagged) {
    if (tag_ != tagged.tag || !tagged.in(version_)) return;
    read(value, true);
    // What is left over of its size would be lost when it is written again.
    if (reader_.remaining() != 0) reader_.set_failed();
    if (!reader_.ok() && field_.empty()) field_ = name;
  }

  template <typename Struct>
  void read_struct(Struct& value) {
    const int64_t tag_outside = std::exchange(tag_, kPlainFields);
    Struct::describe(*this, value);
    if (is_flexible_) read_tagged_fields(value);
    tag_ = tag_outside;
  }

  bool ok() const { return reader_.ok(); }
  /// The innermost field that could not be read.
  std::string_view failed_field() const { return field_; }
  /// It failed because its arrays take more memory than they may.
  bool is_too_large() const { return is_too_large_; }

 private:
  static constexpr int64_t kPlainFields = -1;

  template <typename Struct>
  void read_tagged_fields(Struct& value) {
    const uint32_t count = reader_.unsigned_varint();
    for (uint32_t i = 0; i < count && reader_.ok(); ++i) {
      const int64_t tag = reader_.unsigned_varint();
      const uint32_t size = reader_.unsigned_varint();
      base::ByteReader payload(reader_.take(size));
      if (!reader_.ok()) return;
      std::swap(reader_, payload);
      tag_ = tag;
      Struct::describe(*this, value);
      const bool is_bad = !reader_.ok();
      std::swap(reader_, payload);
      if (is_bad) reader_.set_failed();
    }
  }

  template <typename T>
  void read(T& value, bool is_nullable) {
    if constexpr (IsOptional<T>::value) {
      read_present_or_null(value, is_nullable);
    } else if constexpr (std::is_same_v<T, bool>) {
      value = reader_.big_endian<int8_t>() != 0;
    } else if constexpr (kIsInteger<T>) {
      value = reader_.big_endian<T>();
    } else if constexpr (std::is_same_v<T, double>) {
      value = std::bit_cast<double>(reader_.big_endian<uint64_t>());
    } else if constexpr (std::is_same_v<T, ErrorCode>) {
      value = static_cast<ErrorCode>(reader_.big_endian<int16_t>());
    } else if constexpr (std::is_same_v<T, base::Uuid>) {
      const base::ByteView bytes = reader_.take(value.bytes.size());
      std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
    } else if constexpr (std::is_same_v<T, RecordsChain>) {
      read_records(value);
    } else if constexpr (IsVector<T>::value || std::is_same_v<T, std::string> ||
                         std::is_same_v<T, base::Bytes> || std::is_same_v<T, base::ByteView>) {
      const int64_t length = read_length<T>();
      if (length < 0) return reader_.set_failed();
      read_sized(value, static_cast<size_t>(length));
    } else {
      read_struct(value);
    }
  }

  template <typename T>
  void read_present_or_null(std::optional<T>& value, bool is_nullable) {
    value.reset();
    if constexpr (kIsStruct<T>) {
      const auto marker = reader_.big_endian<int8_t>();
      if (marker < 0 && is_nullable) return;
      if (marker < 0) return reader_.set_failed();
      return read_struct(value.emplace(T()));  // clang 14 does not find emplace()
    } else {
      read_sized_or_null(value, is_nullable);
    }
  }

  template <typename T>
  void read_sized_or_null(std::optional<T>& value, bool is_nullable) {
    const int64_t length = read_length<T>();
    if (length == -1 && is_nullable) return;
    if (length < 0) return reader_.set_failed();
    read_sized(value.emplace(), static_cast<size_t>(length));
  }

  void read_records(RecordsChain& value) {
    const int64_t length = read_length<base::ByteView>();
    value.parts.clear();
    if (length < -1) return reader_.set_failed();
    if (length <= 0) return;
    value.parts.push_back(reader_.take(static_cast<size_t>(length)));
  }

  /// -1 is null; fewer means malformed.
  template <typename T>
  int64_t read_length() {
    if (!reader_.ok()) return -2;
    if (is_flexible_) return static_cast<int64_t>(reader_.unsigned_varint()) - 1;
    if constexpr (std::is_same_v<T, std::string>) return reader_.big_endian<int16_t>();
    return reader_.big_endian<int32_t>();
  }

  template <typename T>
  void read_sized(T& value, size_t length) {
    if constexpr (IsVector<T>::value) {
      read_elements(value, length);
    } else {
      // As Kafka: a compact string is no longer than one that an int16 can tell, so that it can be
      // written in any version, and into a record.
      if (std::is_same_v<T, std::string> && length > kStringBytesMax) return reader_.set_failed();
      const base::ByteView bytes = reader_.take(length);
      if constexpr (std::is_same_v<T, std::string>) value = base::as_text(bytes);
      if constexpr (std::is_same_v<T, base::Bytes>) value.assign(bytes.begin(), bytes.end());
      if constexpr (std::is_same_v<T, base::ByteView>) value = bytes;
    }
  }

  template <typename Element>
  void read_elements(std::vector<Element>& elements, size_t count) {
    // No element takes less than a byte, an integer takes its own size.
    constexpr size_t kBytesMin = kIsInteger<Element> ? sizeof(Element) : 1;
    elements.clear();
    if (count > reader_.remaining() / kBytesMin) return reader_.set_failed();
    is_too_large_ = count > element_bytes_left_ / sizeof(Element);
    if (is_too_large_) return reader_.set_failed();
    element_bytes_left_ -= count * sizeof(Element);
    elements.reserve(count);
    for (size_t i = 0; i < count && reader_.ok(); ++i)
      read(elements.emplace_back(), false);
  }

  base::ByteReader reader_;
  int16_t version_;
  bool is_flexible_;
  size_t element_bytes_left_;
  bool is_too_large_ = false;
  int64_t tag_ = kPlainFields;  ///< which fields are to be read just now
  std::string_view field_;
};

class Encoder {
 public:
  /// `splices` is where large payloads go; null: they are copied.
  Encoder(base::ByteWriter& to, int16_t version, bool is_flexible,
          std::vector<Frame::Splice>* splices)
      : to_(&to), version_(version), is_flexible_(is_flexible), splices_(splices) {}

  template <typename T>
  void operator()(std::string_view, const T& value, const Presence& presence) {
    if (pass_ != Pass::kPlain || !presence.in(version_)) return;
    write(value, presence.is_nullable(version_));
  }

  template <typename T>
  void operator()(std::string_view, const T& value, const Tagged& tagged) {
    if (pass_ == Pass::kPlain || !tagged.in(version_) || is_default(value, tagged)) return;
    if (pass_ == Pass::kCountTagged) {
      ++tagged_count_;
      return;
    }
    base::ByteWriter payload;
    base::ByteWriter* const outside = std::exchange(to_, &payload);
    const Pass pass_outside = std::exchange(pass_, Pass::kPlain);
    write(value, true);
    pass_ = pass_outside;
    to_ = outside;
    to_->unsigned_varint(static_cast<uint64_t>(tagged.tag));
    to_->unsigned_varint(payload.size());
    to_->append(payload.view());
  }

  template <typename Struct>
  void write_struct(const Struct& value) {
    const Pass pass_outside = std::exchange(pass_, Pass::kPlain);
    Struct::describe(*this, value);
    if (is_flexible_) {
      const uint32_t count_outside = std::exchange(tagged_count_, 0);
      pass_ = Pass::kCountTagged;
      Struct::describe(*this, value);
      to_->unsigned_varint(tagged_count_);
      pass_ = Pass::kTagged;
      if (tagged_count_ > 0) Struct::describe(*this, value);
      tagged_count_ = count_outside;
    }
    pass_ = pass_outside;
  }

 private:
  enum class Pass : uint8_t { kPlain, kCountTagged, kTagged };

  template <typename T>
  static bool is_default(const T& value, const Tagged& tagged) {
    if constexpr (kIsInteger<T>) return value == tagged.integer_default;
    return value == T();
  }

  template <typename T>
  void write(const T& value, bool is_nullable) {
    if constexpr (IsOptional<T>::value) {
      using Value = typename T::value_type;
      if constexpr (kIsStruct<Value>) to_->big_endian(static_cast<int8_t>(value ? 1 : -1));
      if (value) return write(*value, false);
      if constexpr (!kIsStruct<Value>) write_length<Value>(is_nullable ? -1 : 0);
    } else if constexpr (std::is_same_v<T, bool>) {
      to_->big_endian(static_cast<int8_t>(value));
    } else if constexpr (kIsInteger<T>) {
      to_->big_endian(value);
    } else if constexpr (std::is_same_v<T, double>) {
      to_->big_endian(std::bit_cast<uint64_t>(value));
    } else if constexpr (std::is_same_v<T, ErrorCode>) {
      to_->big_endian(static_cast<int16_t>(value));
    } else if constexpr (std::is_same_v<T, base::Uuid>) {
      to_->append(value.bytes);
    } else if constexpr (std::is_same_v<T, RecordsChain>) {
      write_length<base::ByteView>(static_cast<int64_t>(value.size()));
      for (const base::Fragment& part : value.parts)
        write_payload(part);
    } else if constexpr (std::is_same_v<T, std::string>) {
      write_length<T>(static_cast<int64_t>(value.size()));
      to_->append(base::as_bytes(value));
    } else if constexpr (std::is_same_v<T, base::Bytes>) {
      write_length<T>(static_cast<int64_t>(value.size()));
      to_->append(value);
    } else if constexpr (std::is_same_v<T, base::ByteView>) {
      write_length<T>(static_cast<int64_t>(value.size()));
      write_payload(value);
    } else if constexpr (IsVector<T>::value) {
      write_length<T>(static_cast<int64_t>(value.size()));
      for (const auto& element : value)
        write(element, false);
    } else {
      write_struct(value);
    }
  }

  template <typename T>
  void write_length(int64_t length) {
    if (is_flexible_) return to_->unsigned_varint(static_cast<uint64_t>(length + 1));
    if constexpr (std::is_same_v<T, std::string>) {
      TICKLAKE_ASSERT(length <= 0x7fff);
      to_->big_endian(static_cast<int16_t>(length));
    } else {
      TICKLAKE_ASSERT(length <= 0x7fffffff);
      to_->big_endian(static_cast<int32_t>(length));
    }
  }

  void write_payload(const base::Fragment& payload) {
    // Below this a copy costs less than one more fragment of writev.
    constexpr size_t kSpliceBytesMin = 512;
    const auto* const in_memory = std::get_if<base::ByteView>(&payload);
    if (splices_ && (!in_memory || in_memory->size() >= kSpliceBytesMin)) {
      splices_->push_back({to_->size(), payload});
    } else {
      TICKLAKE_ASSERT(in_memory);  // a file's bytes go in frames only
      to_->append(*in_memory);
    }
  }

  base::ByteWriter* to_;
  int16_t version_;
  bool is_flexible_;
  Pass pass_ = Pass::kPlain;
  uint32_t tagged_count_ = 0;
  std::vector<Frame::Splice>* splices_;
};

class Printer {
 public:
  explicit Printer(int16_t version) : version_(version) {}

  template <typename T>
  void operator()(std::string_view name, const T& value, const auto& presence) {
    if (!presence.in(version_)) return;
    if (text_.back() != '{') text_ += ", ";
    write_text(name);
    text_ += ": ";
    write(value);
  }

  template <typename Struct>
  void write_struct(const Struct& value) {
    text_ += '{';
    Struct::describe(*this, value);
    text_ += '}';
  }

  std::string take() { return std::move(text_); }

 private:
  template <typename T>
  void write(const T& value) {
    if constexpr (IsOptional<T>::value) {
      if (value) return write(*value);
      text_ += "null";
    } else if constexpr (std::is_same_v<T, bool>) {
      text_ += value ? "true" : "false";
    } else if constexpr (kIsInteger<T> || std::is_same_v<T, double>) {
      text_ += std::to_string(value);
    } else if constexpr (std::is_same_v<T, ErrorCode>) {
      write_text(name_of(value));
    } else if constexpr (std::is_same_v<T, base::Uuid>) {
      write_text(value.text());
    } else if constexpr (std::is_same_v<T, std::string>) {
      write_text(value);
    } else if constexpr (std::is_same_v<T, RecordsChain> || std::is_same_v<T, base::Bytes> ||
                         std::is_same_v<T, base::ByteView>) {
      text_ += '"' + std::to_string(value.size()) + " bytes\"";
    } else if constexpr (IsVector<T>::value) {
      text_ += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) text_ += ", ";
        write(value[i]);
      }
      text_ += ']';
    } else {
      write_struct(value);
    }
  }

  void write_text(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    text_ += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') text_ += '\\';
      if (byte < 0x20) {
        text_.append("\\u00").append({kHex[byte >> 4], kHex[byte & 15]});
      } else {
        text_ += c;
      }
    }
    text_ += '"';
  }

  int16_t version_;
  std::string text_;
};

}  // namespace ticklake::kafka::codec

namespace ticklake::kafka {

template <typename Message>
base::Result<Message> decode(base::ByteView body, int16_t version) {
  constexpr const Api& api = Message::kApi;
  if (!api.has(version)) {
    return base::fail(base::ErrorCode::kUnsupported,
                      std::string(api.name) + " has no version " + std::to_string(version));
  }
  codec::Decoder decoder(body, version, api.is_flexible(version), codec::kElementBytesMax<Message>);
  base::Result<Message> message;
  decoder.read_struct(*message);
  if (decoder.ok()) return message;
  std::string cause = "its tagged fields do not parse";
  if (!decoder.failed_field().empty()) {
    cause = std::string(decoder.failed_field()) +
            (decoder.is_too_large() ? " has too many elements" : " does not parse");
  }
  return base::fail(
      base::ErrorCode::kInvalidData,
      "malformed " + std::string(api.name) + " message, version " + std::to_string(version),
      std::move(cause));
}

template <typename Message>
void encode(const Message& message, int16_t version, base::ByteWriter& to) {
  TICKLAKE_ASSERT(Message::kApi.has(version));
  codec::Encoder(to, version, Message::kApi.is_flexible(version), nullptr).write_struct(message);
}

template <typename Message>
std::string print(const Message& message, int16_t version) {
  codec::Printer printer(version);
  printer.write_struct(message);
  return printer.take();
}

namespace codec {

/// Continues `to`, which holds four bytes for the length and the header.
template <typename Message>
Frame finish_frame(base::ByteWriter to, const Message& message, int16_t version) {
  TICKLAKE_ASSERT(Message::kApi.has(version));
  Frame frame;
  Encoder(to, version, Message::kApi.is_flexible(version), &frame.splices).write_struct(message);
  frame.bytes = to.take();
  base::store_big_endian(frame.bytes.data(), static_cast<int32_t>(frame.size() - sizeof(int32_t)));
  return frame;
}

/// Length (to be filled in) and header of a request, and of a response.
base::ByteWriter begin_request(const RequestHeader& header, const Api& api);
base::ByteWriter begin_response(int32_t correlation_id, const Api& api, int16_t version);

}  // namespace codec

template <typename RequestMessage>
Frame request_frame(const RequestHeader& header, const RequestMessage& message) {
  return codec::finish_frame(codec::begin_request(header, RequestMessage::kApi), message,
                             header.api_version);
}

template <typename ResponseMessage>
Frame response_frame(int32_t correlation_id, const ResponseMessage& message, int16_t version) {
  return codec::finish_frame(codec::begin_response(correlation_id, ResponseMessage::kApi, version),
                             message, version);
}

}  // namespace ticklake::kafka

/// Defines what message.h declares, for one API.
#define TICKLAKE_KAFKA_MESSAGE(Message)                                      \
  template base::Result<Message> decode<Message>(base::ByteView, int16_t);   \
  template void encode<Message>(const Message&, int16_t, base::ByteWriter&); \
  template std::string print<Message>(const Message&, int16_t);
#define TICKLAKE_KAFKA_API(Name)                                                           \
  TICKLAKE_KAFKA_MESSAGE(Name##Request)                                                    \
  TICKLAKE_KAFKA_MESSAGE(Name##Response)                                                   \
  template Frame request_frame<Name##Request>(const RequestHeader&, const Name##Request&); \
  template Frame response_frame<Name##Response>(int32_t, const Name##Response&, int16_t);
