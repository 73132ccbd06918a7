// Compaction of transactions: what was aborted goes, what was committed is compacted like any other
// record, and a read_committed reader who begins anywhere sees neither an aborted record nor the
// loss of a committed one.

#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/log/cleaner_test_bed.h"

namespace ticklake::broker {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

class TransactionsTestBed : public CleanerTestBed {
 public:
  explicit TransactionsTestBed(TopicConfigs configs = {}) : CleanerTestBed(std::move(configs)) {}

  void put_in_transaction(int64_t producer_id, std::string key, std::optional<std::string> value) {
    put({.records = {{std::move(key), std::move(value)}},
         .producer_id = producer_id,
         .base_sequence = next_sequence_[producer_id]++,
         .is_transactional = true});
  }
  void end(int64_t producer_id, bool is_commit) {
    const auto marker = log(kTopic).append_marker(producer_id, 0, {is_commit, 0}, now_ms());
    ASSERT_TRUE(marker.has_value()) << marker.error().message;
    broker->publish(partition(kTopic));
  }
  /// What a read_committed client gets from there to the end.
  std::vector<std::string> committed(int64_t from = 0) {
    std::vector<std::string> all;
    for (int64_t offset = from; offset < log(kTopic).end_offset();) {
      const int64_t next = fetch_committed(offset, from, all);
      if (next <= offset) break;
      offset = next;
    }
    return all;
  }
  /// How many markers stand in the log.
  int markers() {
    int count = 0;
    EXPECT_TRUE(log(kTopic).for_each_batch([&](base::ByteView batch) {
      if (kafka::parse_batch_header(batch)->is_control()) ++count;
      return base::Result<void>();
    }));
    return count;
  }
  size_t aborted_told() {
    return log(kTopic).aborted_transactions(0, log(kTopic).end_offset())->size();
  }

 private:
  /// One fetch, which knows of the aborted transactions that it is told of and no others, as
  /// Kafka's consumer does it; where the next one begins.
  int64_t fetch_committed(int64_t offset, int64_t from, std::vector<std::string>& all) {
    PartitionLog& partition_log = log(kTopic);
    const auto read = partition_log.read(offset, partition_log.end_offset(), 1 << 20, true);
    if (!read || read->size == 0) return -1;
    auto aborted = *partition_log.aborted_transactions(offset, read->next_offset);
    std::ranges::sort(aborted, {}, &AbortedTransaction::first_offset);
    std::set<int64_t> aborting;
    for (base::ByteView rest = read->view(); !rest.empty();) {
      const auto batch = *kafka::BatchRecords::read(rest, 1 << 20);
      rest = rest.subspan(batch.header().size());
      while (!aborted.empty() && aborted.front().first_offset <= batch.header().last_offset()) {
        aborting.insert(aborted.front().producer_id);
        aborted.erase(aborted.begin());
      }
      if (batch.header().is_control()) {
        if (!parse_end_marker(rest_of(batch, read->view(), rest))->is_commit) {
          aborting.erase(batch.header().producer_id);
        }
        continue;
      }
      if (batch.header().is_transactional() && aborting.contains(batch.header().producer_id)) {
        continue;
      }
      for (const kafka::Record& record : batch.records()) {
        if (record.offset < from) continue;
        all.push_back(std::to_string(record.offset) + ":" + std::string(*record.key) + "=" +
                      std::string(record.value.value_or("null")));
      }
    }
    return read->next_offset;
  }
  static base::ByteView rest_of(const kafka::BatchRecords& batch, base::ByteView all,
                                base::ByteView rest) {
    const size_t end = all.size() - rest.size();
    return all.subspan(end - batch.header().size());
  }

