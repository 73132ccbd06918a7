#include "broker/log/cleaner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/broker_test_bed.h"

namespace ticklake::broker {
namespace {

using testing::ElementsAre;
using KeyedRecord = std::pair<std::optional<std::string>, std::optional<std::string>>;
using std::chrono::hours;

constexpr const char* kTopic = "prices";

struct KeyedBatch {
  std::vector<KeyedRecord> records = {};
  int64_t producer_id = -1;
  int32_t base_sequence = -1;
  kafka::Codec codec = kafka::Codec::kNone;
};

base::Bytes bytes_of(const KeyedBatch& spec, int64_t timestamp_ms) {
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
  batch.records = records;
  return *kafka::write_batch(batch);
}

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

void put_three_keys(CleanerTestBed& bed) {
  bed.put("a", "1");
  bed.put("b", "1");
  bed.put("a", "2");
  bed.put("c", "1");
  bed.put("a", "3");  // stands in the active segment
}

TEST(Cleaner, of_each_key_the_last_value_of_the_closed_segments_stays_at_its_offset) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("1:b=1", "2:a=2", "3:c=1", "4:a=3"));
  EXPECT_EQ(bed.log(kTopic).end_offset(), 5);
}

TEST(Cleaner, what_it_left_is_there_after_a_crash_and_after_a_clean_stop) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.clean();
  const auto before = bed.content();
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.content(), before);
  bed.restart();
  EXPECT_EQ(bed.content(), before);
  bed.put("b", "2");
  bed.put("d", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("3:c=1", "4:a=3", "5:b=2", "6:d=1"));
}

TEST(Cleaner, without_a_recovery_point_gaps_of_a_compacted_topic_are_no_damage) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.clean();
  const auto before = bed.content();
  bed.crash();
  ASSERT_TRUE(bed.files.remove(bed.folder.path() / "broker" / "recovery-point-offset-checkpoint"));
  ASSERT_TRUE(bed.files.remove(bed.folder.path() / "broker" / "cleaner-offset-checkpoint"));
  bed.start();
  EXPECT_EQ(bed.content(), before);
}

TEST(Cleaner, small_segments_become_one) {
  CleanerTestBed bed;
  for (int i = 0; i < 50; ++i)
    bed.put("key-" + std::to_string(i), "v");
  bed.sync();
  ASSERT_TRUE(bed.broker->set_configs(
      kTopic, {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "0"}}));
  EXPECT_EQ(bed.log(kTopic).closed_segments().size(), 49u);
  bed.clean();
  EXPECT_EQ(bed.log(kTopic).closed_segments().size(), 1u);
  EXPECT_EQ(bed.content().size(), 50u);
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.content().size(), 50u);
}

TEST(Cleaner, small_slices_and_little_memory_for_keys_change_nothing) {
  CleanerTestBed bed({}, {.slice_bytes = 1, .keys_bytes_max = 200});
  CleanerTestBed other;
  for (int i = 0; i < 60; ++i) {
    for (CleanerTestBed* one : {&bed, &other})
      one->put("key-" + std::to_string(i % 7), std::to_string(i));
  }
  EXPECT_GT(bed.clean(), other.clean());
  EXPECT_EQ(bed.content(), other.content());
  EXPECT_EQ(bed.content().size(), 8u);  // one of them twice: in the active segment too
}

TEST(Cleaner, compressed_batches_stay_compressed_and_keep_the_offsets_of_what_is_left) {
  CleanerTestBed bed;
  bed.put({.records = {{"a", "1"}, {"b", "1"}, {"a", "2"}}, .codec = kafka::Codec::kLz4});
  bed.put("b", "2");
  bed.put("c", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("2:a=2", "3:b=2", "4:c=1"));
  const auto read = bed.log(kTopic).read(0, 1, 1 << 20, true);
  ASSERT_TRUE(read.has_value());
  const auto header = kafka::parse_batch_header(read->view());
  EXPECT_EQ(header->codec_bits(), static_cast<int>(kafka::Codec::kLz4));
  EXPECT_EQ(header->base_offset, 0);
  EXPECT_EQ(header->record_count, 1);
}

TEST(Cleaner, tombstones_go_after_their_time_and_what_they_delete_at_once) {
  CleanerTestBed bed(TopicConfigs{{"delete.retention.ms", "3600000"}});
  bed.put("a", "1");
  bed.put("a", std::nullopt);
  bed.put("b", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("1:a=null", "2:b=1"));
  bed.clock.advance(hours{2});
  bed.put("b", "2");  // something new, so that there is reason to clean
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("2:b=1", "3:b=2"));
}

TEST(Cleaner, records_without_a_key_go) {
  CleanerTestBed bed;
  bed.put({.records = {{std::nullopt, "x"}}});
  bed.put("a", "1");
  bed.put("b", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("1:a=1", "2:b=1"));
}

