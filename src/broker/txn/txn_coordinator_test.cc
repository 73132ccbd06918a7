#include "broker/txn/txn_coordinator.h"

#include <gtest/gtest.h>

#include "broker/txn/txn_records.h"
#include "broker/txn/txn_test_bed.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using namespace std::chrono_literals;

const TopicPartition kTrades{"trades", 0};
const TopicPartition kQuotes{"quotes", 3};

TEST(TxnCoordinator, a_partition_may_be_written_once_its_addition_is_durable) {
  TxnTestBed bed;
  const auto me = bed.producer();
  EXPECT_EQ(bed.may_write(me, kTrades), ErrorCode::kInvalidTxnState);
  const auto answer = bed.add_later(me, {kTrades});
  EXPECT_FALSE(answer->has_value());
  EXPECT_EQ(bed.may_write(me, kTrades), ErrorCode::kInvalidTxnState);
  bed.flush();
  EXPECT_EQ(*answer, ErrorCode::kNone);
  EXPECT_EQ(bed.may_write(me, kTrades), ErrorCode::kNone);
  EXPECT_EQ(bed.may_write(me, kQuotes), ErrorCode::kInvalidTxnState);
}

TEST(TxnCoordinator, a_producer_writes_on_while_another_partition_is_added) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.add(me, {kTrades});
  bed.add_later(me, {kQuotes});
  EXPECT_EQ(bed.may_write(me, kTrades), ErrorCode::kNone);
  EXPECT_EQ(bed.add(me, {kTrades}), ErrorCode::kConcurrentTransactions);
}

TEST(TxnCoordinator, a_commit_is_answered_when_every_partition_has_its_durable_marker) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.add(me, {kTrades, kQuotes});
  const auto answer = bed.end_later(me, true);
  EXPECT_FALSE(bed.markers.has_waiting()) << "a marker before the decision was durable";
  bed.log.flush();
  EXPECT_EQ(bed.state(), TxnState::kPrepareCommit);
  EXPECT_FALSE(answer->has_value());
  bed.markers.flush();
  EXPECT_EQ(*answer, ErrorCode::kNone);
  EXPECT_EQ(bed.state(), TxnState::kCompleteCommit);
  ASSERT_EQ(bed.markers.durable.size(), 2u);
  EXPECT_TRUE(bed.markers.durable[0].marker.is_commit);
  EXPECT_EQ(bed.markers.durable[0].producer.epoch, me.epoch);
  EXPECT_EQ(bed.markers.durable[1].partition, kTrades);
}

TEST(TxnCoordinator, the_next_transaction_begins_at_once_after_an_answered_end) {
  TxnTestBed bed;
  const auto me = bed.producer();
  for (const bool is_commit : {true, false, true}) {
    EXPECT_EQ(bed.add(me, {kTrades}), ErrorCode::kNone);
    const auto answer = bed.end_later(me, is_commit);
    bed.log.flush();
    bed.markers.flush();
    ASSERT_EQ(*answer, ErrorCode::kNone);
  }
  EXPECT_EQ(bed.markers.durable.size(), 3u);
}

TEST(TxnCoordinator, who_asks_while_it_is_being_completed_is_told_to_wait) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.add(me, {kTrades});
  bed.end_later(me, true);
  EXPECT_EQ(bed.end_later(me, true)->value(), ErrorCode::kConcurrentTransactions);
  bed.log.flush();
  EXPECT_EQ(bed.end_later(me, true)->value(), ErrorCode::kConcurrentTransactions);
  EXPECT_EQ(bed.end_later(me, false)->value(), ErrorCode::kInvalidTxnState);
  EXPECT_EQ(bed.add_later(me, {kQuotes})->value(), ErrorCode::kConcurrentTransactions);
  EXPECT_EQ(bed.may_write(me, kTrades), ErrorCode::kConcurrentTransactions);
  ErrorCode init = ErrorCode::kNone;
  bed.coordinator->init_producer_id(
      {"pipe", 1000, -1, -1},
      [&](const kafka::InitProducerIdResponse& response) { init = response.error_code; });
  EXPECT_EQ(init, ErrorCode::kConcurrentTransactions);
}

