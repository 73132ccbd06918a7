#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "broker/coordinator_log.h"

namespace ticklake::broker {

/// A log in memory for tests, whose disk is as fast as the test wants: appends become durable when
/// flush() is called. What is durable survives a "restart" of the coordinator on it.
class MemoryCoordinatorLog final : public CoordinatorLog {
 public:
  void append(std::vector<CoordinatorRecord> records, Appended done) override {
    waiting_.push_back({{std::move(records), -1, std::nullopt}, std::move(done)});
  }
  void append_in_transaction(ProducerIdAndEpoch producer, std::vector<CoordinatorRecord> records,
                             Appended done) override {
    if (producer.epoch < fenced_below) {
      return done(base::fail(base::ErrorCode::kFenced, "an old epoch"));
    }
    waiting_.push_back({{std::move(records), producer.id, std::nullopt}, std::move(done)});
  }
  /// What the marker writer does to it.
  void append_marker(int64_t producer_id, bool is_commit) {
    durable_.push_back({{}, producer_id, is_commit});
  }
  base::Result<void> replay(const Visitor& visitor) override {
    for (const Batch& batch : durable_) {
      if (batch.is_commit) visitor.marker(batch.producer_id, *batch.is_commit);
      for (const CoordinatorRecord& record : batch.records) {
        std::optional<base::ByteView> value;
        if (record.value) value = *record.value;
        visitor.record(record.key, value, batch.producer_id);
      }
    }
    return {};
  }

  void flush() {
    while (!waiting_.empty())
      flush_one();
  }
  void flush_one() {
    auto [batch, done] = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    if (!is_failing) durable_.push_back(std::move(batch));
    done(is_failing ? base::fail(base::ErrorCode::kIo, "disk on fire") : base::Result<void>{});
  }
  /// A crash: what was not flushed is gone, and so are those who waited for it.
  void lose_unflushed() { waiting_.clear(); }
  /// The log as it was when only so many batches were in it.
  void cut(size_t batches) { durable_.resize(batches); }
  bool has_waiting() const { return !waiting_.empty(); }
  size_t durable_count() const {
    size_t count = 0;
    for (const Batch& batch : durable_)
      count += batch.records.size();
    return count;
  }
  size_t durable_batches() const { return durable_.size(); }
  const CoordinatorRecord& last_record() const { return durable_.back().records.back(); }

  bool is_failing = false;
  int16_t fenced_below = 0;

 private:
  struct Batch {
    std::vector<CoordinatorRecord> records;
    int64_t producer_id = -1;
    std::optional<bool> is_commit;  ///< set: a marker
  };
  struct Waiting {
    Batch batch;
    Appended done;
  };

  std::vector<Waiting> waiting_;
  std::vector<Batch> durable_;
};

}  // namespace ticklake::broker
