#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/kafka_flags.h"
#include "cli/lake_commands.h"
#include "cli/lake_store.h"
#include "kafka/topic_ids.h"
#include "lake/chain.h"
#include "lake/repair.h"
#include "lake/schema.h"
#include "lake/table_names.h"

namespace ticklake::cli {
namespace {

constexpr std::chrono::milliseconds kAnswerWait{10'000};

struct Flags {
  KafkaFlags kafka;
  std::string lake = kDefaultLake;
  std::string table;
  std::string topic;
  int32_t partition = 0;
  bool is_sure = false;
};

/// What the broker has of the partition, and of which generation of the topic.
struct BrokerSide {
  std::string generation;  ///< empty: it has no such topic
  lake::HeldOffsets held;
};

base::Result<BrokerSide> ask_broker(const Flags& flags) {
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(const int32_t partitions, admin->partition_count(flags.topic));
  if (flags.partition >= partitions) return BrokerSide{};
  TICKLAKE_ASSIGN(const kafka::ClientSettings settings, client_settings(flags.kafka));
  TICKLAKE_ASSIGN(const kafka::ClientSecurity security, kafka::client_security(settings, files));
  TICKLAKE_ASSIGN(const base::Uuid id,
                  kafka::fetch_topic_id(flags.kafka.kafka, flags.topic, kAnswerWait, security));
  TICKLAKE_ASSIGN(const kafka::Watermarks marks, admin->watermarks(flags.topic, flags.partition));
  return BrokerSide{id.is_zero() ? "0" : id.text(), {marks.begin, marks.end}};
}

base::Result<std::vector<lake::ChainId>> chains_of(lake::ObjectStore& store, const Flags& flags) {
  const std::string folder = lake::table_name(flags.topic);
  TICKLAKE_ASSIGN(const auto names, lake::read_table_names(store, {folder}));
  if (!lake::same_name(names.at(folder), flags.table)) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("the topic {} is not in the table {}", flags.topic, flags.table),
                      "its table is " + names.at(folder), "ticklake lake ls");
  }
  TICKLAKE_ASSIGN(auto chains, lake::list_chains(store, folder));
  std::erase_if(chains, [&](const lake::ChainId& chain) {
    return chain.topic != flags.topic || chain.partition != flags.partition;
  });
  if (chains.empty()) {
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("there is nothing of {}/{} in {}", flags.topic, flags.partition,
                                  store.location()),
                      "no sink has committed anything of it", "ticklake lake stats");
  }
  return chains;
}

void print_step(const lake::ChainId& chain, const lake::RepairStep& step) {
  if (step.bridge) {
    fmt::print("{}: offsets [{}, {}) are given up: {}\n", chain.text(), step.gap.start,
               step.gap.end, step.gap.reason);
    return;
  }
  for (const lake::LostFile& file : step.gap.files) {
    fmt::print("{}: {} rows of offsets [{}, {}) are given up with {}: {}\n", chain.text(),
               file.rows, step.gap.start, step.gap.end, file.key, step.gap.reason);
  }
}

bool is_confirmed() {
  if (::isatty(STDIN_FILENO) != 1) return false;
  fmt::print(stderr, "They cannot be had back. Write gap records? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y";
}

base::Result<void> repair(const Flags& flags) {
  base::PosixFileSystem files;
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(const auto reading, open_lake_store(files, flags.lake, LakeAccess::kRead));
  TICKLAKE_ASSIGN(const auto chains, chains_of(*reading, flags));
  TICKLAKE_ASSIGN(const BrokerSide broker, ask_broker(flags));
  std::vector<std::pair<lake::ChainId, lake::RepairStep>> steps;
  for (const lake::ChainId& id : chains) {
    TICKLAKE_ASSIGN(const lake::SurveyedChain chain, lake::survey_chain(*reading, id));
    const auto held =
        id.generation == broker.generation ? std::optional(broker.held) : std::nullopt;
    TICKLAKE_ASSIGN(auto planned, lake::plan_repair(*reading, chain, held, clock.wall_now()));
    for (lake::RepairStep& step : planned) {
      print_step(id, step);
      steps.emplace_back(id, std::move(step));
    }
  }
  std::fflush(stdout);
  if (steps.empty()) {
    fmt::print("{}/{}: nothing is lost\n", flags.topic, flags.partition);
    return {};
  }
  if (!flags.is_sure && !is_confirmed()) {
    fmt::print(stderr, "nothing was written; --yes writes it\n");
    return {};
  }
  TICKLAKE_ASSIGN(const auto store, open_lake_store(files, flags.lake, LakeAccess::kWrite));
  for (const auto& [id, step] : steps) {
    TICKLAKE_TRY(lake::carry_out(*store, id, step));
    fmt::print("written: {}\n", lake::gap_key(id, step.gap.start));
  }
  return {};
}

}  // namespace

void add_lake_repair_command(CLI::App& parent, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *parent.add_subcommand(
      "repair", "Give up what the broker lost before it was in files, so that a partition goes on");
  add_kafka_flags(command, flags->kafka);
  command.add_option("table", flags->table, "as SQL calls it")->required()->type_name("TABLE");
  command.add_option("--lake", flags->lake, "folder or file:// URL")->capture_default_str();
  command.add_option("--topic", flags->topic, "of the partition")->required()->type_name("NAME");
  command.add_option("--partition", flags->partition, "its number")
      ->required()
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command.add_flag("--yes", flags->is_sure,
                   "write gap records; without it they are shown, and asked for on a terminal");
  command.callback([flags, &action] { action = [flags] { return repair(*flags); }; });
}

}  // namespace ticklake::cli
