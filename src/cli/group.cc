#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/kafka_flags.h"
#include "cli/listing.h"
#include "kafka/group_admin.h"
#include "kafka/topic_admin.h"
#include "market/time_text.h"

namespace ticklake::cli {
namespace {

using kafka::TopicPartition;
using Offsets = std::map<TopicPartition, int64_t>;

struct Flags {
  KafkaFlags kafka;
  std::string group;
  bool with_members = false;
  std::vector<std::string> topics;
  bool to_earliest = false;
  bool to_latest = false;
  std::optional<int64_t> to_offset;
  std::optional<int64_t> shift_by;
  std::string to_time;
  bool execute = false;
};

base::Result<void> list(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(const auto groups, kafka::list_groups(*admin));
  Listing listing({{"group"}, {"state"}});
  for (const kafka::GroupListing& group : groups)
    listing.add({group.id, group.state});
  listing.print(flags.kafka.output);
  return {};
}

base::Result<void> print_members(const kafka::GroupDescription& group, const Flags& flags) {
  Listing listing({{"member"}, {"instance"}, {"client"}, {"host"}, {"partitions", true}});
  for (const kafka::GroupMember& member : group.members) {
    listing.add({member.id, member.instance_id, member.client_id, member.host,
                 std::to_string(member.partitions.size())});
  }
  listing.print(flags.kafka.output);
  return {};
}

/// DescribeGroups calls a group of KIP-848 dead, and librdkafka 2.0 has no other request. The list
/// of groups has its state; its members stay unknown.
base::Result<bool> is_of_newer_protocol(const kafka::Admin& admin, kafka::GroupDescription& group,
                                        const std::string& id) {
  if (group.state != "Dead") return false;
  TICKLAKE_ASSIGN(const auto groups, kafka::list_groups(admin));
  const auto found = std::ranges::find(groups, id, &kafka::GroupListing::id);
  if (found == groups.end() || found->state == "Dead") return false;
  group.state = found->state;
  return true;
}

/// Partitions with an offset, and those that a member reads and has none yet.
base::Result<void> describe(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(auto group, kafka::describe_group(*admin, flags.group));
  TICKLAKE_ASSIGN(const bool is_newer, is_of_newer_protocol(*admin, group, flags.group));
  TICKLAKE_ASSIGN(const Offsets offsets, kafka::group_offsets(*admin, flags.group));
  if (group.state == "Dead" && offsets.empty()) {
    return base::fail(base::ErrorCode::kNotFound, "there is no group '" + flags.group + "'", "",
                      "ticklake group list");
  }
  if (flags.with_members && is_newer) {
    return base::fail(base::ErrorCode::kUnsupported,
                      "cannot list the members of the group '" + flags.group + "'",
                      "they use the protocol of KIP-848, which librdkafka 2.0 cannot describe",
                      "ticklake group describe " + flags.group);
  }
  if (flags.with_members) return print_members(group, flags);
  std::map<TopicPartition, const kafka::GroupMember*> owners;
  for (const auto& [id, offset] : offsets)
    owners[id] = nullptr;
  for (const kafka::GroupMember& member : group.members) {
    for (const TopicPartition& id : member.partitions)
      owners[id] = &member;
  }
  Listing listing(
      {{"topic"}, {"partition", true}, {"offset", true}, {"end", true}, {"lag", true}, {"member"}});
  for (const auto& [id, owner] : owners) {
    TICKLAKE_ASSIGN(const auto marks, admin->watermarks(id.topic, id.partition));
    const auto offset = offsets.find(id);
    const bool is_known = offset != offsets.end();
    listing.add({id.topic, std::to_string(id.partition),
                 is_known ? std::to_string(offset->second) : "", std::to_string(marks.end),
                 is_known ? std::to_string(marks.end - offset->second) : "",
                 owner == nullptr ? "" : owner->id});
  }
  if (flags.kafka.output == "table") {
    const std::string members = is_newer ? "members unknown (KIP-848)"
                                         : fmt::format("{} member{}", group.members.size(),
                                                       group.members.size() == 1 ? "" : "s");
    fmt::print("group {} · {} · {}{}\n\n", flags.group, group.state, members,
               group.assignor.empty() ? "" : " · " + group.assignor);
    std::fflush(stdout);
  }
  listing.print(flags.kafka.output);
  return {};
}

/// Of the topics named ("trades" or "trades:0"), or of all that the group has an offset of.
base::Result<std::vector<TopicPartition>> partitions_to_reset(const kafka::Admin& admin,
                                                              const Flags& flags,
                                                              const Offsets& current) {
  std::vector<TopicPartition> partitions;
  for (const std::string& text : flags.topics) {
    const size_t colon = text.rfind(':');
    TICKLAKE_ASSIGN(const auto topic, kafka::describe_topic(admin, text.substr(0, colon)));
    for (const kafka::PartitionDescription& partition : topic.partitions) {
      const bool is_meant =
          colon == std::string::npos || text.substr(colon + 1) == std::to_string(partition.id);
      if (is_meant) partitions.push_back({topic.name, partition.id});
    }
  }
  if (flags.topics.empty()) {
    for (const auto& [id, offset] : current)
      partitions.push_back(id);
  }
  if (!partitions.empty()) return partitions;
  return base::fail(base::ErrorCode::kNotFound, "no partition to reset",
                    "the group has no offsets, or the topics no such partition",
                    "name them: --topic NAME or --topic NAME:PARTITION");
}

base::Result<Offsets> new_offsets(kafka::Admin& admin, const Flags& flags,
                                  const std::vector<TopicPartition>& partitions,
                                  const Offsets& current) {
  if (!flags.to_time.empty()) {
    const auto time = market::parse_rfc3339(flags.to_time);
    if (!time) {
      return base::fail(base::ErrorCode::kInvalidArgument, "'" + flags.to_time + "' is no time", "",
                        "write it as in 2026-11-24T09:30:00Z");
    }
    return kafka::offsets_for_time(admin, partitions, *time);
  }
  Offsets offsets;
  for (const TopicPartition& id : partitions) {
    TICKLAKE_ASSIGN(const auto marks, admin.watermarks(id.topic, id.partition));
    int64_t wanted = flags.to_earliest ? marks.begin : marks.end;
    if (flags.to_offset) wanted = *flags.to_offset;
    if (flags.shift_by) {
      const auto found = current.find(id);
      wanted = (found == current.end() ? marks.begin : found->second) + *flags.shift_by;
    }
    offsets[id] = std::clamp(wanted, marks.begin, marks.end);
  }
  return offsets;
}

base::Result<void> reset(const Flags& flags) {
  const int ways = flags.to_earliest + flags.to_latest + flags.to_offset.has_value() +
                   flags.shift_by.has_value() + !flags.to_time.empty();
  if (ways != 1) {
    return base::fail(base::ErrorCode::kInvalidArgument, "say once where to", "",
                      "one of --to-earliest, --to-latest, --to-offset, --to-time, --shift-by");
  }
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(const Offsets current, kafka::group_offsets(*admin, flags.group));
  TICKLAKE_ASSIGN(const auto partitions, partitions_to_reset(*admin, flags, current));
  TICKLAKE_ASSIGN(const Offsets offsets, new_offsets(*admin, flags, partitions, current));
  if (flags.execute) TICKLAKE_TRY(kafka::set_group_offsets(*admin, flags.group, offsets));
  Listing listing({{"topic"}, {"partition", true}, {"offset", true}, {"new offset", true}});
  for (const auto& [id, offset] : offsets) {
    const auto now = current.find(id);
    listing.add({id.topic, std::to_string(id.partition),
                 now == current.end() ? "" : std::to_string(now->second), std::to_string(offset)});
  }
  listing.print(flags.kafka.output);
  if (!flags.execute) std::fputs("nothing was changed; add --execute to do it\n", stderr);
  return {};
}

base::Result<void> remove(const Flags& flags) {
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_TRY(kafka::delete_group(*admin, flags.group));
  fmt::print(stderr, "group {} deleted\n", flags.group);
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

void add_group_name(CLI::App& command, Flags& flags) {
  command.add_option("group", flags.group, "the group")->required()->type_name("NAME");
}

}  // namespace

void add_group_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& group = *app.add_subcommand("group", "Consumer groups of any Kafka");
  group.require_subcommand(1);