TEST(TxnCoordinator, an_end_that_is_asked_for_again_is_answered_the_same_and_no_other) {
  TxnTestBed bed;
  const auto me = bed.producer();
  EXPECT_EQ(bed.end(me, true), ErrorCode::kInvalidTxnState) << "there was none";
  bed.add(me, {kTrades});
  EXPECT_EQ(bed.end(me, true), ErrorCode::kNone);
  EXPECT_EQ(bed.end(me, true), ErrorCode::kNone);
  EXPECT_EQ(bed.end(me, false), ErrorCode::kInvalidTxnState);
  bed.add(me, {kTrades});
  EXPECT_EQ(bed.end(me, false), ErrorCode::kNone);
  EXPECT_EQ(bed.end(me, false), ErrorCode::kNone);
  EXPECT_EQ(bed.end(me, true), ErrorCode::kInvalidTxnState);
}

TEST(TxnCoordinator, a_new_producer_fences_the_old_one) {
  TxnTestBed bed;
  const auto old = bed.producer();
  const auto now = bed.producer();
  EXPECT_EQ(now.id, old.id);
  EXPECT_EQ(now.epoch, old.epoch + 1);
  EXPECT_EQ(bed.add(old, {kTrades}), ErrorCode::kProducerFenced);
  EXPECT_EQ(bed.end(old, true), ErrorCode::kProducerFenced);
  EXPECT_EQ(bed.may_write(old, kTrades), ErrorCode::kProducerFenced);
  EXPECT_EQ(bed.init(old).error_code, ErrorCode::kProducerFenced);
  EXPECT_EQ(bed.add({now.id + 1, 0}, {kTrades}), ErrorCode::kInvalidProducerIdMapping);
  EXPECT_EQ(bed.add(now, {kTrades}), ErrorCode::kNone);
}

TEST(TxnCoordinator, what_the_old_producer_left_open_is_aborted_under_an_epoch_of_its_own) {
  TxnTestBed bed;
  const auto old = bed.producer();
  bed.add(old, {kTrades});
  const auto answer = bed.init();
  EXPECT_EQ(answer.error_code, ErrorCode::kConcurrentTransactions);
  EXPECT_EQ(bed.state(), TxnState::kCompleteAbort);
  ASSERT_EQ(bed.markers.durable.size(), 1u);
  EXPECT_FALSE(bed.markers.durable[0].marker.is_commit);
  EXPECT_EQ(bed.markers.durable[0].producer.epoch, old.epoch + 1);
  EXPECT_EQ(bed.end(old, true), ErrorCode::kProducerFenced);
  EXPECT_EQ(bed.producer().epoch, old.epoch + 2);
}

TEST(TxnCoordinator, a_producer_that_says_who_it_was_goes_on_and_may_ask_twice) {
  TxnTestBed bed;
  const auto me = bed.producer();
  const auto next = bed.producer(me);
  EXPECT_EQ(next.epoch, me.epoch + 1);
  EXPECT_EQ(bed.producer(me).epoch, next.epoch) << "the answer was lost, it asks again";
  EXPECT_EQ(bed.producer(next).epoch, next.epoch + 1);
  EXPECT_EQ(bed.init(me).error_code, ErrorCode::kProducerFenced);
  EXPECT_EQ(bed.init({next.id + 1, 0}).error_code, ErrorCode::kProducerFenced);
}

TEST(TxnCoordinator, a_producer_whose_epochs_are_used_up_gets_a_new_id) {
  TxnTestBed bed;
  TxnMetadata stored;
  stored.producer_id = 7;
  stored.producer_epoch = TxnMetadata::kEpochExhausted - 1;
  bed.log.append({txn_record("pipe", stored)}, [](const auto&) {});
  bed.log.flush();
  bed.restart();
  const auto last = bed.producer();
  EXPECT_EQ(last.id, 7);
  EXPECT_EQ(last.epoch, TxnMetadata::kEpochExhausted);
  bed.add(last, {kTrades});
  const auto fresh = bed.producer();  // the fence takes the one epoch that was kept for it
  EXPECT_EQ(bed.markers.durable.at(0).producer.epoch, 0x7fff);
  EXPECT_EQ(fresh.id, 1000);
  EXPECT_EQ(fresh.epoch, 0);
}