TEST(Cleaner, a_producers_last_batch_stays_so_that_its_sequence_is_known) {
  CleanerTestBed bed;
  bed.put({.records = {{"a", "1"}}, .producer_id = 7, .base_sequence = 0});
  bed.put({.records = {{"a", "2"}}, .producer_id = 7, .base_sequence = 1});
  bed.put("a", "3");
  bed.put("b", "1");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("2:a=3", "3:b=1"));
  bed.crash();
  ASSERT_TRUE(bed.files.remove(bed.folder.path() / "broker" / "recovery-point-offset-checkpoint"));
  bed.start();
  base::Bytes repeated =
      bytes_of({.records = {{"a", "2"}}, .producer_id = 7, .base_sequence = 1}, bed.now_ms());
  const auto again = bed.log(kTopic).append(repeated, *check_batch(repeated, 1 << 20), 0);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(again->is_duplicate);
}

TEST(Cleaner, batches_of_transactions_are_left_whole) {
  std::vector<kafka::RecordToWrite> records{{.timestamp_ms = 1, .key = "a", .value = "1"}};
  const auto batch = kafka::write_batch({.producer_id = 1,
                                         .producer_epoch = 0,
                                         .base_sequence = 0,
                                         .is_transactional = true,
                                         .records = records});
  const auto header = kafka::parse_batch_header(*batch);
  KeyOffsets keys(1 << 20);
  ASSERT_TRUE(keys.add(*batch, *header));
  EXPECT_EQ(keys.last_offset("a"), std::nullopt);
  const ProducerState producers;
  const auto compacted = compact_batch(*batch, *header, {keys, 100, 0, 0, producers});
  ASSERT_TRUE(compacted.has_value());
  EXPECT_TRUE(compacted->is_kept);
  EXPECT_FALSE(compacted->rewritten);
}

TEST(Cleaner, young_records_and_little_dirt_are_left_alone) {
  CleanerTestBed bed(TopicConfigs{{"min.compaction.lag.ms", "3600000"}});
  put_three_keys(bed);
  EXPECT_EQ(bed.clean(), 0);
  bed.clock.advance(hours{2});
  EXPECT_GT(bed.clean(), 0);

  CleanerTestBed other(TopicConfigs{{"min.cleanable.dirty.ratio", "0.5"}});
  for (int i = 0; i < 20; ++i)
    other.put("key-" + std::to_string(i), "v");
  EXPECT_GT(other.clean(), 0);
  other.put("key-0", "v");
  EXPECT_EQ(other.clean(), 0) << "19 of 20 batches are clean";
}

TEST(Cleaner, a_topic_that_only_deletes_is_none_of_its_business) {
  CleanerTestBed bed(TopicConfigs{{"cleanup.policy", "delete"}});
  put_three_keys(bed);
  EXPECT_EQ(bed.clean(), 0);
}

TEST(Cleaner, a_crash_before_the_swap_leaves_the_old_segments) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.sync();
  const auto before = bed.content();
  auto cleaner = bed.new_cleaner();
  while (cleaner->run_slice() != Cleaner::Next::kSync)
    continue;
  cleaner.reset();
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.content(), before);
  const auto names = bed.files.list(bed.partition_folder());
  for (const std::string& name : *names)
    EXPECT_FALSE(name.ends_with(".cleaned")) << name;
}

TEST(Cleaner, a_crash_in_the_middle_of_the_swap_ends_with_the_new_segment) {
  for (const bool has_retired_one : {false, true}) {
    CleanerTestBed bed;
    put_three_keys(bed);
    bed.sync();
    ASSERT_TRUE(bed.broker->set_configs(
        kTopic, {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "0"}}));
    auto cleaner = bed.new_cleaner();
    while (cleaner->run_slice() != Cleaner::Next::kSync)
      continue;
    cleaner.reset();
    bed.crash();
    const auto rename = [&](int64_t offset, const std::string& from, const std::string& to) {
      ASSERT_TRUE(bed.files.rename(Segment::path(bed.partition_folder(), offset, from),
                                   Segment::path(bed.partition_folder(), offset, to)));
    };
    for (const std::string suffix : {".index", ".timeindex", ".log"})
      rename(0, suffix + ".cleaned", suffix + ".swap");
    if (has_retired_one) rename(1, ".log", ".log.deleted");
    bed.start();
    EXPECT_THAT(bed.content(), ElementsAre("1:b=1", "2:a=2", "3:c=1", "4:a=3"));
    EXPECT_EQ(bed.log(kTopic).closed_segments().size(), 1u);
  }
}

TEST(Cleaner, a_topic_deleted_meanwhile_is_given_up) {
  CleanerTestBed bed;
  put_three_keys(bed);
  bed.sync();
  const auto cleaner = bed.new_cleaner();
  while (cleaner->run_slice() != Cleaner::Next::kSync)
    continue;
  const PartitionLog::SyncWork work = cleaner->take_sync_work();
  ASSERT_TRUE(bed.broker->delete_topic(kTopic));
  cleaner->synced(work.run(bed.files));
  while (cleaner->run_slice() != Cleaner::Next::kIdle)
    continue;
  EXPECT_TRUE(bed.logs->topics().empty());
}

}  // namespace
}  // namespace ticklake::broker
