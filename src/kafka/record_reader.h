#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/record_batch.h"

struct rd_kafka_message_s;  // librdkafka's, whose header stays out of ours

namespace ticklake::kafka {

/// Where reading begins in each partition.
struct StartPosition {
  enum class Kind : uint8_t {
    kEarliest,
    kLatest,
    kOffset,
    kBeforeEnd,  ///< so many offsets before the end
    kTime,       ///< Unix time in milliseconds
  };
  Kind kind = Kind::kEarliest;
  int64_t value = 0;
};

struct ReaderOptions {
  std::string brokers = {};
  ClientSettings settings = {};
  std::string topic = {};
  std::optional<int32_t> partition = {};  ///< none: all
  StartPosition start = {};
  /// Reads as a member of this group instead, from where the group is, and commits as it goes;
  /// `start` counts only where the group has no offset, and must be kEarliest or kLatest.
  std::string group = {};
  bool read_uncommitted = false;
};

/// One record with all that a consumer can know of it; good until the next call.
struct ReadRecord {
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::vector<RecordHeader> headers;
};

/// Reads the records of one topic for people and scripts (librdkafka). One thread.
class RecordReader {
 public:
  static base::Result<std::unique_ptr<RecordReader>> start(const ReaderOptions& options,
                                                           Admin& admin);
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  /// Leaves the group, after its last commit.
  ~RecordReader();

  /// The next record, or none after `wait`.
  base::Result<std::optional<ReadRecord>> next(std::chrono::milliseconds wait);
  /// Whether every partition was read to its end.
  bool is_at_end() const { return partitions_ > 0 && at_end_.size() >= partitions_; }

 private:
  RecordReader() = default;
  base::Result<void> assign(const ReaderOptions& options, Admin& admin);
  base::Result<void> subscribe(const ReaderOptions& options, Admin& admin);
  void mark_end(int32_t partition);

  rd_kafka_s* client_ = nullptr;
  rd_kafka_message_s* message_ = nullptr;
  size_t partitions_ = 0;
  std::vector<int32_t> at_end_;
};

}  // namespace ticklake::kafka
