#include "clients.h"

#include <algorithm>
#include <set>

namespace ticklake::sim {
namespace {

using kafka::ErrorCode;
using Owner = Schedule::Owner;

constexpr Nanoseconds kPatience = Milliseconds{3000};
constexpr int32_t kTransactionTimeoutMs = 5000;

constexpr uint64_t kOftenWritten = 6;
constexpr uint64_t kSeldomWritten = 60;
constexpr int64_t kTimestampMs = 1'700'000'000'000;

/// The last record of a key that is seldom written stands where compaction comes by.
std::string random_key(base::Random& random) {
  if (random.below(8) == 0) return "seldom " + std::to_string(random.below(kSeldomWritten));
  return "often " + std::to_string(random.below(kOftenWritten));
}

}  // namespace

base::Bytes batch_of(const std::vector<std::string>& values, int64_t producer_id, int16_t epoch,
                     int32_t sequence, bool is_transactional) {
  std::vector<kafka::RecordToWrite> records;
  for (const std::string& value : values)
    records.push_back({kTimestampMs, std::nullopt, value, {}});
  return *kafka::write_batch({.producer_id = producer_id,
                              .producer_epoch = epoch,
                              .base_sequence = sequence,
                              .is_transactional = is_transactional,
                              .records = records});
}

kafka::ProduceRequest produce_request(const char* topic, int32_t partition, base::ByteView batch) {
  kafka::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30'000;
  auto& data = request.topic_data.emplace_back(kafka::ProduceRequest::Topic{topic, {}});
  data.partition_data.push_back({partition, batch});
  return request;
}

bool may_go_again(ErrorCode error) {
  switch (error) {
    case ErrorCode::kKafkaStorageError:
    case ErrorCode::kConcurrentTransactions:
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kCoordinatorNotAvailable:
    case ErrorCode::kNotCoordinator:
    case ErrorCode::kUnstableOffsetCommit: return true;
    default: return false;
  }
}

void Session::send(base::Bytes bytes, int32_t id) {
  if (!wire_ || wire_->is_cut) {
    wire_ = world_.connect();
    received_.clear();
    if (wire_) {
      wire_->client_receives = [this](base::ByteView piece) { receive(piece); };
      wire_->client_lost = [this, wire = wire_.get()] {
        if (wire == wire_.get()) lose();
      };
    }
  }
  if (!wire_) {
    world_.schedule.after(kBackoff, Owner::kWorld, [this, id] {
      if (id == last_id_) tell({});
    });
    return;
  }
  world_.network.send_to_broker(wire_, std::move(bytes));
  world_.schedule.after(kPatience, Owner::kWorld, [this, id] {
    if (id == last_id_ && answered_ && wire_) world_.network.cut(wire_);
  });
}

void Session::lose() {
  wire_ = nullptr;
  tell({});
}

void Session::receive(base::ByteView bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  if (received_.size() < 4) return;
  const auto size = static_cast<size_t>(base::load_big_endian<int32_t>(received_.data()));
  if (received_.size() < 4 + size) return;
  const base::Bytes answer = std::exchange(received_, {});
  if (answer.size() > 4 + size) world_.model.violation("more bytes than the answer");
  tell(base::ByteView(answer).subspan(4));
}

void Session::tell(base::ByteView answer) {
  if (const auto answered = std::exchange(answered_, nullptr)) answered(answer);
}

ProducerClient::ProducerClient(Surroundings& world, std::string name, Kind kind)
    : world_(world),
      session_(world),
      name_(std::move(name)),
      kind_(kind),
      topic_(kind == Kind::kKeyed ? kKeyedTopic : kLogTopic) {}

void ProducerClient::run() {
  if (kind_ == Kind::kPlain) return next();
  session_.ask(kafka::InitProducerIdRequest{}, 4, [this](const auto* response) {
    if (!response || response->error_code != ErrorCode::kNone)
      return world_.later(kBackoff, [this] { run(); });
    producer_id_ = response->producer_id;
    epoch_ = response->producer_epoch;
    next();
  });
}

void ProducerClient::next() {
  is_idle_ = world_.is_stopping;
  if (is_idle_) return;
  values_.clear();
  partition_ = static_cast<int32_t>(world_.random.below(kPartitions));
  const uint64_t count = 1 + world_.random.below(4);
  batch_ = kind_ == Kind::kKeyed ? next_keyed_batch(count) : next_batch(count);
  send();
}

base::Bytes ProducerClient::next_batch(uint64_t count) {
  for (; count > 0; --count)
    values_.push_back(next_value());
  return batch_of(values_, producer_id_, epoch_,
                  kind_ == Kind::kPlain ? -1 : sequences_[partition_], false);
}

base::Bytes ProducerClient::next_keyed_batch(uint64_t count) {
  std::vector<std::string> keys(count);
  values_.resize(count);
  std::vector<kafka::RecordToWrite> records(count);
  for (size_t i = 0; i < count; ++i) {
    keys[i] = random_key(world_.random);
    values_[i] = next_value();
    const bool is_tombstone = world_.random.below(5) == 0;
    world_.model.keyed(values_[i], keys[i], is_tombstone);
    records[i] = {kTimestampMs, keys[i]};
    // A tombstone has no value: a header says which one it is.
    if (is_tombstone) {
      records[i].headers.push_back({"value", values_[i]});
    } else {
      records[i].value = values_[i];
    }
  }
  return *kafka::write_batch({.producer_id = producer_id_,
                              .producer_epoch = epoch_,
                              .base_sequence = sequences_[partition_],
                              .records = records});
}

void ProducerClient::send() {
  session_.ask(produce_request(topic_, partition_, batch_), 9, [this](const auto* response) {
    const auto* const partition =
        response ? &response->responses.at(0).partition_responses.at(0) : nullptr;
    if (!partition || may_go_again(partition->error_code)) {
      // An error does not say that nothing was written: the sync after it may have failed.
      if (kind_ == Kind::kPlain) {
        for (const std::string& value : values_)
          world_.model.may_be_twice(value);
      }
      return world_.later(kBackoff, [this] { send(); });
    }
    if (partition->error_code != ErrorCode::kNone) {
      world_.model.violation(name_ +
                             " was refused: " + std::string(kafka::name_of(partition->error_code)));
      is_idle_ = true;
      return;
    }
    int64_t offset = partition->base_offset;
    for (const std::string& value : values_)
      world_.model.acknowledged({topic_, partition_, offset++}, value);
    sequences_[partition_] += static_cast<int32_t>(values_.size());
    world_.later(kBackoff, [this] { next(); });
  });
}

TransactionalClient::TransactionalClient(Surroundings& world, std::string name)
    : world_(world), session_(world), name_(std::move(name)) {}

void TransactionalClient::finish(Model::Outcome outcome) {
  if (std::exchange(is_open_, false)) world_.model.ended(name_, number_, outcome);
}

void TransactionalClient::judge(std::optional<ErrorCode> error, const std::function<void()>& again,
                                const std::function<void()>& next) {
  if (!error || may_go_again(*error)) return world_.later(kBackoff, again);
  if (*error == ErrorCode::kNone) return next();
  world_.trace(name_ + " is told " + std::string(kafka::name_of(*error)));
  // What nobody asked to commit cannot be; else it was, or was not, before this was said.
  finish(is_committing_ && wants_commit_ ? Model::Outcome::kUnknown : Model::Outcome::kAborted);
  world_.later(kBackoff, [this] { initialize(); });
}

void TransactionalClient::initialize() {
  kafka::InitProducerIdRequest request;
  request.transactional_id = name_;
  request.transaction_timeout_ms = kTransactionTimeoutMs;
  session_.ask(request, 4, [this](const auto* response) {
    const bool is_done = response && response->error_code == ErrorCode::kNone;
    if (!is_done) return world_.later(kBackoff, [this] { initialize(); });
    finish(Model::Outcome::kAborted);
    producer_id_ = response->producer_id;
    epoch_ = response->producer_epoch;
    std::ranges::fill(sequences_, 0);
    begin();
  });
}

void TransactionalClient::begin() {
  is_idle_ = world_.is_stopping;
  if (is_idle_) return;
  ++number_;
  is_open_ = true;
  is_committing_ = false;
  wants_commit_ = world_.random.below(4) > 0;
  std::vector<std::string> values;
  for (int32_t partition = 0; partition < kPartitions; ++partition)
    values.push_back(name_ + ":" + std::to_string(number_) + "." + std::to_string(partition));
  world_.model.transaction(name_, number_, std::move(values));
  add_partitions();
}

void TransactionalClient::add_partitions() {
  kafka::AddPartitionsToTxnRequest request;
  request.transactional_id = name_;
  request.producer_id = producer_id_;
  request.producer_epoch = epoch_;
  request.topics.push_back({kTxnTopic, {0, 1}});
  session_.ask(request, 3, [this](const auto* response) {
    std::optional<ErrorCode> error;
    if (response) error = response->topics.at(0).partitions.at(0).error_code;
    judge(
        error, [this] { add_partitions(); }, [this] { produce(0); });
  });
}

void TransactionalClient::produce(int32_t partition) {
  const std::string value = name_ + ":" + std::to_string(number_) + "." + std::to_string(partition);
  const auto batch = std::make_shared<base::Bytes>(
      batch_of({value}, producer_id_, epoch_, sequences_[partition], true));
  auto request = produce_request(kTxnTopic, partition, *batch);
  request.transactional_id = name_;
  session_.ask(request, 9, [this, partition, batch](const auto* response) {
    std::optional<ErrorCode> error;
    if (response) error = response->responses.at(0).partition_responses.at(0).error_code;
    judge(
        error, [this, partition] { produce(partition); },
        [this, partition] {
          ++sequences_[partition];
          if (partition + 1 < kPartitions) return produce(partition + 1);
          // One that is forgotten is aborted by the broker, or by its producer's next life.
          switch (world_.random.below(12)) {
            case 0: return world_.later(Milliseconds{1}, [this] { initialize(); });
            case 1: return world_.later(Milliseconds{8000}, [this] { add_offsets(); });
            default: return add_offsets();
          }
        });
  });
}

void TransactionalClient::add_offsets() {
  session_.ask(kafka::AddOffsetsToTxnRequest{name_, producer_id_, epoch_, name_}, 3,
               [this](const auto* response) {
                 std::optional<ErrorCode> error;
                 if (response) error = response->error_code;
                 judge(
                     error, [this] { add_offsets(); }, [this] { commit_offsets(); });
               });
}

void TransactionalClient::commit_offsets() {
  kafka::TxnOffsetCommitRequest request;
  request.transactional_id = request.group_id = name_;
  request.producer_id = producer_id_;
  request.producer_epoch = epoch_;
  request.topics.push_back({kLogTopic, {{0, number_, -1, std::nullopt}}});
  session_.ask(request, 3, [this](const auto* response) {
    std::optional<ErrorCode> error;
    if (response) error = response->topics.at(0).partitions.at(0).error_code;
    judge(
        error, [this] { commit_offsets(); }, [this] { end(); });
  });
}

void TransactionalClient::end() {
  is_committing_ = true;
  session_.ask(
      kafka::EndTxnRequest{name_, producer_id_, epoch_, wants_commit_}, 3,
      [this](const auto* response) {
        std::optional<ErrorCode> error;
        if (response) error = response->error_code;
        judge(
            error, [this] { end(); },
            [this] {
              finish(wants_commit_ ? Model::Outcome::kCommitted : Model::Outcome::kAborted);
              world_.later(kBackoff, [this] { begin(); });
            });
      });
}

void DeletingClient::run() {
  const Nanoseconds pause = world_.schedule.random_delay(Milliseconds{100}, Milliseconds{1500});
  world_.schedule.after(pause, Owner::kWorld, [this] {
    is_idle_ = world_.is_stopping;
    if (is_idle_) return;
    const auto partition = static_cast<int32_t>(world_.random.below(kPartitions));
    // What was acknowledged is below the high watermark, whatever happens.
    const int64_t first = world_.model.gone_before(kLogTopic, partition);
    const int64_t end = world_.model.acknowledged_end(kLogTopic, partition);
    if (first >= end) return run();
    ask(partition,
        first + static_cast<int64_t>(world_.random.below(static_cast<uint64_t>(end - first + 1))));
  });
}

void DeletingClient::ask(int32_t partition, int64_t offset) {
  world_.model.deleting(kLogTopic, partition, offset);
  kafka::DeleteRecordsRequest request;
  request.topics.push_back({kLogTopic, {{partition, offset}}});
  session_.ask(request, 2, [this, partition, offset](const auto* response) {
    if (response) {
      const auto& answer = response->topics.at(0).partitions.at(0);
      if (answer.error_code == ErrorCode::kNone) {
        world_.model.deleted(kLogTopic, partition, offset, answer.low_watermark);
        world_.trace("before " + std::to_string(offset) + " of " + std::to_string(partition) +
                     " is deleted");
        return run();
      }
      if (!may_go_again(answer.error_code)) {
        world_.model.violation("a deletion is refused: " +
                               std::string(kafka::name_of(answer.error_code)));
      }
    }
    // Not everyone asks again.
    if (world_.is_stopping || world_.random.below(2) == 0) return run();
    world_.schedule.after(kBackoff, Owner::kWorld,
                          [this, partition, offset] { ask(partition, offset); });
  });
}

void ReaderClient::run() {
  kafka::FetchRequest request;
  request.max_wait_ms = 200;
  request.min_bytes = 1;
  request.isolation_level = isolation_ == Isolation::kCommitted ? 1 : 0;
  for (const char* const topic : {kLogTopic, kTxnTopic, kKeyedTopic}) {
    auto& wanted = request.topics.emplace_back(kafka::FetchRequest::Topic{topic, {}});
    for (int32_t partition = 0; partition < kPartitions; ++partition) {
      auto& one = wanted.partitions.emplace_back();
      one.partition = partition;
      one.fetch_offset = positions_[{topic, partition}];
      one.partition_max_bytes = 1 << 20;
      gone_[{topic, partition}] = world_.model.gone_before(topic, partition);
    }
  }
  session_.ask(request, 11, [this](const auto* response) {
    if (response) {
      for (const auto& topic : response->responses) {
        for (const auto& partition : topic.partitions)
          take(topic.topic, partition);
      }
    }
    world_.schedule.after(kBackoff, Owner::kWorld, [this] { run(); });
  });
}

/// What was deleted stays so, and nothing else is gone.
bool ReaderClient::is_start_sound(const std::string& topic,
                                  const kafka::FetchResponse::Partition& answer) {
  const std::pair key(topic, answer.partition_index);
  const int64_t start = answer.log_start_offset;
  const bool is_reader_behind = positions_[key] < start;
  const bool is_told_so = answer.error_code == ErrorCode::kOffsetOutOfRange;
  if (start >= gone_[key] && start <= world_.model.maybe_gone_before(topic, key.second) &&
      is_reader_behind == is_told_so) {
    return true;
  }
  world_.model.violation(topic + "-" + std::to_string(key.second) + " begins at " +
                         std::to_string(start) + ", a reader at " +
                         std::to_string(positions_[key]) + " is told " +
                         std::string(kafka::name_of(answer.error_code)) + ", before " +
                         std::to_string(gone_[key]) + " all is deleted");
  return false;
}

void ReaderClient::take(const std::string& topic, const kafka::FetchResponse::Partition& answer) {
  const int32_t partition = answer.partition_index;
  if (may_go_again(answer.error_code)) return;
  if (!is_start_sound(topic, answer)) return;
  if (answer.error_code == ErrorCode::kOffsetOutOfRange) {
    positions_[{topic, partition}] = answer.log_start_offset;
    return;
  }
  if (answer.error_code != ErrorCode::kNone) {
    return world_.model.violation(topic + "-" + std::to_string(partition) + ": a reader is told " +
                                  std::string(kafka::name_of(answer.error_code)));
  }
  const bool is_committed = isolation_ == Isolation::kCommitted;
  int64_t& position = positions_[{topic, partition}];
  ends_[{topic, partition}] = is_committed ? answer.last_stable_offset : answer.high_watermark;
  std::set<int64_t> aborted_producers;
  std::vector<kafka::FetchResponse::AbortedTransaction> aborted;
  if (answer.aborted_transactions) aborted = *answer.aborted_transactions;
  std::ranges::sort(aborted, {}, [](const auto& one) { return one.first_offset; });
  auto next_aborted = aborted.begin();
  for (base::ByteView rest = answer.records.decoded(); !rest.empty();) {
    const auto batch = kafka::BatchRecords::read(rest, kRecordsBytesMax);
    if (!batch) return world_.model.violation(topic + ": " + base::to_line(batch.error()));
    const kafka::BatchHeader& header = batch->header();
    rest = rest.subspan(header.size());
    for (; next_aborted != aborted.end() && next_aborted->first_offset <= header.last_offset();
         ++next_aborted)
      aborted_producers.insert(next_aborted->producer_id);
    const bool is_aborted =
        header.is_transactional() && aborted_producers.contains(header.producer_id) && is_committed;
    for (const kafka::Record& record : batch->records()) {
      if (record.offset < position || header.is_control() || is_aborted) continue;
      const Place place{topic, partition, record.offset};
      // A tombstone's header says which one it is.
      log_[place] = std::string(record.value ? *record.value : *record.headers.at(0).value);
      world_.model.seen(isolation_, place, log_[place]);
    }
    if (header.is_control()) aborted_producers.erase(header.producer_id);
    position = std::max(position, header.next_offset());
  }
}

bool ReaderClient::is_at_end() const {
  if (ends_.size() != size_t{3} * kPartitions) return false;
  return std::ranges::all_of(
      ends_, [&](const auto& end) { return positions_.at(end.first) >= end.second; });
}

}  // namespace ticklake::sim
