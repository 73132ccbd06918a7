#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ticklake::message {

/// A message in the wire format of Confluent's serializers: a zero byte, the id of its schema as
/// four bytes, big-endian, and the message.
struct RegisteredMessage {
  int32_t schema_id = 0;
  std::string_view payload;
};

inline constexpr char kMagicByte = '\0';

/// None unless it begins with kMagicByte and has an id that is not negative.
std::optional<RegisteredMessage> split_registered(std::string_view value);

/// Which type of a .proto file a message is of: the place of a top-level message, then of one
/// nested in that, and so on.
inline constexpr size_t kMessageIndexesMax = 32;

/// Takes the indexes off the front of a Protobuf payload: a count and so many numbers, all as
/// zigzag varints; a count of 0 stands for the single index 0. None if they do not end, are
/// negative or more than kMessageIndexesMax.
std::optional<std::vector<int32_t>> take_message_indexes(std::string_view& payload);

/// Takes a zigzag varint of up to 64 bits off the front (Avro's int and long are the same); false
/// if it does not end or has more bits.
bool take_zigzag(std::string_view& bytes, int64_t& value);

}  // namespace ticklake::message
