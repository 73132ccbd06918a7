#include "keyed_client.h"

namespace ticklake::sim {
namespace {

using kafka::ErrorCode;
using Owner = Schedule::Owner;

constexpr uint64_t kOftenWritten = 6;
constexpr uint64_t kSeldomWritten = 60;

/// The last record of a key that is seldom written stands where compaction comes by.
std::string random_key(base::Random& random) {
  if (random.below(8) == 0) return "seldom " + std::to_string(random.below(kSeldomWritten));
  return "often " + std::to_string(random.below(kOftenWritten));
}

}  // namespace

void KeyedClient::later(std::function<void()> task) {
  world_.schedule.after(world_.schedule.random_delay(Nanoseconds{0}, kBackoff), Owner::kWorld,
                        std::move(task));
}

void KeyedClient::run() {
  session_.ask(kafka::InitProducerIdRequest{}, 4, [this](const auto* response) {
    if (!response || response->error_code != ErrorCode::kNone) return later([this] { run(); });
    producer_id_ = response->producer_id;
    epoch_ = response->producer_epoch;
    next();
  });
}

void KeyedClient::next() {
  is_idle_ = world_.is_stopping;
  if (is_idle_) return;
  values_.clear();
  partition_ = static_cast<int32_t>(world_.random.below(kPartitions));
  std::vector<std::string> keys;
  std::vector<bool> are_tombstones;
  for (uint64_t i = 1 + world_.random.below(4); i > 0; --i) {
    keys.push_back(random_key(world_.random));
    are_tombstones.push_back(world_.random.below(5) == 0);
    values_.push_back("keyed:" + std::to_string(++number_));
    world_.model.keyed(values_.back(), keys.back(), are_tombstones.back());
  }
  std::vector<kafka::RecordToWrite> records;
  for (size_t i = 0; i < values_.size(); ++i) {
    // A tombstone has no value: a header says which one it is.
    auto& record = records.emplace_back(kafka::RecordToWrite{1'700'000'000'000, keys[i]});
    if (are_tombstones[i]) {
      record.headers.push_back({"value", values_[i]});
    } else {
      record.value = values_[i];
    }
  }
  batch_ = *kafka::write_batch({.producer_id = producer_id_,
                                .producer_epoch = epoch_,
                                .base_sequence = sequences_[partition_],
                                .records = records});
  send();
}

void KeyedClient::send() {
  session_.ask(produce_request(kKeyedTopic, partition_, batch_), 9, [this](const auto* response) {
    const auto* const partition =
        response ? &response->responses.at(0).partition_responses.at(0) : nullptr;
    if (!partition || may_go_again(partition->error_code)) return later([this] { send(); });
    if (partition->error_code != ErrorCode::kNone) {
      world_.model.violation("who writes keys was refused: " +
                             std::string(kafka::name_of(partition->error_code)));
      is_idle_ = true;
      return;
    }
    int64_t offset = partition->base_offset;
    for (const std::string& value : values_)
      world_.model.acknowledged({kKeyedTopic, partition_, offset++}, value);
    sequences_[partition_] += static_cast<int32_t>(values_.size());
    later([this] { next(); });
  });
}

}  // namespace ticklake::sim
