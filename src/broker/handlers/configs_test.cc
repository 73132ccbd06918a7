#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/broker_test_bed.h"
#include "broker/config/given_configs.h"
#include "broker/handlers/answers.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using testing::HasSubstr;
using Described = kafka::DescribeConfigsResponse::Result;
using Change = kafka::IncrementalAlterConfigsRequest::Resource::Config;

constexpr int8_t kTopicResource = 2;
constexpr int8_t kBrokerResource = 4;
constexpr int8_t kSet = 0;
constexpr int8_t kDelete = 1;
constexpr int8_t kAppend = 2;
constexpr int8_t kSubtract = 3;

Described describe(BrokerTestBed& bed, int8_t type, const std::string& name,
                   std::vector<std::string> keys = {}) {
  kafka::DescribeConfigsRequest request;
  request.resources.push_back({type, name, std::move(keys)});
  request.include_synonyms = true;
  return answer(*bed.broker, Access::unrestricted(), request).results.at(0);
}

std::string value_of(BrokerTestBed& bed, const std::string& name) {
  const Described described = describe(bed, kTopicResource, "trades", {name});
  EXPECT_EQ(described.configs.size(), 1u) << name;
  return described.configs.at(0).value.value_or("null");
}

kafka::IncrementalAlterConfigsResponse::Resource change(BrokerTestBed& bed,
                                                        std::vector<Change> changes,
                                                        bool validate_only = false) {
  kafka::IncrementalAlterConfigsRequest request;
  request.resources.push_back({kTopicResource, "trades", std::move(changes)});
  request.validate_only = validate_only;
  return answer(*bed.broker, Access::unrestricted(), request).responses.at(0);
}

TEST(Configs, a_topic_tells_every_config_and_where_its_value_comes_from) {
  BrokerTestBed bed;
  bed.make_topic("trades", 1, {{"retention.ms", "1000"}});
  const Described all = describe(bed, kTopicResource, "trades");
  EXPECT_EQ(all.error_code, ErrorCode::kNone);
  EXPECT_EQ(all.configs.size(), topic_configs().size());
  const Described some = describe(bed, kTopicResource, "trades", {"retention.ms", "segment.bytes"});
  ASSERT_EQ(some.configs.size(), 2u);
  EXPECT_EQ(some.configs[0].value, "1000");
  EXPECT_EQ(some.configs[0].config_source, 1);  // set for the topic
  EXPECT_EQ(some.configs[0].config_type, 5);    // a long
  ASSERT_EQ(some.configs[0].synonyms.size(), 2u);
  EXPECT_EQ(some.configs[0].synonyms[1].name, "log.retention.ms");
  EXPECT_EQ(some.configs[1].value, "1073741824");
  EXPECT_EQ(some.configs[1].config_source, 5);  // a default
  EXPECT_EQ(some.configs[1].synonyms.size(), 1u);
}