  CLI::App* command = add(group, "list", "Name all groups", flags, action, list);
  add_output_flag(*command, flags->kafka);

  command = add(group, "describe", "Offsets and lag by partition", flags, action, describe);
  add_group_name(*command, *flags);
  add_output_flag(*command, flags->kafka);
  command->add_flag("--members", flags->with_members, "the members instead");

  command = add(group, "reset", "Move a group's offsets; without --execute only show them", flags,
                action, reset);
  add_group_name(*command, *flags);
  add_output_flag(*command, flags->kafka);
  command->add_option("--topic", flags->topics, "default: all that the group has offsets of")
      ->type_name("NAME[:PARTITION]")
      ->allow_extra_args(false);
  command->add_flag("--to-earliest", flags->to_earliest, "to the first record");
  command->add_flag("--to-latest", flags->to_latest, "to the end");
  command->add_option("--to-offset", flags->to_offset, "to this one")->type_name("N");
  command->add_option("--shift-by", flags->shift_by, "forward, or back if negative")
      ->type_name("N");
  command->add_option("--to-time", flags->to_time, "to the first record of that time or later")
      ->type_name("TIME");
  command->add_flag("--execute", flags->execute, "do it; the group must have no members");

  command = add(group, "delete", "Delete a group that has no members", flags, action, remove);
  add_group_name(*command, *flags);
}

}  // namespace ticklake::cli
