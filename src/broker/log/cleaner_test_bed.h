#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "broker/broker_test_bed.h"
#include "broker/log/cleaner.h"

namespace ticklake::broker {

using KeyedRecord = std::pair<std::optional<std::string>, std::optional<std::string>>;

struct KeyedBatch {
  std::vector<KeyedRecord> records = {};
  int64_t producer_id = -1;
  int32_t base_sequence = -1;
  kafka::Codec codec = kafka::Codec::kNone;
  bool is_transactional = false;
};

inline base::Bytes bytes_of(const KeyedBatch& spec, int64_t timestamp_ms) {
  std::vector<kafka::RecordToWrite> records;
  for (const auto& [key, value] : spec.records) {
    kafka::RecordToWrite& record = records.emplace_back();
    record.timestamp_ms = timestamp_ms;
    if (key) record.key = *key;
    if (value) record.value = *value;
  }
  kafka::BatchToWrite batch;
  batch.producer_id = spec.producer_id;
  batch.producer_epoch = spec.producer_id < 0 ? int16_t{-1} : int16_t{0};
  batch.base_sequence = spec.base_sequence;
  batch.codec = spec.codec;
  batch.is_transactional = spec.is_transactional;
  batch.records = records;
  return *kafka::write_batch(batch);
}

inline constexpr const char* kTopic = "prices";

/// A compacted topic of which every batch has a segment of its own, and its cleaner.
class CleanerTestBed : public BrokerTestBed {
 public:
  explicit CleanerTestBed(TopicConfigs configs = {}, Cleaner::Settings cleaner_settings = {})
      : settings(cleaner_settings) {
    configs.try_emplace("cleanup.policy", "compact");
    configs.try_emplace("segment.bytes", "14");
    configs.try_emplace("min.cleanable.dirty.ratio", "0");
    make_topic(kTopic, 1, std::move(configs));
  }

  void put(const KeyedBatch& spec) {
    base::Bytes batch = bytes_of(spec, now_ms());
    const auto header = check_batch(batch, 1 << 24);
    ASSERT_TRUE(header.has_value());
    ASSERT_TRUE(log(kTopic).append(batch, *header, now_ms()).has_value());
    broker->publish(partition(kTopic));
  }
  void put(std::string key, std::optional<std::string> value) {
    put({.records = {{std::move(key), std::move(value)}}});
  }

  std::unique_ptr<Cleaner> new_cleaner() {
    return std::make_unique<Cleaner>(*logs, clock, *logger, settings);
  }
  /// Until nothing is dirty; how many slices it took.
  int clean() {
    sync();
    const auto cleaner = new_cleaner();
    for (int slices = 0; slices < 10'000; ++slices) {
      switch (cleaner->run_slice()) {
        case Cleaner::Next::kIdle: return slices;
        case Cleaner::Next::kMore: break;
        case Cleaner::Next::kSync: cleaner->synced(cleaner->take_sync_work().run(files)); break;
      }
    }
    ADD_FAILURE() << "the cleaner finds no end";
    return 0;
  }
  /// All that a reader gets who goes on behind what it has got, as "offset:key=value".
  std::vector<std::string> content() {
    std::vector<std::string> all;
    PartitionLog& partition_log = log(kTopic);
    for (int64_t offset = partition_log.start_offset(); offset < partition_log.end_offset();) {
      const auto read = partition_log.read(offset, partition_log.end_offset(), 1 << 20, true);
      if (!read || read->size == 0) break;
      const auto batch = kafka::BatchRecords::read(read->view(), 1 << 20);
      if (!batch) break;
      for (const kafka::Record& record : batch->records()) {
        if (record.offset < offset) continue;
        all.push_back(std::to_string(record.offset) + ":" + std::string(record.key.value_or("-")) +
                      "=" + std::string(record.value.value_or("null")));
      }
      offset = batch->header().next_offset();
    }
    return all;
  }
  base::Path partition_folder() const { return folder.path() / "broker" / "prices-0"; }

  Cleaner::Settings settings;
  std::shared_ptr<base::Logger> logger = base::make_null_logger();
};

}  // namespace ticklake::broker