TEST(Configs, the_broker_tells_its_own_and_no_other_brokers) {
  BrokerTestBed bed;
  const Described some = describe(bed, kBrokerResource, "1", {"num.partitions", "broker.id"});
  ASSERT_EQ(some.configs.size(), 2u);
  EXPECT_EQ(some.configs[1].value, "1");
  EXPECT_TRUE(some.configs[1].read_only);
  EXPECT_EQ(describe(bed, kBrokerResource, "2").error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(describe(bed, 99, "x").error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(describe(bed, kTopicResource, "none").error_code, ErrorCode::kUnknownTopicOrPartition);
}

TEST(Configs, a_change_acts_at_once_and_is_there_after_a_crash) {
  BrokerTestBed bed;
  bed.make_topic("trades", 2);
  EXPECT_EQ(change(bed, {{"max.message.bytes", kSet, "500"}}).error_code, ErrorCode::kNone);
  EXPECT_EQ(bed.log("trades", 1).settings().batch_bytes_max, 500);
  bed.crash();
  bed.start();
  EXPECT_EQ(bed.log("trades", 1).settings().batch_bytes_max, 500);
  EXPECT_EQ(value_of(bed, "max.message.bytes"), "500");
  EXPECT_EQ(change(bed, {{"max.message.bytes", kDelete, {}}}).error_code, ErrorCode::kNone);
  EXPECT_EQ(value_of(bed, "max.message.bytes"), "1048588");
}

TEST(Configs, elements_are_added_to_lists_and_taken_from_them) {
  BrokerTestBed bed;
  bed.make_topic("trades");
  EXPECT_EQ(change(bed, {{"cleanup.policy", kAppend, "compact"}}).error_code, ErrorCode::kNone);
  EXPECT_EQ(value_of(bed, "cleanup.policy"), "delete,compact");
  EXPECT_EQ(change(bed, {{"cleanup.policy", kSubtract, "delete"}}).error_code, ErrorCode::kNone);
  EXPECT_EQ(value_of(bed, "cleanup.policy"), "compact");
  EXPECT_FALSE(bed.log("trades").settings().is_deleting);
  EXPECT_EQ(change(bed, {{"retention.ms", kAppend, "5"}}).error_code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(change(bed, {{"cleanup.policy", kSubtract, "compact"}}).error_code,
            ErrorCode::kInvalidConfig);
}

TEST(Configs, what_is_unknown_or_does_not_fit_is_refused_by_name_and_changes_nothing) {
  BrokerTestBed bed;
  bed.make_topic("trades");
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"retention.msec", "1"},
           {"retention.ms", "soon"},
           {"retention.ms", "-2"},
           {"min.insync.replicas", "2"},
           {"min.cleanable.dirty.ratio", "1.5"},
           {"cleanup.policy", "shred"},
           {"compression.type", "rar"},
           {"preallocate", "perhaps"},
           {"message.format.version", "1\ntopic evil AAAAAAAAAAAAAAAAAAAAAA 1"}}) {
    const auto refused = change(bed, {{"segment.bytes", kSet, "1000"}, {name, kSet, value}});
    EXPECT_EQ(refused.error_code, ErrorCode::kInvalidConfig) << name;
    EXPECT_THAT(refused.error_message.value_or(""), HasSubstr(name));
    EXPECT_EQ(value_of(bed, "segment.bytes"), "1073741824");
  }
  EXPECT_EQ(change(bed, {{"retention.ms", kSet, {}}}).error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(change(bed, {{"retention.ms", 9, "1"}}).error_code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(change(bed, {{"retention.ms", kSet, "1"}, {"retention.ms", kSet, "2"}}).error_code,
            ErrorCode::kInvalidRequest);
}

TEST(Configs, a_question_is_answered_and_changes_nothing) {
  BrokerTestBed bed;
  bed.make_topic("trades");
  EXPECT_EQ(change(bed, {{"retention.ms", kSet, "1"}}, true).error_code, ErrorCode::kNone);
  EXPECT_EQ(change(bed, {{"retention.ms", kSet, "x"}}, true).error_code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(value_of(bed, "retention.ms"), "604800000");
}

TEST(Configs, alter_configs_replaces_all_that_were_set) {
  BrokerTestBed bed;
  bed.make_topic("trades", 1, {{"segment.bytes", "1000"}});
  kafka::AlterConfigsRequest request;
  request.resources.push_back({kTopicResource, "trades", {{"retention.ms", "5"}}});
  EXPECT_EQ(answer(*bed.broker, Access::unrestricted(), request).responses.at(0).error_code,
            ErrorCode::kNone);
  EXPECT_EQ(value_of(bed, "retention.ms"), "5");
  EXPECT_EQ(value_of(bed, "segment.bytes"), "1073741824");
  request.resources.push_back(request.resources[0]);
  EXPECT_EQ(answer(*bed.broker, Access::unrestricted(), request).responses.at(0).error_code,
            ErrorCode::kInvalidRequest);
  request.resources = {{kBrokerResource, "1", {{"log.retention.ms", "5"}}}};
  EXPECT_EQ(answer(*bed.broker, Access::unrestricted(), request).responses.at(0).error_code,
            ErrorCode::kInvalidRequest);
  request.resources = {{kTopicResource, "none", {}}};
  EXPECT_EQ(answer(*bed.broker, Access::unrestricted(), request).responses.at(0).error_code,
            ErrorCode::kUnknownTopicOrPartition);
}

TEST(Configs, a_shorter_retention_takes_the_active_segment_too) {
  BrokerTestBed bed;
  bed.make_topic("trades");
  bed.append("trades", {.count = 3, .timestamp_ms = bed.now_ms()});
  bed.sync();
  bed.clock.advance(std::chrono::seconds{2});
  bed.logs->apply_retention(bed.now_ms());
  EXPECT_EQ(bed.log("trades").start_offset(), 0);
  change(bed, {{"retention.ms", kSet, "1000"}});
  EXPECT_TRUE(bed.broker->take_retention_request());
  EXPECT_FALSE(bed.broker->take_retention_request());
  bed.logs->apply_retention(bed.now_ms());
  EXPECT_EQ(bed.log("trades").start_offset(), 3);
  EXPECT_EQ(bed.log("trades").size_bytes(), 0u);
  EXPECT_EQ(bed.append("trades", {}), 3);
}

TEST(Configs, flush_messages_asks_for_a_sync_of_what_is_only_in_the_page_cache) {
  BrokerTestBed bed;
  bed.make_topic("trades", 1, {{"flush.messages", "3"}});
  bed.append("trades", {.count = 2});
  EXPECT_TRUE(bed.broker->take_sync_jobs().empty());
  bed.append("trades", {.count = 1});
  EXPECT_EQ(bed.broker->take_sync_jobs().size(), 1u);
}

TEST(Configs, flush_ms_asks_for_a_sync_when_the_time_is_over) {
  BrokerTestBed bed;
  bed.make_topic("trades", 1, {{"flush.ms", "1000"}});
  bed.append("trades", {});
  bed.clock.advance(std::chrono::milliseconds{999});
  bed.broker->sync_flush_due();
  EXPECT_TRUE(bed.broker->take_sync_jobs().empty());
  bed.clock.advance(std::chrono::milliseconds{1});
  bed.broker->sync_flush_due();
  EXPECT_EQ(bed.broker->take_sync_jobs().size(), 1u);
}

NodeOptions options_with(const std::vector<std::pair<std::string, std::string>>& configs) {
  std::vector<GivenConfig> given;
  for (const auto& [name, value] : configs)
    given.push_back({name, value, "here"});
  NodeOptions options;
  EXPECT_TRUE(apply_configs(given, options).has_value());
  return options;
}

TEST(Configs, what_the_broker_was_given_acts_on_topics_without_a_config_of_their_own) {
  BrokerTestBed bed(
      options_with({{"message.max.bytes", "500"}, {"log.cleanup.policy", "compact"}}));
  bed.make_topic("trades");
  bed.make_topic("own", 1, {{"max.message.bytes", "600"}});
  for (int restarts = 0; restarts < 2; ++restarts) {
    EXPECT_EQ(bed.log("trades").settings().batch_bytes_max, 500);
    EXPECT_EQ(bed.log("own").settings().batch_bytes_max, 600);
    const Described found = describe(bed, kTopicResource, "own", {"max.message.bytes"});
    ASSERT_EQ(found.configs.at(0).synonyms.size(), 3u);
    EXPECT_EQ(found.configs[0].config_source, 1);
    EXPECT_EQ(found.configs[0].synonyms[1].name, "message.max.bytes");
    EXPECT_EQ(found.configs[0].synonyms[1].value, "500");
    EXPECT_EQ(found.configs[0].synonyms[1].source, 4);
    EXPECT_EQ(found.configs[0].synonyms[2].value, "1048588");
    bed.restart();
  }
  EXPECT_EQ(change(bed, {{"cleanup.policy", kAppend, "delete"}}).error_code, ErrorCode::kNone);
  EXPECT_EQ(value_of(bed, "cleanup.policy"), "compact,delete");
  EXPECT_EQ(change(bed, {{"cleanup.policy", kDelete, {}}}).error_code, ErrorCode::kNone);
  EXPECT_FALSE(bed.log("trades").settings().is_deleting);
}

TEST(Configs, a_producer_is_forgotten_after_the_time_that_the_broker_was_given) {
  BrokerTestBed bed(options_with({{"producer.id.expiration.ms", "1000"}}));
  bed.make_topic("trades");
  bed.append("trades", {.producer_id = 7, .producer_epoch = 0, .base_sequence = 0});
  bed.clock.advance(std::chrono::milliseconds{1000});
  bed.logs->apply_retention(bed.now_ms());
  EXPECT_FALSE(bed.log("trades").producers().empty());
  bed.clock.advance(std::chrono::milliseconds{1});
  bed.logs->apply_retention(bed.now_ms());
  EXPECT_TRUE(bed.log("trades").producers().empty());
}

}  // namespace
}  // namespace ticklake::broker
