#include "sink/sink.h"

#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/kafka_flags.h"
#include "cli/message_flags.h"
#include "cli/quantities.h"
#include "lake/local_object_store.h"
#include "table/database.h"

namespace ticklake::cli {
namespace {

struct SinkFlags {
  KafkaFlags kafka;
  std::vector<std::string> topics;
  std::string lake;
  std::string group = "ticklake-sink";
  std::string format = "parquet";
  uint64_t flush_rows = 1'000'000;
  std::string flush_age = "60s";
  std::string flush_bytes = "128MiB";
  int64_t rows_per_file = 0;
  bool until_end = false;
  MessageFlags messages;
};

base::Result<sink::SinkOptions> options_of(const SinkFlags& flags, base::FileSystem& files) {
  sink::SinkOptions options;
  options.brokers = flags.kafka.kafka;
  TICKLAKE_ASSIGN(options.settings, client_settings(flags.kafka));
  TICKLAKE_ASSIGN(options.security, kafka::client_security(options.settings, files));
  options.topics = flags.topics;
  options.group = flags.group;
  options.until_end = flags.until_end;
  options.flush.rows_max = flags.flush_rows;
  options.flush.rows_per_file = flags.rows_per_file;
  TICKLAKE_ASSIGN(options.flush.age_max, parse_duration(flags.flush_age));
  TICKLAKE_ASSIGN(options.flush.bytes_max, parse_bytes(flags.flush_bytes));
  if (flags.format == "json") options.encoding = lake::Encoding::kJsonLines;
  return options;
}

/// The first partition that stopped, as the outcome of the command.
base::Result<void> outcome_of(const sink::SinkStats& stats) {
  for (const sink::PartitionStats& partition : stats.partitions) {
    if (partition.error.empty()) continue;
    return base::fail(
        base::ErrorCode::kCorrupt,
        fmt::format("{}/{} was not read to its end", partition.topic, partition.partition),
        partition.error);
  }
  return {};
}

base::Result<void> run_sink(const SinkFlags& flags) {
  const Interruption interruption;
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(sink::SinkOptions options, options_of(flags, files));
  TICKLAKE_ASSIGN(const MessageOptions messages, message_options(flags.messages, files));
  const auto registry = make_registry(messages);
  options.decoding = messages.decoding;
  options.registry = registry.get();
  const base::SystemClock clock;
  const auto log = base::make_stderr_logger(spdlog::level::info);
  TICKLAKE_TRY(connect(flags.kafka));
  TICKLAKE_ASSIGN(const base::Path folder, lake::local_lake_path(flags.lake));
  TICKLAKE_ASSIGN(const auto store, lake::LocalObjectStore::open(
                                        files, folder, lake::LocalObjectStore::Access::kReadWrite,
                                        base::entropy_seed()));
  TICKLAKE_ASSIGN(table::Database database, table::Database::open({}));
  TICKLAKE_ASSIGN(const auto sink,
                  sink::Sink::start(std::move(options), database, *store, clock, *log, {}));
  const base::MonotonicTime start = clock.monotonic_now();
  sink->run(interruption.token());
  const std::chrono::duration<double> elapsed = clock.monotonic_now() - start;
  const sink::SinkStats stats = sink->stats();
  fmt::print(stderr, "{} rows sunk to {} in {:.2f} s", stats.rows_visible, store->location(),
             elapsed.count());
  if (stats.dead_letters > 0) fmt::print(stderr, ", {} dead letters", stats.dead_letters);
  if (stats.dead_letters_kept > 0) {
    fmt::print(stderr, " ({} of them in the lake)", stats.dead_letters_kept);
  }
  if (stats.passed_over > 0) fmt::print(stderr, ", {} passed over", stats.passed_over);
  fmt::print(stderr, "\n");
  return outcome_of(stats);
}

}  // namespace

void add_sink_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<SinkFlags>();
  CLI::App* const command =
      app.add_subcommand("sink", "Topics of any Kafka to a lake, each record exactly once");
  add_kafka_flags(*command, flags->kafka);
  command->add_option("--topic", flags->topics, "topic; may be given several times")
      ->required()
      ->type_name("NAME");
  command->add_option("--lake", flags->lake, "folder or file:// URL")->required();
  command->add_option("--group", flags->group, "consumer group")->capture_default_str();
  command->add_option("--format", flags->format, "of the files")
      ->capture_default_str()
      ->check(CLI::IsMember({"parquet", "json"}));
  command->add_option("--flush-rows", flags->flush_rows, "rows that make files")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--flush-age", flags->flush_age, "how long a row waits for its file at most")
      ->capture_default_str()
      ->type_name("DURATION");
  command->add_option("--flush-bytes", flags->flush_bytes, "bytes of JSON that make files")
      ->capture_default_str()
      ->type_name("SIZE");
  command->add_option("--rows-per-file", flags->rows_per_file, "1: one file a message")
      ->check(CLI::PositiveNumber);
  add_message_flags(*command, flags->messages);
  command->add_flag("--until-end", flags->until_end, "stop after what the topics hold now");
  command->callback([flags, &action] { action = [flags] { return run_sink(*flags); }; });
}

}  // namespace ticklake::cli
