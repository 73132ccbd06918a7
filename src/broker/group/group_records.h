#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "broker/group/offsets_log.h"

namespace ticklake::broker {

// The records of `__consumer_offsets` in Kafka's schema (OffsetCommitKey and -Value,
// GroupMetadataKey and -Value of Kafka 3.9), so that Kafka's tools read them. A key begins with its
// schema version as int16, which also tells what it is the key of: 0 and 1 an offset, 2 a classic
// group, 3 to 8 parts of a group of KIP-848.

struct OffsetKey {
  std::string group_id;
  std::string topic;
  int32_t partition = 0;
};

struct OffsetValue {
  int64_t offset = -1;
  int32_t leader_epoch = -1;
  std::string metadata;
  int64_t commit_time_ms = 0;
  /// Its place in the order of all commits since the start; not in the record.
  uint64_t place = 0;
};

struct GroupKey {
  std::string group_id;
};

struct GroupValue {
  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    int32_t rebalance_timeout_ms = 0;
    int32_t session_timeout_ms = 0;
    base::Bytes subscription;  ///< what the member sent for the selected protocol
    base::Bytes assignment;
  };

  std::string protocol_type;
  int32_t generation = 0;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;
  int64_t state_time_ms = -1;  ///< since when it is in this state; -1 if not known
  std::vector<Member> members;
};

/// Key version 1, value version 3.
OffsetsRecord offset_record(const OffsetKey& key, const OffsetValue& value);
/// Key version 2, value version 3.
OffsetsRecord group_record(const GroupKey& key, const GroupValue& value);
OffsetsRecord offset_tombstone(const OffsetKey& key);
OffsetsRecord group_tombstone(const GroupKey& key);

/// Kinds of records of groups of KIP-848 (see consumer_group_records.h); the numbers are those that
/// a key begins with.
enum class ConsumerRecord : int16_t {
  kGroup = 3,
  kMember = 5,
  kTargetEpoch = 6,
  kTarget = 7,
  kCurrent = 8,
};
constexpr bool names_member(ConsumerRecord kind) {
  return kind != ConsumerRecord::kGroup && kind != ConsumerRecord::kTargetEpoch;
}
struct ConsumerKey {
  ConsumerRecord kind = ConsumerRecord::kGroup;
  std::string group_id;
  std::string member_id;  ///< empty where the kind names none
};

/// monostate: a key of a version that this release does not know; Kafka skips those too.
using GroupRecordKey = std::variant<std::monostate, OffsetKey, GroupKey, ConsumerKey>;
base::Result<GroupRecordKey> parse_group_record_key(base::ByteView key);

/// Versions 0 to 3; kInvalidData if cut, kUnsupported for a newer version.
base::Result<OffsetValue> parse_offset_value(base::ByteView value);
base::Result<GroupValue> parse_group_value(base::ByteView value);

}  // namespace ticklake::broker
