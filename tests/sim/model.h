#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace ticklake::sim {

/// Where a record stands.
struct Place {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;

  auto operator<=>(const Place&) const = default;
  std::string text() const {
    return topic + "-" + std::to_string(partition) + "@" + std::to_string(offset);
  }
};

enum class Isolation : uint8_t { kUncommitted, kCommitted };

using Log = std::map<Place, std::string>;

/// What clients were told and saw, and what Kafka promises of it. Values are CLIENT:NUMBER, in a
/// transaction CLIENT:NUMBER.PARTITION; NUMBER rises.
class Model {
 public:
  enum class Outcome : uint8_t { kUnknown, kCommitted, kAborted };

  void acknowledged(const Place& place, const std::string& value);
  /// It was sent again though nobody knows what became of it, and its producer has no sequence.
  void may_be_twice(const std::string& value) { maybe_twice_.insert(value); }
  /// It has that key, in a topic that is compacted.
  void keyed(const std::string& value, const std::string& key, bool is_tombstone) {
    keyed_[value] = {key, is_tombstone};
  }
  void transaction(const std::string& client, int64_t number, std::vector<std::string> values) {
    transactions_[{client, number}] = {std::move(values), Outcome::kUnknown};
  }
  void ended(const std::string& client, int64_t number, Outcome outcome) {
    transactions_.at({client, number}).outcome = outcome;
  }
  void seen(Isolation isolation, const Place& place, const std::string& value);
  /// A deletion of what stands before `offset` was asked for: it may happen, or not.
  void deleting(const std::string& topic, int32_t partition, int64_t offset);
  /// It was answered for: from then on the partition begins at `low_watermark`.
  void deleted(const std::string& topic, int32_t partition, int64_t offset, int64_t low_watermark);
  /// Up to where a partition's records are gone for certain, and up to where they may be.
  int64_t gone_before(const std::string& topic, int32_t partition) const;
  int64_t maybe_gone_before(const std::string& topic, int32_t partition) const;
  /// Behind the last record that was acknowledged.
  int64_t acknowledged_end(const std::string& topic, int32_t partition) const;
  void violation(const std::string& what) { violations_.push_back(what); }

  /// Compares with what a quiet broker holds at the end.
  void audit(const Log& uncommitted, const Log& committed,
             const std::map<std::string, int64_t>& group_offsets);
  const std::vector<std::string>& violations() const { return violations_; }
  size_t acknowledged_count() const { return acked_.size(); }
  size_t transaction_count() const { return transactions_.size(); }
  size_t deletion_count() const { return deletions_; }
  /// After the audit: records that were there once.
  size_t compacted_count() const { return compacted_; }

 private:
  struct Transaction {
    std::vector<std::string> values;
    Outcome outcome = Outcome::kUnknown;
  };
  void audit_order(const Log& log);
  void audit_seen(const Log& seen, const Log& log, const std::string& who);
  void audit_compaction(const Log& log);

  struct Keyed {
    std::string key;
    bool is_tombstone = false;
  };

  Log acked_;
  std::set<std::string> maybe_twice_;
  std::map<std::pair<std::string, int64_t>, Transaction> transactions_;
  Log seen_uncommitted_, seen_committed_;
  using Offsets = std::map<std::pair<std::string, int32_t>, int64_t>;
  Offsets gone_, maybe_gone_, acknowledged_ends_;
  std::map<std::string, Keyed> keyed_;
  size_t deletions_ = 0;
  size_t compacted_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace ticklake::sim
