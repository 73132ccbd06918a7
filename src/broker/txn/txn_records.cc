#include "broker/txn/txn_records.h"

#include <map>
#include <vector>

namespace ticklake::broker {
namespace {

constexpr int16_t kKeyVersion = 0;
constexpr int16_t kValueVersion = 0;

void write_string(base::ByteWriter& to, std::string_view text) {
  to.big_endian(static_cast<int16_t>(text.size()));
  to.append(base::as_bytes(text));
}

std::string read_string(base::ByteReader& from) {
  const auto size = from.big_endian<int16_t>();
  if (size < 0) from.set_failed();
  if (!from.ok()) return {};
  return std::string(base::as_text(from.take(static_cast<size_t>(size))));
}

base::Bytes key_of(const std::string& transactional_id) {
  base::ByteWriter to;
  to.big_endian(kKeyVersion);
  write_string(to, transactional_id);
  return to.take();
}

void write_partitions(base::ByteWriter& to, const std::set<TopicPartition>& partitions) {
  // Null where there is no transaction, as Kafka writes it.
  if (partitions.empty()) return to.big_endian(int32_t{-1});
  std::map<std::string_view, std::vector<int32_t>> topics;
  for (const auto& [topic, partition] : partitions)
    topics[topic].push_back(partition);
  to.big_endian(static_cast<int32_t>(topics.size()));
  for (const auto& [topic, indexes] : topics) {
    write_string(to, topic);
    to.big_endian(static_cast<int32_t>(indexes.size()));
    for (const int32_t index : indexes)
      to.big_endian(index);
  }
}

void read_partitions(base::ByteReader& from, std::set<TopicPartition>& into) {
  const auto topics = from.big_endian<int32_t>();
  for (int32_t t = 0; t < topics && from.ok(); ++t) {
    const std::string topic = read_string(from);
    const auto count = from.big_endian<int32_t>();
    for (int32_t i = 0; i < count && from.ok(); ++i)
      into.emplace(topic, from.big_endian<int32_t>());
  }
}

}  // namespace

CoordinatorRecord txn_record(const std::string& transactional_id, const TxnMetadata& metadata) {
  base::ByteWriter to;
  to.big_endian(kValueVersion);
  to.big_endian(metadata.producer_id);
  to.big_endian(metadata.producer_epoch);
  to.big_endian(metadata.timeout_ms);
  to.big_endian(static_cast<int8_t>(metadata.state));
  const bool has_partitions = metadata.state != TxnState::kEmpty;
  write_partitions(to, has_partitions ? metadata.partitions : std::set<TopicPartition>());
  to.big_endian(metadata.update_ms);
  to.big_endian(metadata.start_ms);
  return {key_of(transactional_id), to.take()};
}

CoordinatorRecord txn_tombstone(const std::string& transactional_id) {
  return {key_of(transactional_id), std::nullopt};
}

base::Result<std::optional<std::string>> parse_txn_key(base::ByteView key) {
  base::ByteReader from(key);
  const auto version = from.big_endian<int16_t>();
  if (from.ok() && version != kKeyVersion) return std::nullopt;
  std::string transactional_id = read_string(from);
  if (!from.ok()) {
    return base::fail(base::ErrorCode::kInvalidData, "a key in __transaction_state is cut");
  }
  return transactional_id;
}

base::Result<TxnMetadata> parse_txn_value(base::ByteView value) {
  base::ByteReader from(value);
  const auto version = from.big_endian<int16_t>();
  if (from.ok() && version != kValueVersion) {
    return base::fail(base::ErrorCode::kUnsupported,
                      "a transaction of version " + std::to_string(version),
                      "a newer release wrote it", "start that release");
  }
  TxnMetadata parsed;
  parsed.producer_id = from.big_endian<int64_t>();
  parsed.producer_epoch = from.big_endian<int16_t>();
  parsed.timeout_ms = from.big_endian<int32_t>();
  const auto state = from.big_endian<int8_t>();
  read_partitions(from, parsed.partitions);
  parsed.update_ms = from.big_endian<int64_t>();
  parsed.start_ms = from.big_endian<int64_t>();
  if (!from.ok() || state < 0 || state > static_cast<int8_t>(TxnState::kCompleteAbort)) {
    return base::fail(base::ErrorCode::kInvalidData,
                      "a transaction in __transaction_state does not read");
  }
  parsed.state = static_cast<TxnState>(state);
  return parsed;
}

}  // namespace ticklake::broker
