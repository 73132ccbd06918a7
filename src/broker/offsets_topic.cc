#include "broker/offsets_topic.h"

#include "base/assert.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {
namespace {

constexpr size_t kReplayBytes = 1 << 20;
constexpr size_t kBatchBytesMax = 16 << 20;

std::string_view text_of(const base::Bytes& bytes) { return base::as_text(bytes); }

base::Error error_of(const LogError& error) {
  return {
      base::ErrorCode::kIo, "cannot write " + std::string(kOffsetsTopic), error.message, {}, true};
}

}  // namespace

OffsetsTopic::OffsetsTopic(LogFolder& logs, const base::Clock& clock, base::Logger& logger,
                           std::function<void(std::function<void()>)> post)
    : logs_(logs), clock_(clock), logger_(logger), post_(std::move(post)) {}

base::Result<int64_t> OffsetsTopic::write(const std::vector<OffsetsRecord>& records) {
  if (!logs_.find(kOffsetsTopic)) {
    TICKLAKE_TRY(
        broker_->create_topic(std::string(kOffsetsTopic), 1,
                              {{"cleanup.policy", "compact"}, {"segment.bytes", "104857600"}}));
  }
  const int64_t now_ms = base::to_unix_ms(clock_.wall_now());
  std::vector<kafka::RecordToWrite> to_write;
  to_write.reserve(records.size());
  for (const OffsetsRecord& record : records) {
    kafka::RecordToWrite& added = to_write.emplace_back();
    added.timestamp_ms = now_ms;
    added.key = text_of(record.key);
    if (record.value) added.value = text_of(*record.value);
  }
  TICKLAKE_ASSIGN(base::Bytes batch, kafka::write_batch({.records = to_write}));
  PartitionState* const partition = broker_->find_partition(kOffsetsTopic, 0);
  TICKLAKE_ASSERT(partition);
  const auto header = check_batch(batch, kBatchBytesMax);
  if (!header) return base::fail(error_of(header.error()));
  const auto appended = partition->log->append(batch, *header, now_ms);
  if (!appended) return base::fail(error_of(appended.error()));
  return appended->last_offset + 1;
}

void OffsetsTopic::append(std::vector<OffsetsRecord> records, Appended done) {
  TICKLAKE_ASSERT(broker_ && !records.empty());
  const auto next_offset = write(records);
  if (!next_offset) {
    logger_.error("{}", base::to_line(next_offset.error()));
    post_([done = std::move(done), error = next_offset.error()] { done(base::fail(error)); });
    return;
  }
  PartitionState* const partition = broker_->find_partition(kOffsetsTopic, 0);
  broker_->publish_when_durable(
      *partition, *next_offset, [done = std::move(done)](kafka::ErrorCode error) {
        if (error == kafka::ErrorCode::kNone) return done({});
        done(base::fail(base::ErrorCode::kIo, "cannot sync " + std::string(kOffsetsTopic)));
      });
}

base::Result<void> OffsetsTopic::replay(const Visit& visit) {
  Topic* const topic = logs_.find(kOffsetsTopic);
  if (!topic) return {};
  PartitionLog& log = *topic->partitions.front();
  for (int64_t offset = log.start_offset(); offset < log.end_offset();) {
    const auto read = log.read(offset, log.end_offset(), kReplayBytes, true);
    if (!read) return base::fail(error_of(read.error()));
    base::ByteView bytes = read->view();
    if (bytes.empty()) break;  // compaction took what stood there
    while (!bytes.empty()) {
      TICKLAKE_ASSIGN(const kafka::BatchRecords batch,
                      kafka::BatchRecords::read(bytes, kBatchBytesMax));
      for (const kafka::Record& record : batch.records()) {
        if (!record.key) continue;
        std::optional<base::ByteView> value;
        if (record.value) value = base::as_bytes(*record.value);
        visit(base::as_bytes(*record.key), value);
      }
      bytes = bytes.subspan(batch.header().size());
      offset = batch.header().next_offset();
    }
  }
  return {};
}

}  // namespace ticklake::broker
