#include "broker/group/consumer_group_records.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

namespace ticklake::broker {
namespace {

constexpr int16_t kValueVersion = 0;
constexpr uint32_t kTopicsHashTag = 0;  ///< since Kafka 4.1 (KIP-1101)

void write_string(base::ByteWriter& to, std::string_view text) {
  to.unsigned_varint(text.size() + 1);
  to.append(base::as_bytes(text));
}

void write_nullable(base::ByteWriter& to, const std::optional<std::string>& text) {
  if (text) return write_string(to, *text);
  to.unsigned_varint(0);
}

void end(base::ByteWriter& to) { to.unsigned_varint(0); }

void write_partitions(base::ByteWriter& to, const PartitionSet& set) {
  to.unsigned_varint(set.size() + 1);
  for (const auto& [topic, partitions] : set) {
    to.append(topic.bytes);
    to.unsigned_varint(partitions.size() + 1);
    for (const int32_t partition : partitions)
      to.big_endian(partition);
    end(to);
  }
}

std::optional<std::string> read_nullable(base::ByteReader& from) {
  const uint32_t size = from.unsigned_varint();
  if (size == 0) return std::nullopt;
  return std::string(base::as_text(from.take(size - 1)));
}

std::string read_string(base::ByteReader& from) { return read_nullable(from).value_or(""); }

/// How many elements follow; never more than there are bytes for.
uint32_t read_count(base::ByteReader& from) {
  const uint32_t size = from.unsigned_varint();
  if (size > from.remaining() + 1) from.set_failed();
  return from.ok() && size > 0 ? size - 1 : 0;
}

void skip_tagged(base::ByteReader& from) {
  for (uint32_t left = from.unsigned_varint(); left > 0 && from.ok(); --left) {
    from.unsigned_varint();
    from.take(from.unsigned_varint());
  }
}

PartitionSet read_partitions(base::ByteReader& from) {
  PartitionSet set;
  for (uint32_t topics = read_count(from); topics > 0 && from.ok(); --topics) {
    base::Uuid topic;
    const base::ByteView bytes = from.take(topic.bytes.size());
    if (from.ok()) std::ranges::copy(bytes, topic.bytes.begin());
    for (uint32_t left = read_count(from); left > 0 && from.ok(); --left)
      set[topic].insert(from.big_endian<int32_t>());
    skip_tagged(from);
  }
  return set;
}

base::Bytes key_bytes(const ConsumerKey& key) {
  base::ByteWriter to;
  to.big_endian(static_cast<int16_t>(key.kind));
  const auto write = [&](const std::string& text) {
    to.big_endian(static_cast<int16_t>(text.size()));
    to.append(base::as_bytes(text));
  };
  write(key.group_id);
  if (names_member(key.kind)) write(key.member_id);
  return to.take();
}

/// The version of a value; what follows is written by the caller.
base::ByteWriter begin() {
  base::ByteWriter to;
  to.big_endian(kValueVersion);
  return to;
}

}  // namespace

OffsetsRecord consumer_group_record(const std::string& group_id, const ConsumerGroup& group) {
  base::ByteWriter to = begin();
  to.big_endian(group.epoch);
  to.unsigned_varint(1);
  to.unsigned_varint(kTopicsHashTag);
  to.unsigned_varint(sizeof group.topics_hash);
  to.big_endian(static_cast<int64_t>(group.topics_hash));
  return {key_bytes({ConsumerRecord::kGroup, group_id, ""}), to.take()};
}

OffsetsRecord consumer_member_record(const std::string& group_id, const ConsumerMember& member) {
  base::ByteWriter to = begin();
  write_nullable(to, member.instance_id);
  write_nullable(to, member.rack_id);
  write_string(to, member.client_id);
  write_string(to, member.client_host);
  to.unsigned_varint(member.topic_names.size() + 1);
  for (const std::string& name : member.topic_names)
    write_string(to, name);
  write_nullable(to, member.topic_regex);
  to.big_endian(static_cast<int32_t>(member.rebalance_timeout.count()));
  write_nullable(to, member.assignor);
  end(to);
  return {key_bytes({ConsumerRecord::kMember, group_id, member.id}), to.take()};
}

OffsetsRecord target_epoch_record(const std::string& group_id, int32_t target_epoch) {
  base::ByteWriter to = begin();
  to.big_endian(target_epoch);
  end(to);
  return {key_bytes({ConsumerRecord::kTargetEpoch, group_id, ""}), to.take()};
}

OffsetsRecord target_record(const std::string& group_id, const std::string& member_id,
                            const PartitionSet& target) {
  base::ByteWriter to = begin();
  write_partitions(to, target);
  end(to);
  return {key_bytes({ConsumerRecord::kTarget, group_id, member_id}), to.take()};
}

OffsetsRecord current_record(const std::string& group_id, const ConsumerMember& member) {
  base::ByteWriter to = begin();
  to.big_endian(member.epoch);
  to.big_endian(member.previous_epoch);
  to.append(base::ByteView(reinterpret_cast<const std::byte*>(&member.state), 1));
  write_partitions(to, member.assigned);
  write_partitions(to, member.revoking);
  end(to);
  return {key_bytes({ConsumerRecord::kCurrent, group_id, member.id}), to.take()};
}

OffsetsRecord consumer_tombstone(const ConsumerKey& key) { return {key_bytes(key), std::nullopt}; }

void add_member_tombstones(std::vector<OffsetsRecord>& records, const std::string& group_id,
                           const std::string& member_id) {
  for (const auto kind :
       {ConsumerRecord::kCurrent, ConsumerRecord::kTarget, ConsumerRecord::kMember})
    records.push_back(consumer_tombstone({kind, group_id, member_id}));
}

void add_group_tombstones(std::vector<OffsetsRecord>& records, const std::string& group_id,
                          const ConsumerGroup& group) {
  for (const base::Bytes& key : group.lost_tombstones)
    records.push_back({key, std::nullopt});
  for (const auto& [member_id, member] : group.members())
    add_member_tombstones(records, group_id, member_id);
  for (const auto kind : {ConsumerRecord::kTargetEpoch, ConsumerRecord::kGroup})
    records.push_back(consumer_tombstone({kind, group_id, ""}));
}

std::vector<OffsetsRecord> all_records(const std::string& group_id, const ConsumerGroup& group) {
  std::vector<OffsetsRecord> records;
  for (const base::Bytes& key : group.lost_tombstones)
    records.push_back({key, std::nullopt});
  records.push_back(consumer_group_record(group_id, group));
  for (const auto& [member_id, member] : group.members()) {
    records.push_back(consumer_member_record(group_id, member));
    records.push_back(target_record(group_id, member_id, group.target_of(member_id)));
    records.push_back(current_record(group_id, member));
  }
  records.push_back(target_epoch_record(group_id, group.target_epoch));
  return records;
}

namespace {

void apply_tombstone(ConsumerGroup& group, const ConsumerKey& key) {
  switch (key.kind) {
    case ConsumerRecord::kMember:
      if (group.find(key.member_id) != nullptr) group.remove(key.member_id);
      return;
    case ConsumerRecord::kTarget: return group.forget_target(key.member_id);
    case ConsumerRecord::kCurrent:
      if (const ConsumerMember* const member = group.find(key.member_id)) {
        ConsumerMember bare = *member;
        bare.epoch = 0;
        bare.previous_epoch = -1;
        bare.state = ConsumerState::kStable;
        bare.assigned.clear();
        bare.revoking.clear();
        group.put(std::move(bare));
      }
      return;
    case ConsumerRecord::kTargetEpoch: group.target_epoch = 0; return;
    case ConsumerRecord::kGroup: return;
  }
}

ConsumerMember member_of(const ConsumerGroup& group, const std::string& member_id) {
  if (const ConsumerMember* const found = group.find(member_id)) return *found;
  ConsumerMember member;
  member.id = member_id;
  return member;
}

ConsumerMember read_member(base::ByteReader& from, ConsumerMember member) {
  member.instance_id = read_nullable(from);
  member.rack_id = read_nullable(from);
  member.client_id = read_string(from);
  member.client_host = read_string(from);
  member.topic_names.clear();
  for (uint32_t left = read_count(from); left > 0 && from.ok(); --left)
    member.topic_names.push_back(read_string(from));
  std::ranges::sort(member.topic_names);
  member.topic_regex = read_nullable(from);
  if (member.topic_regex && member.topic_regex->empty()) member.topic_regex.reset();
  member.rebalance_timeout = std::chrono::milliseconds{from.big_endian<int32_t>()};
  member.assignor = read_nullable(from);
  skip_tagged(from);
  return member;
}

ConsumerMember read_current(base::ByteReader& from, ConsumerMember member) {
  member.epoch = from.big_endian<int32_t>();
  member.previous_epoch = from.big_endian<int32_t>();
  const base::ByteView state = from.take(1);
  if (from.ok()) member.state = static_cast<ConsumerState>(state.front());
  member.assigned = read_partitions(from);
  member.revoking = read_partitions(from);
  skip_tagged(from);
  if (member.state < ConsumerState::kStable || member.state > ConsumerState::kUnreleased) {
    from.set_failed();
  }
  return member;
}

uint64_t read_topics_hash(base::ByteReader& from) {
  uint64_t hash = 0;
  for (uint32_t left = from.unsigned_varint(); left > 0 && from.ok(); --left) {
    const uint32_t tag = from.unsigned_varint();
    base::ByteReader field(from.take(from.unsigned_varint()));
    if (tag == kTopicsHashTag) hash = static_cast<uint64_t>(field.big_endian<int64_t>());
  }
  return hash;
}

}  // namespace

base::Result<void> apply_record(ConsumerGroup& group, const ConsumerKey& key,
                                std::optional<base::ByteView> value) {
  if (!value) {
    apply_tombstone(group, key);
    return {};
  }
  base::ByteReader from(*value);
  const auto version = from.big_endian<int16_t>();
  if (version != kValueVersion) {
    return base::fail(base::ErrorCode::kUnsupported,
                      "a consumer group's record of version " + std::to_string(version),
                      "a newer release wrote it", "start that release");
  }
  std::function<void()> apply;
  switch (key.kind) {
    case ConsumerRecord::kGroup: {
      const auto epoch = from.big_endian<int32_t>();
      apply = [&group, epoch, hash = read_topics_hash(from)] {
        group.epoch = epoch;
        group.topics_hash = hash;
      };
      break;
    }
    case ConsumerRecord::kMember:
      apply = [&group, member = read_member(from, member_of(group, key.member_id))] {
        group.put(member);
      };
      break;
    case ConsumerRecord::kTargetEpoch:
      apply = [&group, epoch = from.big_endian<int32_t>()] { group.target_epoch = epoch; };
      break;
    case ConsumerRecord::kTarget:
      apply = [&group, &key, target = read_partitions(from)] {
        group.set_target(key.member_id, target);
      };
      break;
    case ConsumerRecord::kCurrent:
      apply = [&group, member = read_current(from, member_of(group, key.member_id))] {
        group.put(member);
      };
      break;
  }
  if (!from.ok()) {
    return base::fail(base::ErrorCode::kInvalidData, "a consumer group's record is cut");
  }
  apply();
  return {};
}

}  // namespace ticklake::broker