  std::map<int64_t, int32_t> next_sequence_;
};

/// Two transactions side by side, one committed and one aborted, of the same keys; then others.
void put_transactions(TransactionsTestBed& bed) {
  bed.put("a", "0");                        // 0
  bed.put_in_transaction(1, "a", "1");      // 1
  bed.put_in_transaction(2, "a", "never");  // 2
  bed.put_in_transaction(2, "b", "never");  // 3
  bed.put_in_transaction(1, "b", "1");      // 4
  bed.end(2, false);                        // 5
  bed.end(1, true);                         // 6
  bed.put_in_transaction(2, "c", "1");      // 7
  bed.end(2, true);                         // 8
  bed.put("d", "1");                        // 9, in the active segment
}

TEST(CleanerTransactions, what_was_aborted_goes_and_takes_no_key_with_it) {
  TransactionsTestBed bed;
  put_transactions(bed);
  EXPECT_THAT(bed.committed(), ElementsAre("0:a=0", "1:a=1", "4:b=1", "7:c=1", "9:d=1"));
  bed.clean();
  EXPECT_THAT(bed.content(), testing::Not(testing::Contains(testing::HasSubstr("never"))));
  EXPECT_THAT(bed.committed(), ElementsAre("1:a=1", "4:b=1", "7:c=1", "9:d=1"));
}

TEST(CleanerTransactions, a_reader_who_begins_anywhere_sees_the_committed_records_behind_it) {
  TransactionsTestBed bed;
  put_transactions(bed);
  for (int round = 0; round < 4; ++round) {
    bed.clean();
    const std::vector<std::string> all = bed.committed();
    for (int64_t from = 0; from <= 9; ++from) {
      std::vector<std::string> expected;
      std::ranges::copy_if(all, std::back_inserter(expected),
                           [&](const std::string& record) { return std::stoll(record) >= from; });
      EXPECT_EQ(bed.committed(from), expected) << "round " << round << " from " << from;
    }
    EXPECT_EQ(all.size(), 4u);
    bed.clock.advance(hours{25});
    // Something new, so that there is reason to clean; and after a crash on the way.
    bed.put("d", "1");
    bed.sync();
    ASSERT_TRUE(bed.logs->write_checkpoints());
    bed.crash();
    bed.start();
    bed.put("d", "1");
    if (round == 0) break;
  }
}

TEST(CleanerTransactions, markers_go_when_they_have_nothing_left_to_end_and_their_time_is_over) {
  TransactionsTestBed bed(TopicConfigs{{"delete.retention.ms", "3600000"}});
  bed.put_in_transaction(1, "a", "never");
  bed.end(1, false);
  bed.put_in_transaction(1, "a", "1");
  bed.end(1, true);
  bed.put_in_transaction(1, "a", "2");
  bed.end(1, true);
  bed.put("b", "0");
  bed.put("b", "0");
  const auto clean_again = [&] {
    bed.put("b", "0");
    bed.clean();
  };
  bed.clean();
  EXPECT_EQ(bed.markers(), 3);
  EXPECT_EQ(bed.aborted_told(), 1u) << "its records were there until now";
  clean_again();
  EXPECT_EQ(bed.markers(), 3) << "their time begins now";
  EXPECT_EQ(bed.aborted_told(), 0u);
  clean_again();
  EXPECT_EQ(bed.markers(), 3);
  bed.clock.advance(hours{2});
  clean_again();
  EXPECT_EQ(bed.markers(), 1) << "that of the record which is left";
  EXPECT_THAT(bed.committed().front(), "4:a=2");
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.aborted_told(), 0u) << "no index of before the cleaning stayed behind";
  EXPECT_THAT(bed.committed().front(), "4:a=2");
}

TEST(CleanerTransactions, from_where_a_transaction_is_open_nothing_is_cleaned) {
  TransactionsTestBed bed;
  bed.put("a", "0");
  bed.put("a", "1");
  bed.put_in_transaction(1, "a", "2");
  bed.put("a", "3");
  bed.put("a", "4");
  bed.clean();
  EXPECT_THAT(bed.content(), ElementsAre("1:a=1", "2:a=2", "3:a=3", "4:a=4"));
  bed.end(1, false);
  bed.put("b", "0");
  bed.clean();
  EXPECT_THAT(bed.committed(), ElementsAre("4:a=4", "6:b=0"));
}

TEST(CleanerTransactions, the_last_batch_of_a_producer_stays_as_a_header_and_its_marker_with_it) {
  TransactionsTestBed bed(TopicConfigs{{"delete.retention.ms", "0"}});
  bed.put_in_transaction(1, "a", "never");
  bed.end(1, false);
  for (int round = 0; round < 3; ++round) {
    bed.put("b", "0");
    bed.put("b", "0");
    bed.clean();
    bed.clock.advance(hours{1});
  }
  EXPECT_EQ(bed.log(kTopic).producers().last_offset(1), 0);
  EXPECT_EQ(bed.markers(), 1);
  EXPECT_EQ(bed.aborted_told(), 1u);
  bed.crash();
  ASSERT_TRUE(bed.files.remove(bed.folder.path() / "broker" / "recovery-point-offset-checkpoint"));
  bed.start();
  EXPECT_EQ(bed.log(kTopic).producers().last_offset(1), 0) << "recovery learns its sequence";
  bed.put_in_transaction(1, "a", "1");
  bed.end(1, true);
  EXPECT_THAT(bed.committed(), testing::Contains(testing::HasSubstr("a=1")));
}

TEST(CleanerTransactions, small_slices_and_little_memory_for_keys_change_nothing) {
  TransactionsTestBed bed;
  TransactionsTestBed other;
  bed.settings = {.slice_bytes = 1, .keys_bytes_max = 100};
  put_transactions(bed);
  put_transactions(other);
  bed.clean();
  other.clean();
  EXPECT_EQ(bed.committed(), other.committed());
  EXPECT_EQ(bed.content(), other.content());
}

TEST(CleanedTransactions, an_aborted_transaction_is_told_only_if_records_of_it_were_there) {
  CleanedTransactions transactions({{7, 10, 15, 15}, {7, 10, 15, 15}, {7, 20, 25, 25}});
  kafka::BatchHeader data;
  data.producer_id = 7;
  data.attributes = 0x10;
  data.base_offset = 12;
  EXPECT_TRUE(transactions.is_aborted(data));
  kafka::BatchHeader marker = data;
  marker.base_offset = 15;
  const auto ended = transactions.end(marker, {false, 0});
  EXPECT_TRUE(ended.had_data);
  EXPECT_EQ(ended.aborted->first_offset, 10);
  data.base_offset = 17;
  EXPECT_FALSE(transactions.is_aborted(data)) << "between the two stands one that is committed";
  marker.base_offset = 18;
  EXPECT_TRUE(transactions.end(marker, {true, 0}).had_data);
  marker.base_offset = 25;
  const auto empty = transactions.end(marker, {false, 0});
  EXPECT_FALSE(empty.had_data || empty.aborted);
}

}  // namespace
}  // namespace ticklake::broker
