#include "message/wire_format.h"

namespace ticklake::message {

std::optional<RegisteredMessage> split_registered(std::string_view value) {
  constexpr size_t kHeaderBytes = 5;
  if (value.size() < kHeaderBytes || value.front() != kMagicByte) return std::nullopt;
  uint32_t id = 0;
  for (size_t i = 1; i < kHeaderBytes; ++i)
    id = (id << 8) | static_cast<unsigned char>(value[i]);
  if (id > INT32_MAX) return std::nullopt;
  return RegisteredMessage{static_cast<int32_t>(id), value.substr(kHeaderBytes)};
}

bool take_zigzag(std::string_view& bytes, int64_t& value) {
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i == 9 && byte > 1) return false;
    bits |= static_cast<uint64_t>(byte & 0x7fu) << (7 * i);
    if (byte < 0x80) {
      bytes.remove_prefix(i + 1);
      value = static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
      return true;
    }
  }
  return false;
}

std::optional<std::vector<int32_t>> take_message_indexes(std::string_view& payload) {
  std::string_view rest = payload;
  int64_t count = 0;
  if (!take_zigzag(rest, count) || count < 0) return std::nullopt;
  if (static_cast<uint64_t>(count) > kMessageIndexesMax) return std::nullopt;
  std::vector<int32_t> indexes;
  for (int64_t i = 0; i < count; ++i) {
    int64_t index = 0;
    if (!take_zigzag(rest, index) || index < 0 || index > INT32_MAX) return std::nullopt;
    indexes.push_back(static_cast<int32_t>(index));
  }
  if (indexes.empty()) indexes.push_back(0);
  payload = rest;
  return indexes;
}

}  // namespace ticklake::message
