#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace ticklake::kafka {

/// The number that a request's header begins with.
enum class ApiKey : int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kOffsetCommit = 8,
  kOffsetFetch = 9,
  kFindCoordinator = 10,
  kJoinGroup = 11,
  kHeartbeat = 12,
  kLeaveGroup = 13,
  kSyncGroup = 14,
  kDescribeGroups = 15,
  kListGroups = 16,
  kSaslHandshake = 17,
  kApiVersions = 18,
  kCreateTopics = 19,
  kDeleteTopics = 20,
  kDeleteRecords = 21,
  kInitProducerId = 22,
  kOffsetForLeaderEpoch = 23,
  kAddPartitionsToTxn = 24,
  kAddOffsetsToTxn = 25,
  kEndTxn = 26,
  kTxnOffsetCommit = 28,
  kDescribeAcls = 29,
  kCreateAcls = 30,
  kDeleteAcls = 31,
  kDescribeProducers = 61,
  kDescribeTransactions = 65,
  kListTransactions = 66,
  kDescribeConfigs = 32,
  kAlterConfigs = 33,
  kDescribeLogDirs = 35,
  kSaslAuthenticate = 36,
  kCreatePartitions = 37,
  kDeleteGroups = 42,
  kIncrementalAlterConfigs = 44,
  kOffsetDelete = 47,
  kDescribeClientQuotas = 48,
  kAlterClientQuotas = 49,
  kDescribeUserScramCredentials = 50,
  kAlterUserScramCredentials = 51,
  kDescribeCluster = 60,
  kConsumerGroupHeartbeat = 68,
  kConsumerGroupDescribe = 69,
  kDescribeTopicPartitions = 75,
};

/// What authorized_operations holds when nobody asked for it.
inline constexpr int32_t kNoAuthorizedOperations = std::numeric_limits<int32_t>::min();

/// What holds for a request and its response alike. Each message names its own: `T::kApi`.
struct Api {
  ApiKey key;
  std::string_view name;
  int16_t version_min;  ///< that the message's description covers
  int16_t version_max;
  int16_t flexible_from;  ///< the first version with compact types and tagged fields (KIP-482)

  constexpr bool has(int16_t version) const {
    return version >= version_min && version <= version_max;
  }
  constexpr bool is_flexible(int16_t version) const { return version >= flexible_from; }
};

// The fields of a message are described once, in the order of the wire, by its
// `describe(visitor, message)`, which calls `visitor(name, member, presence)` for each of them.
// Encoding, decoding and printing are visitors (message_codec.h).

/// In which versions a plain field exists; reads as `since(4)` or `until(2).nullable(1)`. A member
/// whose type is std::optional may be null, from version `nullable_since` on.
struct Presence {
  int16_t version_first = 0;
  int16_t version_last = std::numeric_limits<int16_t>::max();
  int16_t nullable_since = 0;

  constexpr bool in(int16_t version) const {
    return version >= version_first && version <= version_last;
  }
  constexpr bool is_nullable(int16_t version) const { return version >= nullable_since; }
  constexpr Presence nullable(int16_t from) const { return {version_first, version_last, from}; }
};

constexpr Presence always() { return {}; }
constexpr Presence since(int16_t version) { return {.version_first = version}; }
constexpr Presence until(int16_t version) { return {.version_last = version}; }
constexpr Presence between(int16_t first, int16_t last) {
  return {.version_first = first, .version_last = last};
}

/// A field that is written, behind the plain ones and by rising tag, only if it is not its
/// default: what a member of its type is initialised to, for an integer `integer_default`.
struct Tagged {
  int16_t tag;
  int16_t version_first;
  int64_t integer_default = 0;

  constexpr bool in(int16_t version) const { return version >= version_first; }
};

constexpr Tagged tagged(int16_t tag, int16_t first, int64_t integer_default = 0) {
  return {tag, first, integer_default};
}

}  // namespace ticklake::kafka
