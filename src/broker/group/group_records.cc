#include "broker/group/group_records.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ticklake::broker {
namespace {

constexpr int16_t kOffsetKeyVersion = 1;
constexpr int16_t kGroupKeyVersion = 2;
constexpr int16_t kValueVersion = 3;

void write_string(base::ByteWriter& to, std::string_view text) {
  to.big_endian(static_cast<int16_t>(text.size()));
  to.append(base::as_bytes(text));
}

void write_nullable(base::ByteWriter& to, const std::optional<std::string>& text) {
  if (text) {
    write_string(to, *text);
  } else {
    to.big_endian(int16_t{-1});
  }
}

void write_bytes(base::ByteWriter& to, base::ByteView bytes) {
  to.big_endian(static_cast<int32_t>(bytes.size()));
  to.append(bytes);
}

std::optional<std::string> read_nullable(base::ByteReader& from) {
  const auto size = from.big_endian<int16_t>();
  if (size < 0) return std::nullopt;
  return std::string(base::as_text(from.take(static_cast<size_t>(size))));
}

std::string read_string(base::ByteReader& from) { return read_nullable(from).value_or(""); }

base::Bytes read_bytes(base::ByteReader& from) {
  const auto size = from.big_endian<int32_t>();
  const base::ByteView bytes = from.take(static_cast<size_t>(std::max(size, 0)));
  return {bytes.begin(), bytes.end()};
}

base::Bytes offset_key_bytes(const OffsetKey& key) {
  base::ByteWriter to;
  to.big_endian(kOffsetKeyVersion);
  write_string(to, key.group_id);
  write_string(to, key.topic);
  to.big_endian(key.partition);
  return to.take();
}

base::Bytes group_key_bytes(const GroupKey& key) {
  base::ByteWriter to;
  to.big_endian(kGroupKeyVersion);
  write_string(to, key.group_id);
  return to.take();
}

GroupValue::Member read_member(base::ByteReader& from, int16_t version) {
  GroupValue::Member member;
  member.member_id = read_string(from);
  if (version >= 3) member.group_instance_id = read_nullable(from);
  member.client_id = read_string(from);
  member.client_host = read_string(from);
  if (version >= 1) member.rebalance_timeout_ms = from.big_endian<int32_t>();
  member.session_timeout_ms = from.big_endian<int32_t>();
  if (version == 0) member.rebalance_timeout_ms = member.session_timeout_ms;
  member.subscription = read_bytes(from);
  member.assignment = read_bytes(from);
  return member;
}

base::Result<int16_t> read_value_version(base::ByteReader& from, std::string_view what) {
  const auto version = from.big_endian<int16_t>();
  if (version < 0 || version > kValueVersion) {
    return base::fail(base::ErrorCode::kUnsupported,
                      std::string(what) + " of version " + std::to_string(version),
                      "a newer release wrote it", "start that release");
  }
  return version;
}

base::Result<void> check_whole(const base::ByteReader& from, std::string_view what) {
  if (from.ok()) return {};
  return base::fail(base::ErrorCode::kInvalidData, std::string(what) + " is cut");
}

}  // namespace

OffsetsRecord offset_record(const OffsetKey& key, const OffsetValue& value) {
  base::ByteWriter to;
  to.big_endian(kValueVersion);
  to.big_endian(value.offset);
  to.big_endian(value.leader_epoch);
  write_string(to, value.metadata);
  to.big_endian(value.commit_time_ms);
  return {offset_key_bytes(key), to.take()};
}

OffsetsRecord group_record(const GroupKey& key, const GroupValue& value) {
  base::ByteWriter to;
  to.big_endian(kValueVersion);
  write_string(to, value.protocol_type);
  to.big_endian(value.generation);
  write_nullable(to, value.protocol);
  write_nullable(to, value.leader);
  to.big_endian(value.state_time_ms);
  to.big_endian(static_cast<int32_t>(value.members.size()));
  for (const GroupValue::Member& member : value.members) {
    write_string(to, member.member_id);
    write_nullable(to, member.group_instance_id);
    write_string(to, member.client_id);
    write_string(to, member.client_host);
    to.big_endian(member.rebalance_timeout_ms);
    to.big_endian(member.session_timeout_ms);
    write_bytes(to, member.subscription);
    write_bytes(to, member.assignment);
  }
  return {group_key_bytes(key), to.take()};
}

OffsetsRecord offset_tombstone(const OffsetKey& key) {
  return {offset_key_bytes(key), std::nullopt};
}
OffsetsRecord group_tombstone(const GroupKey& key) { return {group_key_bytes(key), std::nullopt}; }

base::Result<GroupRecordKey> parse_group_record_key(base::ByteView key) {
  base::ByteReader from(key);
  const auto version = from.big_endian<int16_t>();
  GroupRecordKey parsed;
  if (version == 0 || version == kOffsetKeyVersion) {
    OffsetKey offset;
    offset.group_id = read_string(from);
    offset.topic = read_string(from);
    offset.partition = from.big_endian<int32_t>();
    parsed = std::move(offset);
  } else if (version == kGroupKeyVersion) {
    parsed = GroupKey{read_string(from)};
  } else if (version == 3 || (version >= 5 && version <= 8)) {
    ConsumerKey consumer;
    consumer.kind = static_cast<ConsumerRecord>(version);
    consumer.group_id = read_string(from);
    if (names_member(consumer.kind)) consumer.member_id = read_string(from);
    parsed = std::move(consumer);
  }
  TICKLAKE_TRY(check_whole(from, "a key in __consumer_offsets"));
  return parsed;
}

base::Result<OffsetValue> parse_offset_value(base::ByteView value) {
  base::ByteReader from(value);
  TICKLAKE_ASSIGN(const int16_t version, read_value_version(from, "a committed offset"));
  OffsetValue parsed;
  parsed.offset = from.big_endian<int64_t>();
  if (version >= 3) parsed.leader_epoch = from.big_endian<int32_t>();
  parsed.metadata = read_string(from);
  parsed.commit_time_ms = from.big_endian<int64_t>();
  if (version == 1) from.big_endian<int64_t>();  // an expiry time, which Kafka gave up with 2.1
  TICKLAKE_TRY(check_whole(from, "a committed offset"));
  return parsed;
}

base::Result<GroupValue> parse_group_value(base::ByteView value) {
  base::ByteReader from(value);
  TICKLAKE_ASSIGN(const int16_t version, read_value_version(from, "a group"));
  GroupValue parsed;
  parsed.protocol_type = read_string(from);
  parsed.generation = from.big_endian<int32_t>();
  parsed.protocol = read_nullable(from);
  parsed.leader = read_nullable(from);
  if (version >= 2) parsed.state_time_ms = from.big_endian<int64_t>();
  const auto count = from.big_endian<int32_t>();
  for (int32_t i = 0; i < count && from.ok(); ++i)
    parsed.members.push_back(read_member(from, version));
  TICKLAKE_TRY(check_whole(from, "a group"));
  return parsed;
}

}  // namespace ticklake::broker
