#include "broker/config/given_configs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/broker_configs.h"
#include "broker/config/refused_configs.h"
#include "broker/config/static_config.h"

namespace ticklake::broker {
namespace {

using testing::HasSubstr;
using testing::Not;
using Pairs = std::vector<std::pair<std::string, std::string>>;

base::Result<NodeOptions> options_of(const Pairs& pairs) {
  std::vector<GivenConfig> given;
  for (const auto& [name, value] : pairs)
    given.push_back({name, value, "here"});
  NodeOptions options;
  TICKLAKE_TRY(apply_configs(given, options));
  return options;
}

std::string error_of(const Pairs& pairs) {
  const auto options = options_of(pairs);
  return options ? "none" : base::to_text(options.error());
}

LogSettings topic_settings(const Pairs& pairs) {
  const auto options = options_of(pairs);
  EXPECT_TRUE(options.has_value());
  return default_log_settings(options->topic_defaults, {}).value();
}

ConfigValue told(const NodeOptions& options, const std::string& name) {
  for (ConfigValue& value : configs_of(options)) {
    if (value.name == name) return value;
  }
  return {};
}

/// Another value than the default that the config may have.
std::string other_value(const StaticConfig& config) {
  const std::string value = config.read(NodeOptions{});
  switch (config.rule.type) {
    case ConfigType::kBoolean: return value == "true" ? "false" : "true";
    case ConfigType::kDouble: return "0.25";
    case ConfigType::kString:
    case ConfigType::kList: {
      const auto values = config_list(config.rule.one_of);
      return values.front() == value ? values.back() : values.front();
    }
    default: break;
  }
  // Near the default, so that what has to be less than another stays so.
  if (value.empty()) return "7";
  const int64_t number = std::stoll(value);
  if (config.rule.min == config.rule.max) return value;
  return std::to_string(number > config.rule.min ? number - 1 : number + 1);
}

TEST(GivenConfigs, each_stands_in_the_options_and_is_told_with_its_source) {
  for (const StaticConfig& config : static_configs()) {
    const std::string name(config.rule.name);
    const std::string value = other_value(config);
    const auto options = options_of({{name, value}});
    ASSERT_TRUE(options.has_value()) << name << ": " << base::to_text(options.error());
    EXPECT_EQ(config.read(*options), value) << name;
    const ConfigValue found = told(*options, name);
    EXPECT_EQ(found.value, value) << name;
    EXPECT_EQ(found.type, config.rule.type) << name;
    EXPECT_EQ(found.source, ConfigSource::kStaticBroker) << name;
    EXPECT_TRUE(found.is_read_only) << name;
    ASSERT_EQ(found.synonyms.size(), config.is_told_if_given_only ? 1u : 2u) << name;
    EXPECT_EQ(found.synonyms.back().source,
              config.is_told_if_given_only ? ConfigSource::kStaticBroker : ConfigSource::kDefault)
        << name;
    const ConfigValue otherwise = told(NodeOptions{}, name);
    EXPECT_NE(otherwise.source, ConfigSource::kStaticBroker) << name;
    if (config.is_told_if_given_only || config.rule.min == config.rule.max) continue;
    EXPECT_NE(otherwise.value, value) << name << " has a default that is not told";
  }
}

TEST(GivenConfigs, those_of_topics_are_the_defaults_of_every_topic) {
  const LogSettings settings = topic_settings({{"log.cleanup.policy", "compact , delete"},
                                               {"compression.type", "zstd"},
                                               {"message.max.bytes", "2000"},
                                               {"log.segment.bytes", "5000"},
                                               {"log.roll.ms", "17"},
                                               {"log.retention.bytes", "70000"},
                                               {"log.flush.interval.messages", "3"},
                                               {"log.flush.interval.ms", "4"},
                                               {"log.message.timestamp.type", "LogAppendTime"},
                                               {"log.message.timestamp.before.max.ms", "5"},
                                               {"log.message.timestamp.after.max.ms", "6"},
                                               {"log.cleaner.delete.retention.ms", "7"},
                                               {"log.cleaner.min.cleanable.ratio", "0.75"},
                                               {"log.cleaner.min.compaction.lag.ms", "8"},
                                               {"log.cleaner.max.compaction.lag.ms", "9"}});
  EXPECT_TRUE(settings.is_compacted && settings.is_deleting);
  EXPECT_EQ(settings.codec, kafka::Codec::kZstd);
  EXPECT_EQ(settings.batch_bytes_max, 2000);
  EXPECT_EQ(settings.segment_bytes, 5000u);
  EXPECT_EQ(settings.segment_ms, 17);
  EXPECT_EQ(settings.retention_bytes, 70'000);
  EXPECT_EQ(settings.flush_messages, 3);
  EXPECT_EQ(settings.flush_ms, 4);
  EXPECT_EQ(settings.timestamp_type, kafka::TimestampType::kLogAppendTime);
  EXPECT_EQ(settings.timestamp_before_max_ms, 5);
  EXPECT_EQ(settings.timestamp_after_max_ms, 6);
  EXPECT_EQ(settings.delete_retention_ms, 7);
  EXPECT_EQ(settings.dirty_ratio_min, 0.75);
  EXPECT_EQ(settings.compaction_lag_min_ms, 8);
  EXPECT_EQ(settings.compaction_lag_max_ms, 9);
}

TEST(GivenConfigs, ms_count_before_minutes_and_minutes_before_hours) {
  EXPECT_EQ(topic_settings({}).retention_ms, 604'800'000);
  EXPECT_EQ(topic_settings({{"log.retention.hours", "2"}}).retention_ms, 7'200'000);
  EXPECT_EQ(
      topic_settings({{"log.retention.minutes", "3"}, {"log.retention.hours", "2"}}).retention_ms,
      180'000);
  EXPECT_EQ(topic_settings({{"log.retention.ms", "4"}, {"log.retention.hours", "2"}}).retention_ms,
            4);
  EXPECT_EQ(topic_settings({{"log.retention.hours", "-1"}}).retention_ms, -1);
  EXPECT_EQ(topic_settings({{"log.roll.hours", "2"}}).segment_ms, 7'200'000);
  EXPECT_EQ(topic_settings({{"log.roll.hours", "2"}, {"log.roll.ms", "5"}}).segment_ms, 5);

  const auto options = options_of({{"log.retention.hours", "2"}, {"log.retention.minutes", "3"}});
  const auto values =
      configs_of(Topic{"trades", {}, {{"segment.ms", "1"}}, {}}, options->topic_defaults);
  const auto found = std::ranges::find(values, "retention.ms", &ConfigValue::name);
  EXPECT_EQ(found->value, "180000");
  EXPECT_EQ(found->source, ConfigSource::kStaticBroker);
  ASSERT_EQ(found->synonyms.size(), 3u);
  EXPECT_EQ(found->synonyms[0].name, "log.retention.minutes");
  EXPECT_EQ(found->synonyms[1].name, "log.retention.hours");
  EXPECT_EQ(found->synonyms[2].source, ConfigSource::kDefault);
  EXPECT_EQ(told(*options, "log.retention.ms").value, "180000");
  EXPECT_EQ(told(*options, "log.retention.hours").value, "2");
  EXPECT_EQ(told(NodeOptions{}, "log.retention.hours").value, "168");
  EXPECT_EQ(told(NodeOptions{}, "log.retention.minutes").name, "");
}

TEST(GivenConfigs, values_are_read_as_kafka_reads_them) {
  EXPECT_FALSE(options_of({{"auto.create.topics.enable", " False "}})->broker.auto_create_topics);
  EXPECT_EQ(options_of({{"num.partitions", " +4 "}})->broker.default_partitions, 4);
  EXPECT_EQ(options_of({{"sasl.enabled.mechanisms", "PLAIN, PLAIN ,SCRAM-SHA-256"}})
                ->authentication.mechanisms,
            (std::vector<std::string>{"PLAIN", "SCRAM-SHA-256"}));
  EXPECT_THAT(error_of({{"compression.type", "zstd "}}), HasSubstr("'zstd '"));
}

TEST(GivenConfigs, of_a_name_that_is_given_twice_the_last_counts) {
  EXPECT_EQ(
      options_of({{"num.partitions", "no"}, {"num.partitions", "3"}})->broker.default_partitions,
      3);
}

TEST(GivenConfigs, what_is_out_of_its_range_is_refused_with_the_range) {
  for (const auto& [name, value, expected] : std::vector<std::array<std::string, 3>>{
           {"num.partitions", "0", "from 1 to 10000"},
           {"num.partitions", "4x", "from 1 to 10000"},
           {"num.partitions", "", "from 1 to 10000"},
           {"num.partitions", "99999999999999999999", "from 1 to 10000"},
           {"default.replication.factor", "3", "from 1 to 1"},
           {"min.insync.replicas", "2", "from 1 to 1"},
           {"auto.create.topics.enable", "yes", "true or false"},
           {"log.retention.ms", "0", "-1, for ever, or at least 1"},
           {"log.retention.hours", "0", "-1, for ever, or at least 1"},
           {"log.cleanup.policy", "", "some of compact,delete"},
           {"log.cleaner.min.cleanable.ratio", "1.5", "from 0 to 1"},
           {"compression.type", "rar", "one of"},
           {"sasl.enabled.mechanisms", "GSSAPI", "some of SCRAM-SHA-512"},
           {"connections.max.idle.ms", "9223372036854775807", "to 3153600000000"},
           {"group.consumer.assignors", "best", "some of uniform,range"}}) {
    const std::string error = error_of({{name, value}});
    EXPECT_THAT(error, HasSubstr("here: invalid value '" + value + "' for " + name));
    EXPECT_THAT(error, HasSubstr(expected));
  }
}

TEST(GivenConfigs, values_that_do_not_go_together_are_refused) {
  EXPECT_THAT(error_of({{"group.min.session.timeout.ms", "9999999"}}),
              HasSubstr("group.min.session.timeout.ms (9999999) has to be at most "
                        "group.max.session.timeout.ms (1800000)"));
  EXPECT_THAT(error_of({{"group.consumer.heartbeat.interval.ms", "45000"}}),
              HasSubstr("has to be less than group.consumer.session.timeout.ms (45000)"));
  EXPECT_THAT(error_of({{"socket.request.max.bytes", "1000000000"}}),
              HasSubstr("queued.max.request.bytes"));
  EXPECT_EQ(error_of({{"group.consumer.heartbeat.interval.ms", "45000"},
                      {"group.consumer.session.timeout.ms", "45001"}}),
            "none");
}

TEST(GivenConfigs, all_that_cannot_be_given_is_named_at_once_with_what_to_do) {
  const std::string error = error_of({{"process.roles", "broker,controller"},
                                      {"num.partitions", "3"},
                                      {"log.dirs", "/srv/kafka"},
                                      {"ssl.keystore.password", "sesame"},
                                      {"listeners", "PLAINTEXT://:9092"},
                                      {"nmu.partitions", "3"},
                                      {"of.nobody", "3"}});
  EXPECT_THAT(error, HasSubstr("6 of 7 broker settings"));
  EXPECT_THAT(error, HasSubstr("here: process.roles: it is about a cluster"));
  EXPECT_THAT(error, HasSubstr("log.dirs: it is a flag here; use --data FOLDER"));
  EXPECT_THAT(error, HasSubstr("--kafka-listen PROTOCOL://HOST:PORT"));
  EXPECT_THAT(error, HasSubstr("write num.partitions"));
  EXPECT_THAT(error, HasSubstr("of.nobody: Kafka's brokers have no such setting; remove it"));
  EXPECT_THAT(error, Not(HasSubstr("sesame"))) << "a secret";
}

TEST(GivenConfigs, a_file_full_of_nonsense_has_an_error_of_bounded_length) {
  Pairs pairs;
  for (int i = 0; i < 20'000; ++i)
    pairs.emplace_back("nonsense." + std::to_string(i) + "\x1b[31m" + std::string(1000, 'x'), "1");
  const std::string error = error_of(pairs);
  EXPECT_THAT(error, HasSubstr("20000 of 20000"));
  EXPECT_THAT(error, Not(HasSubstr("\x1b")));
  EXPECT_LT(error.size(), 100'000u);
}

TEST(GivenConfigs, no_name_is_both_taken_and_refused) {
  for (const RefusedConfig& refused : refused_configs())
    EXPECT_EQ(find_static_config(refused.name), nullptr) << refused.name;
  EXPECT_EQ(find_refused_config("num.partitions"), nullptr);
  EXPECT_EQ(find_refused_config("compression.type"), nullptr);
  EXPECT_NE(find_refused_config("compression.zstd.level"), nullptr);
  EXPECT_EQ(find_refused_config("replica"), nullptr);
  EXPECT_NE(find_refused_config("replica.lag.time.max.ms"), nullptr);
}

}  // namespace
}  // namespace ticklake::broker