TEST(TxnCoordinator, a_rotated_id_is_given_again_to_who_lost_the_answer) {
  TxnTestBed bed;
  TxnMetadata stored;
  stored.producer_id = 7;
  stored.producer_epoch = TxnMetadata::kEpochExhausted;
  bed.log.append({txn_record("pipe", stored)}, [](const auto&) {});
  bed.log.flush();
  bed.restart();
  const ProducerIdAndEpoch me{7, TxnMetadata::kEpochExhausted};
  const auto fresh = bed.producer(me);
  EXPECT_EQ(fresh.id, 1000);
  const auto again = bed.producer(me);
  EXPECT_EQ(again.id, 1000);
  EXPECT_EQ(again.epoch, 0);
}

TEST(TxnCoordinator, a_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.add(me, {kTrades});
  bed.advance(59'999ms);
  bed.add(me, {kQuotes});
  EXPECT_EQ(bed.state(), TxnState::kOngoing);
  EXPECT_EQ(bed.coordinator->next_deadline(), bed.clock.monotonic_now() + 1ms);
  bed.advance(1ms);
  bed.flush();
  EXPECT_EQ(bed.state(), TxnState::kCompleteAbort);
  EXPECT_EQ(bed.markers.durable.size(), 2u);
  EXPECT_EQ(bed.end(me, true), ErrorCode::kProducerFenced);
  bed.advance(120s);
  EXPECT_EQ(bed.markers.durable.size(), 2u);
}

TEST(TxnCoordinator, the_time_of_a_transaction_goes_on_over_a_restart) {
  TxnTestBed bed;
  bed.add(bed.producer(), {kTrades});
  bed.advance(50s);
  bed.restart();
  bed.advance(9'999ms);
  EXPECT_EQ(bed.state(), TxnState::kOngoing);
  bed.advance(1ms);
  bed.flush();
  EXPECT_EQ(bed.state(), TxnState::kCompleteAbort);
}

TEST(TxnCoordinator, timeouts_above_the_limit_and_senseless_requests_are_refused) {
  TxnTestBed bed;
  EXPECT_EQ(bed.init({}, 15 * 60'000).error_code, ErrorCode::kNone);
  EXPECT_EQ(bed.init({}, 15 * 60'000 + 1).error_code, ErrorCode::kInvalidTransactionTimeout);
  EXPECT_EQ(bed.init({}, 0).error_code, ErrorCode::kInvalidTransactionTimeout);
  EXPECT_EQ(bed.init({}, 1000, "").error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(bed.init({5, -1}).error_code, ErrorCode::kInvalidRequest);
}

TEST(TxnCoordinator, what_cannot_be_kept_is_refused_and_has_not_happened) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.log.is_failing = true;
  EXPECT_EQ(bed.init().error_code, ErrorCode::kCoordinatorNotAvailable);
  EXPECT_EQ(bed.add(me, {kTrades}), ErrorCode::kCoordinatorNotAvailable);
  bed.log.is_failing = false;
  EXPECT_EQ(bed.add(me, {kTrades}), ErrorCode::kNone);
  bed.log.is_failing = true;
  EXPECT_EQ(bed.end(me, true), ErrorCode::kCoordinatorNotAvailable);
  EXPECT_TRUE(bed.markers.durable.empty());
  bed.log.is_failing = false;
  EXPECT_EQ(bed.end(me, true), ErrorCode::kNone);
}

TEST(TxnCoordinator, a_fence_that_could_not_be_kept_takes_one_epoch_only) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.add(me, {kTrades});
  bed.log.is_failing = true;
  EXPECT_EQ(bed.init().error_code, ErrorCode::kCoordinatorNotAvailable);
  bed.log.is_failing = false;
  EXPECT_EQ(bed.init().error_code, ErrorCode::kConcurrentTransactions);
  EXPECT_EQ(bed.markers.durable.at(0).producer.epoch, me.epoch + 1);
}

TEST(TxnCoordinator, a_partition_that_takes_no_marker_is_tried_again_until_it_does) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.add(me, {kTrades, kQuotes});
  bed.markers.refusing = {kTrades};
  EXPECT_EQ(bed.end(me, true), ErrorCode::kNone) << "it is decided";
  EXPECT_EQ(bed.state(), TxnState::kPrepareCommit);
  EXPECT_EQ(bed.add(me, {kTrades}), ErrorCode::kConcurrentTransactions);
  bed.advance(1s);
  bed.flush();
  EXPECT_EQ(bed.state(), TxnState::kPrepareCommit);
  bed.markers.refusing = {};
  bed.advance(1s);
  bed.flush();
  EXPECT_EQ(bed.state(), TxnState::kCompleteCommit);
  EXPECT_EQ(bed.markers.durable.size(), 2u) << "the other one has got no second marker";
}

// Every step of a life, and a crash with only so much of the log on disk.
TEST(TxnCoordinator, a_crash_at_any_step_ends_in_what_was_decided_before_it) {
  constexpr size_t kSteps = 6;  // init, add, prepare commit, complete, add, prepare abort
  for (size_t kept = 0; kept <= kSteps; ++kept) {
    TxnTestBed bed;
    const auto me = bed.producer();
    bed.add(me, {kTrades});
    bed.end(me, true);
    bed.add(me, {kQuotes});
    bed.end_later(me, false);
    bed.log.flush();
    ASSERT_EQ(bed.log.durable_batches(), kSteps);
    bed.log.cut(kept);
    bed.markers.durable.clear();
    bed.restart();
    bed.flush();
    const TxnMetadata* const found = bed.coordinator->find("pipe");
    if (kept == 0) {
      EXPECT_EQ(found, nullptr);
      continue;
    }
    constexpr TxnState kExpected[] = {TxnState::kEmpty,          TxnState::kEmpty,
                                      TxnState::kOngoing,        TxnState::kCompleteCommit,
                                      TxnState::kCompleteCommit, TxnState::kOngoing,
                                      TxnState::kCompleteAbort};
    EXPECT_EQ(found->state, kExpected[kept]) << kept;
    const bool is_decided = kept == 3 || kept == 6;
    ASSERT_EQ(bed.markers.durable.size(), is_decided ? 1u : 0u) << kept;
    if (is_decided) {
      EXPECT_EQ(bed.markers.durable[0].marker.is_commit, kept == 3);
      EXPECT_EQ(bed.markers.durable[0].marker.coordinator_epoch, 1) << "that of the new start";
      EXPECT_EQ(bed.markers.durable[0].partition, kept == 3 ? kTrades : kQuotes);
    }
    // And whoever comes next can work.
    const auto next = bed.producer();
    EXPECT_EQ(bed.add(next, {kTrades}), ErrorCode::kNone);
    EXPECT_EQ(bed.end(next, true), ErrorCode::kNone);
  }
}

TEST(TxnCoordinator, a_crash_before_the_decision_was_durable_leaves_it_open) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.add(me, {kTrades});
  const auto answer = bed.end_later(me, true);
  bed.restart();
  EXPECT_FALSE(answer->has_value());
  EXPECT_EQ(bed.state(), TxnState::kOngoing);
  EXPECT_EQ(bed.end(me, false), ErrorCode::kNone) << "it was never committed";
}

TEST(TxnCoordinator, an_id_that_was_not_used_for_a_week_is_forgotten) {
  TxnTestBed bed;
  const auto me = bed.producer();
  for (int day = 0; day < 6; ++day)
    bed.advance(24h);
  bed.add(me, {kTrades});
  bed.end(me, true);
  for (int day = 0; day < 6; ++day)
    bed.advance(24h);
  bed.flush();
  EXPECT_NE(bed.coordinator->find("pipe"), nullptr);
  bed.advance(24h);
  bed.flush();
  EXPECT_EQ(bed.coordinator->find("pipe"), nullptr);
  bed.restart();
  EXPECT_EQ(bed.coordinator->find("pipe"), nullptr);
  EXPECT_EQ(bed.add(me, {kTrades}), ErrorCode::kInvalidProducerIdMapping);
}

TEST(TxnCoordinator, administrators_see_what_is_open) {
  TxnTestBed bed;
  const auto me = bed.producer();
  bed.init({}, 1000, "other");
  bed.add(me, {kTrades, kQuotes});
  const auto described = bed.coordinator->describe("pipe");
  EXPECT_EQ(described.error_code, ErrorCode::kNone);
  EXPECT_EQ(described.transaction_state, "Ongoing");
  EXPECT_EQ(described.transaction_timeout_ms, 60'000);
  EXPECT_EQ(described.transaction_start_time_ms, base::to_unix_ms(bed.clock.wall_now()));
  EXPECT_EQ(described.producer_id, me.id);
  ASSERT_EQ(described.topics.size(), 2u);
  EXPECT_EQ(described.topics[0].topic, "quotes");
  EXPECT_EQ(described.topics[0].partitions, std::vector<int32_t>{3});
  EXPECT_EQ(bed.coordinator->describe("none").error_code, ErrorCode::kTransactionalIdNotFound);
  EXPECT_EQ(bed.coordinator->describe("").error_code, ErrorCode::kInvalidRequest);

  const auto names = [&](const kafka::ListTransactionsRequest& request) {
    std::vector<std::string> found;
    for (const auto& one : bed.coordinator->list(request).transaction_states)
      found.push_back(one.transactional_id);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({}), (Names{"other", "pipe"}));
  EXPECT_EQ(names({{"Ongoing"}, {}, -1}), (Names{"pipe"}));
  EXPECT_EQ(names({{}, {me.id + 1}, -1}), (Names{"other"}));
  bed.clock.advance(5s);
  EXPECT_EQ(names({{"Ongoing"}, {}, 5000}), Names{});
  EXPECT_EQ(names({{"Ongoing"}, {}, 4999}), (Names{"pipe"}));
  EXPECT_EQ(bed.coordinator->list({{"Odd"}, {}, -1}).unknown_state_filters, (Names{"Odd"}));
}

TEST(TxnRecords, the_bytes_are_those_of_kafka) {
  TxnMetadata metadata;
  metadata.producer_id = 7;
  metadata.producer_epoch = 2;
  metadata.timeout_ms = 1000;
  metadata.state = TxnState::kOngoing;
  metadata.partitions = {{"t", 1}, {"t", 2}};
  metadata.update_ms = 9;
  metadata.start_ms = 8;
  const CoordinatorRecord record = txn_record("id", metadata);
  const std::string key("\0\0\0\2id", 6);
  const std::string value(
      "\0\0"
      "\0\0\0\0\0\0\0\7"
      "\0\2"
      "\0\0\3\xe8"
      "\1"
      "\0\0\0\1"
      "\0\1t"
      "\0\0\0\2"
      "\0\0\0\1"
      "\0\0\0\2"
      "\0\0\0\0\0\0\0\11"
      "\0\0\0\0\0\0\0\10",
      52);
  EXPECT_EQ(base::as_text(record.key), key);
  EXPECT_EQ(base::as_text(*record.value), value);
  EXPECT_EQ(*parse_txn_value(*record.value), metadata);
  EXPECT_EQ(**parse_txn_key(record.key), "id");
  for (size_t size = 0; size < value.size(); ++size) {
    EXPECT_FALSE(parse_txn_value(base::as_bytes(value).first(size))) << size;
  }
}

TEST(TxnRecords, keys_of_a_newer_release_are_passed_over_and_such_values_refused) {
  const std::string newer("\0\1\0\2id", 6);
  const auto key = parse_txn_key(base::as_bytes(newer));
  ASSERT_TRUE(key.has_value());
  EXPECT_FALSE(key->has_value());
  EXPECT_EQ(parse_txn_value(base::as_bytes(newer)).error().code, base::ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace ticklake::broker
