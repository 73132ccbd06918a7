#include "broker/txn/txn_test_bed.h"

#include "base/assert.h"

namespace ticklake::broker {

void MemoryMarkers::write(ProducerIdAndEpoch producer, const EndMarker& marker,
                          const std::vector<TopicPartition>& partitions,
                          MarkerWriter::Written done) {
  waiting_.push_back({producer, marker, partitions, std::move(done)});
}

void MemoryMarkers::flush() {
  while (!waiting_.empty()) {
    const Waiting round = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    std::vector<TopicPartition> left;
    for (const TopicPartition& partition : round.partitions) {
      if (refusing.contains(partition)) {
        left.push_back(partition);
      } else {
        durable.push_back({partition, round.producer, round.marker});
      }
    }
    round.done(std::move(left));
  }
}

void TxnTestBed::restart() {
  log.lose_unflushed();
  markers.lose_unflushed();
  coordinator = std::make_unique<TxnCoordinator>(
      TxnSettings{}, ++epoch, clock, log, markers,
      [this]() -> base::Result<int64_t> { return next_producer_id++; }, base::make_null_logger());
  TICKLAKE_ASSERT(coordinator->recover().has_value());
}

void TxnTestBed::advance(std::chrono::milliseconds duration) {
  clock.advance(duration);
  coordinator->run_due();
}

void TxnTestBed::flush() {
  while (log.has_waiting() || markers.has_waiting()) {
    log.flush();
    markers.flush();
  }
}

kafka::InitProducerIdResponse TxnTestBed::init(ProducerIdAndEpoch former, int32_t timeout_ms,
                                               const std::string& id) {
  kafka::InitProducerIdRequest request;
  request.transactional_id = id;
  request.transaction_timeout_ms = timeout_ms;
  request.producer_id = former.id;
  request.producer_epoch = former.epoch;
  std::optional<kafka::InitProducerIdResponse> answer;
  coordinator->init_producer_id(
      request, [&](const kafka::InitProducerIdResponse& response) { answer = response; });
  flush();
  TICKLAKE_ASSERT(answer.has_value());
  return *answer;
}

ProducerIdAndEpoch TxnTestBed::producer(ProducerIdAndEpoch former) {
  auto answer = init(former);
  if (answer.error_code == kafka::ErrorCode::kConcurrentTransactions) answer = init(former);
  TICKLAKE_ASSERT(answer.error_code == kafka::ErrorCode::kNone);
  return {answer.producer_id, answer.producer_epoch};
}

TxnTestBed::Answer TxnTestBed::add_later(ProducerIdAndEpoch producer,
                                         const std::set<TopicPartition>& partitions) {
  auto answer = std::make_shared<std::optional<kafka::ErrorCode>>();
  coordinator->add_partitions("pipe", producer, partitions,
                              [answer](kafka::ErrorCode error) { *answer = error; });
  return answer;
}

kafka::ErrorCode TxnTestBed::add(ProducerIdAndEpoch producer,
                                 const std::set<TopicPartition>& partitions) {
  const Answer answer = add_later(producer, partitions);
  flush();
  return answer->value();
}

TxnTestBed::Answer TxnTestBed::end_later(ProducerIdAndEpoch producer, bool is_commit) {
  auto answer = std::make_shared<std::optional<kafka::ErrorCode>>();
  coordinator->end("pipe", producer, is_commit,
                   [answer](kafka::ErrorCode error) { *answer = error; });
  return answer;
}

kafka::ErrorCode TxnTestBed::end(ProducerIdAndEpoch producer, bool is_commit) {
  const Answer answer = end_later(producer, is_commit);
  flush();
  return answer->value();
}

}  // namespace ticklake::broker
