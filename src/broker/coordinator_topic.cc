#include "broker/coordinator_topic.h"

#include "base/assert.h"
#include "kafka/record_batch.h"

namespace ticklake::broker {
namespace {

constexpr size_t kReplayBytes = 1 << 20;
constexpr size_t kBatchBytesMax = 16 << 20;

base::Result<void> visit_batch(base::ByteView bytes, const kafka::BatchHeader& header,
                               const CoordinatorLog::Visitor& visitor) {
  if (header.is_control()) {
    const auto marker = parse_end_marker(bytes);
    if (marker && visitor.marker) visitor.marker(header.producer_id, marker->is_commit);
    return {};
  }
  TICKLAKE_ASSIGN(const kafka::BatchRecords batch,
                  kafka::BatchRecords::read(bytes, kBatchBytesMax));
  for (const kafka::Record& record : batch.records()) {
    if (!record.key) continue;
    std::optional<base::ByteView> value;
    if (record.value) value = base::as_bytes(*record.value);
    visitor.record(base::as_bytes(*record.key), value,
                   header.is_transactional() ? header.producer_id : -1);
  }
  return {};
}

}  // namespace

CoordinatorTopic::CoordinatorTopic(std::string_view topic, LogFolder& logs,
                                   const base::Clock& clock, base::Logger& logger,
                                   std::function<void(std::function<void()>)> post)
    : topic_(topic), logs_(logs), clock_(clock), logger_(logger), post_(std::move(post)) {}

base::Error CoordinatorTopic::error_of(const LogError& error) const {
  const bool is_fenced = error.code == kafka::ErrorCode::kInvalidProducerEpoch;
  return {is_fenced ? base::ErrorCode::kFenced : base::ErrorCode::kIo,
          "cannot write " + topic_,
          error.message,
          {},
          !is_fenced};
}

base::Result<int64_t> CoordinatorTopic::write(const std::vector<CoordinatorRecord>& records,
                                              ProducerIdAndEpoch producer) {
  if (!logs_.find(topic_)) {
    TICKLAKE_TRY(broker_->create_topic(
        topic_, 1, {{"cleanup.policy", "compact"}, {"segment.bytes", "104857600"}}));
  }
  const int64_t now_ms = base::to_unix_ms(clock_.wall_now());
  std::vector<kafka::RecordToWrite> to_write;
  to_write.reserve(records.size());
  for (const CoordinatorRecord& record : records) {
    kafka::RecordToWrite& added = to_write.emplace_back();
    added.timestamp_ms = now_ms;
    added.key = base::as_text(record.key);
    if (record.value) added.value = base::as_text(*record.value);
  }
  kafka::BatchToWrite to_append;
  to_append.producer_id = producer.id;
  to_append.producer_epoch = producer.epoch;
  to_append.is_transactional = producer.id >= 0;
  to_append.records = to_write;
  TICKLAKE_ASSIGN(base::Bytes batch, kafka::write_batch(to_append));
  PartitionState* const partition = broker_->find_partition(topic_, 0);
  TICKLAKE_ASSERT(partition);
  TICKLAKE_ASSIGN(const kafka::BatchHeader header, kafka::parse_batch_header(batch));
  const auto appended =
      partition->log->append(batch, header, now_ms, ProducerState::Origin::kCoordinator);
  if (!appended) return base::fail(error_of(appended.error()));
  return appended->last_offset + 1;
}

void CoordinatorTopic::append(std::vector<CoordinatorRecord> records, Appended done) {
  append_in_transaction({}, std::move(records), std::move(done));
}

void CoordinatorTopic::append_in_transaction(ProducerIdAndEpoch producer,
                                             std::vector<CoordinatorRecord> records,
                                             Appended done) {
  TICKLAKE_ASSERT(broker_ && !records.empty());
  const auto next_offset = write(records, producer);
  if (!next_offset) {
    logger_.error("{}", base::to_line(next_offset.error()));
    post_([done = std::move(done), error = next_offset.error()] { done(base::fail(error)); });
    return;
  }
  PartitionState* const partition = broker_->find_partition(topic_, 0);
  broker_->publish_when_durable(*partition, *next_offset,
                                [topic = topic_, done = std::move(done)](kafka::ErrorCode error) {
                                  if (error == kafka::ErrorCode::kNone) return done({});
                                  done(base::fail(base::ErrorCode::kIo, "cannot sync " + topic));
                                });
}

base::Result<void> CoordinatorTopic::replay(const Visitor& visitor) {
  Topic* const topic = logs_.find(topic_);
  if (!topic) return {};
  PartitionLog& log = *topic->partitions.front();
  for (int64_t offset = log.start_offset(); offset < log.end_offset();) {
    const auto read = log.read(offset, log.end_offset(), kReplayBytes, true);
    if (!read) return base::fail(error_of(read.error()));
    base::ByteView bytes = read->view();
    if (bytes.empty()) break;  // compaction took what stood there
    while (!bytes.empty()) {
      TICKLAKE_ASSIGN(const kafka::BatchHeader header, kafka::parse_batch_header(bytes));
      if (auto visited = visit_batch(bytes.first(header.size()), header, visitor); !visited) {
        return base::fail(visited.error().code,
                          "the batch at offset " + std::to_string(header.base_offset) + " of " +
                              log.name() + " cannot be read",
                          base::to_line(visited.error()));
      }
      bytes = bytes.subspan(header.size());
      offset = header.next_offset();
    }
  }
  return {};
}

}  // namespace ticklake::broker
