#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "cli/kafka_flags.h"
#include "cli/listing.h"
#include "kafka/topic_admin.h"

namespace ticklake::cli {
namespace {

struct Flags {
  KafkaFlags kafka;
  std::string topic;
  int32_t partitions = 0;
  int32_t replication_factor = kafka::NewTopic::kAsBrokersAllow;
  std::vector<std::string> configs;
  std::vector<std::string> deleted_configs;
  bool with_internal = false;
  bool with_defaults = false;
  int32_t partition = -1;
  int64_t before = -1;
};

base::Result<void> list(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(const auto topics, kafka::list_topics(*admin));
  Listing listing({{"topic"}, {"partitions", true}, {"replicas", true}});
  for (const kafka::TopicDescription& topic : topics) {
    if (!flags.with_internal && topic.name.starts_with("__")) continue;
    const size_t replicas = topic.partitions.empty() ? 0 : topic.partitions[0].replicas.size();
    listing.add({topic.name, std::to_string(topic.partitions.size()), std::to_string(replicas)});
  }
  listing.print(flags.kafka.output);
  return {};
}

base::Result<void> create(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  kafka::NewTopic topic{flags.topic, std::max(flags.partitions, 1), flags.replication_factor, {}};
  for (const std::string& text : flags.configs) {
    TICKLAKE_ASSIGN(auto config, parse_assignment(text));
    topic.configs.insert(std::move(config));
  }
  TICKLAKE_TRY(kafka::create_topic(*admin, topic));
  fmt::print(stderr, "topic {} created with {} partition{}\n", topic.name, topic.partitions,
             topic.partitions == 1 ? "" : "s");
  return {};
}

base::Result<void> print_configs(const kafka::Admin& admin, const Flags& flags) {
  TICKLAKE_ASSIGN(const auto configs, kafka::describe_topic_configs(admin, flags.topic));
  Listing listing({{"config"}, {"value"}, {"set on the topic"}});
  for (const kafka::ConfigValue& config : configs) {
    if (!config.is_set_on_topic && !flags.with_defaults) continue;
    listing.add(
        {config.name, config.value.value_or("(secret)"), config.is_set_on_topic ? "yes" : "no"});
  }
  if (listing.is_empty()) return {};
  std::fputs("\n", stdout);
  listing.print(flags.kafka.output);
  return {};
}

base::Result<void> describe(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(const auto topic, kafka::describe_topic(*admin, flags.topic));
  Listing listing({{"partition", true},
                   {"leader", true},
                   {"replicas"},
                   {"in sync"},
                   {"first offset", true},
                   {"end offset", true}});
  for (const kafka::PartitionDescription& partition : topic.partitions) {
    TICKLAKE_ASSIGN(const auto marks, admin->watermarks(topic.name, partition.id));
    listing.add({std::to_string(partition.id),
                 partition.leader < 0 ? "" : std::to_string(partition.leader),
                 fmt::format("{}", fmt::join(partition.replicas, ",")),
                 fmt::format("{}", fmt::join(partition.in_sync, ",")), std::to_string(marks.begin),
                 std::to_string(marks.end)});
  }
  listing.print(flags.kafka.output);
  return print_configs(*admin, flags);
}

base::Result<void> alter(const Flags& flags) {
  if (flags.partitions == 0 && flags.configs.empty() && flags.deleted_configs.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "nothing to alter", "",
                      "give --partitions, --config or --delete-config");
  }
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  std::map<std::string, std::optional<std::string>> changes;
  for (const std::string& text : flags.configs) {
    TICKLAKE_ASSIGN(auto config, parse_assignment(text));
    changes[config.first] = config.second;
  }
  for (const std::string& name : flags.deleted_configs)
    changes[name] = std::nullopt;
  TICKLAKE_TRY(kafka::describe_topic(*admin, flags.topic));
  if (!changes.empty()) TICKLAKE_TRY(kafka::alter_topic_configs(*admin, flags.topic, changes));
  if (flags.partitions > 0) {
    TICKLAKE_TRY(kafka::set_partition_count(*admin, flags.topic, flags.partitions));
  }
  fmt::print(stderr, "topic {} altered\n", flags.topic);
  return {};
}

base::Result<void> remove(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_TRY(kafka::delete_topic(*admin, flags.topic));
  fmt::print(stderr, "topic {} deleted\n", flags.topic);
  return {};
}

base::Result<void> remove_records(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(const auto topic, kafka::describe_topic(*admin, flags.topic));
  std::map<int32_t, int64_t> before;
  for (const kafka::PartitionDescription& partition : topic.partitions) {
    if (flags.partition < 0 || flags.partition == partition.id) before[partition.id] = flags.before;
  }
  TICKLAKE_ASSIGN(const auto starts, kafka::delete_records(*admin, flags.topic, before));
  Listing listing({{"partition", true}, {"first offset", true}});
  for (const auto& [partition, offset] : starts)
    listing.add({std::to_string(partition), std::to_string(offset)});
  listing.print(flags.kafka.output);
  return {};
}

using Run = base::Result<void> (*)(const Flags&);

CLI::App* add(CLI::App& parent, const char* name, const char* what,
              const std::shared_ptr<Flags>& flags, Action& action, Run run) {
  CLI::App* const command = parent.add_subcommand(name, what);
  add_kafka_flags(*command, flags->kafka);
  command->callback([flags, run, &action] { action = [flags, run] { return run(*flags); }; });
  return command;
}

void add_topic_name(CLI::App& command, Flags& flags) {
  command.add_option("topic", flags.topic, "the topic")->required()->type_name("NAME");
}

void add_configs(CLI::App& command, Flags& flags) {
  command.add_option("--config", flags.configs, "topic configuration, may be given again")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

}  // namespace

void add_topic_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& topic = *app.add_subcommand("topic", "Topics of any Kafka");
  topic.require_subcommand(1);

  CLI::App* command = add(topic, "list", "Name all topics", flags, action, list);
  add_output_flag(*command, flags->kafka);
  command->add_flag("--internal", flags->with_internal, "also those that begin with __");

  command = add(topic, "create", "Make a topic", flags, action, create);
  add_topic_name(*command, *flags);
  command->add_option("--partitions", flags->partitions, "how many; default 1")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--replication-factor", flags->replication_factor,
                   "how many copies; default: as many as there are brokers, at most 3, and then "
                   "min.insync.replicas=2; -1: as the cluster does")
      ->check(CLI::Range(-1, 1'000));
  add_configs(*command, *flags);

  command =
      add(topic, "describe", "Partitions, offsets and configuration", flags, action, describe);
  add_topic_name(*command, *flags);
  add_output_flag(*command, flags->kafka);
  command->add_flag("--all", flags->with_defaults, "also what is not set on the topic");

  command = add(topic, "alter", "Change configuration, add partitions", flags, action, alter);
  add_topic_name(*command, *flags);
  command->add_option("--partitions", flags->partitions, "how many in all, more than there are")
      ->check(CLI::PositiveNumber);
  add_configs(*command, *flags);
  command->add_option("--delete-config", flags->deleted_configs, "back to the default")
      ->type_name("NAME")
      ->allow_extra_args(false);

  command = add(topic, "delete", "Delete a topic and its records", flags, action, remove);
  add_topic_name(*command, *flags);

  command = add(topic, "delete-records", "Delete records from the start on", flags, action,
                remove_records);
  add_topic_name(*command, *flags);
  add_output_flag(*command, flags->kafka);
  command->add_option("--before", flags->before, "offset of the first record to keep; -1: none")
      ->capture_default_str();
  command->add_option("--partition", flags->partition, "only this one");
}

}  // namespace ticklake::cli
