#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/csv_flags.h"
#include "cli/feed_inspect.h"
#include "cli/feed_poll.h"
#include "cli/feed_progress.h"
#include "cli/interruption.h"
#include "cli/kafka_flags.h"
#include "feed/inputs.h"
#include "feed/replay.h"
#include "feed/sample.h"
#include "feed/simulation.h"

namespace ticklake::cli {
namespace {

/// The flags of the three kinds of feed, as they were typed.
struct Flags {
  std::string file;
  std::vector<std::string> more_files;
  std::string merge = "name";
  std::string json_path;
  KafkaFlags kafka;
  std::string topic;
  int32_t partitions = 1;
  std::string key, time_column, time_format, speed, rate;
  CsvFlagTexts csv;
  bool json = false;
  bool loop = false;
  bool from_start = false;
  size_t symbols = 100;
  uint64_t seed = 1;
  uint64_t count = 0;
};

std::optional<std::string> optional_text(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

base::Result<feed::Pace> pace_of(const Flags& flags, feed::Pace otherwise) {
  if (!flags.rate.empty()) return feed::Pace::parse_rate(flags.rate);
  if (!flags.speed.empty()) return feed::Pace::parse_speed(flags.speed);
  return otherwise;
}

base::Result<feed::Target> target_of(const Flags& flags, const std::string& topic) {
  feed::Target target;
  target.brokers = flags.kafka.kafka;
  TICKLAKE_ASSIGN(target.settings, client_settings(flags.kafka));
  target.topic = flags.topic.empty() ? topic : flags.topic;
  target.partitions = flags.partitions;
  return target;
}

base::Result<feed::RowOptions> rows_of(const Flags& flags) {
  feed::RowOptions options{.file = flags.file,
                           .key_column = optional_text(flags.key),
                           .time_column = optional_text(flags.time_column),
                           .time_format = optional_text(flags.time_format),
                           .json_path = optional_text(flags.json_path)};
  TICKLAKE_ASSIGN(options.csv, csv_flags_of(flags.csv));
  return options;
}

/// Every file that the arguments mean. The topic's name is the file's, so several have none.
base::Result<std::vector<feed::Input>> inputs_of(const Flags& flags, base::FileSystem& files) {
  std::vector<std::string> arguments = {flags.file};
  arguments.insert(arguments.end(), flags.more_files.begin(), flags.more_files.end());
  TICKLAKE_ASSIGN(auto inputs, feed::find_inputs(arguments, files));
  const bool has_name =
      arguments.size() == 1 && arguments[0].find_first_of("*?[") == std::string::npos;
  if (flags.topic.empty() && !has_name) {
    return base::fail(base::ErrorCode::kInvalidArgument, "several files have no topic",
                      "only one file or folder gives a topic its name", "give --topic NAME");
  }
  return inputs;
}

/// Where a command takes one file, which may be one of a folder or an archive.
base::Result<feed::RowOptions> rows_of_one(const Flags& flags, base::FileSystem& files) {
  TICKLAKE_ASSIGN(feed::RowOptions options, rows_of(flags));
  TICKLAKE_ASSIGN(const auto inputs, feed::find_inputs({flags.file}, files));
  if (inputs.size() != 1) {
    return base::fail(base::ErrorCode::kInvalidArgument, "this command takes one file",
                      flags.file + " means several", "name one of them");
  }
  options.file = inputs[0].file;
  options.member = inputs[0].member;
  return options;
}

void print_bad_rows(const feed::RowCounts& counts) {
  if (counts.blank_rows > 0)
    fmt::print(stderr, "blank lines passed over: {}\n", with_separators(counts.blank_rows));
  if (counts.bad.count() == 0) return;
  fmt::print(stderr, "bad rows left out: {}\n", with_separators(counts.bad.count()));
  for (const feed::BadRow& row : counts.bad.first())
    fmt::print(stderr, "  line {}: {}: {}\n", row.line, row.reason, row.text);
  if (counts.bad.count() > counts.bad.first().size()) fmt::print(stderr, "  …\n");
}

/// Runs a started feed to its end with progress shown, and says what it did.
template <typename Feed>
base::Result<void> run_feed(Feed& feed, const std::string& topic, std::optional<uint64_t> expected,
                            const base::Clock& clock, const Interruption& interruption) {
  const base::MonotonicTime start = clock.monotonic_now();
  base::Result<void> outcome;
  {
    const FeedProgress progress(topic, expected, clock, [&] { return feed.stats(); });
    outcome = feed.run(interruption.token());
  }
  const feed::FeedStats stats = feed.stats();
  const std::chrono::duration<double> elapsed = clock.monotonic_now() - start;
  fmt::print(stderr, "{} records acknowledged in topic {}, {:.1f} s",
             with_separators(stats.acknowledged), topic, elapsed.count());
  if (stats.skipped > 0)
    fmt::print(stderr, "; {} were there before", with_separators(stats.skipped));
  fmt::print(stderr, "\n");
  return outcome;
}

base::Result<void> replay(const Flags& flags) {
  const Interruption interruption;
  const base::SystemClock clock;
  base::PosixFileSystem files;
  const auto logger = base::make_null_logger();
  feed::ReplayOptions options;
  TICKLAKE_ASSIGN(options.target, target_of(flags, feed::topic_name_of(flags.file)));
  TICKLAKE_ASSIGN(options.rows, rows_of(flags));
  TICKLAKE_ASSIGN(options.inputs, inputs_of(flags, files));
  options.merge = flags.merge == "time" ? feed::Merge::kTime : feed::Merge::kName;
  options.loop = flags.loop;
  options.resume = !flags.from_start;
  TICKLAKE_ASSIGN(options.pace, pace_of(flags, feed::Pace{}));
  const std::string topic = options.target.topic;
  TICKLAKE_ASSIGN(const auto feed, feed::Replay::start(std::move(options), files, clock, *logger));
  if (const std::string taken = one_line(feed->findings()); !taken.empty())
    fmt::print(stderr, "{}\n", taken);
  auto outcome = run_feed(*feed, topic, std::nullopt, clock, interruption);
  print_bad_rows(feed->counts());
  return outcome;
}

base::Result<void> sample(const Flags& flags) {
  const Interruption interruption;
  const base::SystemClock clock;
  base::PosixFileSystem files;
  feed::SampleOptions options;
  TICKLAKE_ASSIGN(options.target, target_of(flags, feed::topic_name_of(flags.file)));
  TICKLAKE_ASSIGN(options.rows, rows_of_one(flags, files));
  options.seed = flags.seed;
  TICKLAKE_ASSIGN(options.pace, pace_of(flags, feed::Pace::at_rate(1)));
  const std::string topic = options.target.topic;
  TICKLAKE_ASSIGN(const auto feed, feed::Sample::start(std::move(options), files, clock));
  print_bad_rows(feed->counts());
  return run_feed(*feed, topic, std::nullopt, clock, interruption);
}

base::Result<void> simulate(const Flags& flags) {
  const Interruption interruption;
  const base::SystemClock clock;
  feed::SimulationOptions options;
  TICKLAKE_ASSIGN(options.target, target_of(flags, "trades"));
  options.symbols = flags.symbols;
  options.seed = flags.seed;
  if (flags.count > 0) options.count = flags.count;
  TICKLAKE_ASSIGN(options.pace, pace_of(flags, feed::Pace::at_rate(1000)));
  const std::string topic = options.target.topic;
  const auto expected = options.count;
  TICKLAKE_ASSIGN(const auto feed, feed::Simulation::start(std::move(options), clock));
  return run_feed(*feed, topic, expected, clock, interruption);
}

void add_target_flags(CLI::App& command, Flags& flags, const std::string& default_topic) {
  add_kafka_flags(command, flags.kafka);
  command.add_option("--topic", flags.topic, "topic; default: " + default_topic)->type_name("NAME");
  command.add_option("--partitions", flags.partitions, "partitions of a topic that is made")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
}

void add_row_flags(CLI::App& command, Flags& flags) {
  command
      .add_option("file", flags.file, "CSV (any columns), JSON lines, JSON or Parquet; also packed")
      ->required()
      ->type_name("FILE");
  command.add_option("--key", flags.key, "column whose value is the record's key")
      ->type_name("COLUMN");
  command
      .add_option("--time-column", flags.time_column,
                  "column that has the time of a row, or two: day, time of day")
      ->type_name("COLUMN[,COLUMN]");
  command
      .add_option("--time-format", flags.time_format,
                  "iso, s, ms, us, ns or a pattern such as '%d/%m/%Y %H:%M:%S'")
      ->type_name("FORMAT");
  command
      .add_option("--json-path", flags.json_path,
                  "where in a JSON document the rows are: $.data.items, $['Time Series']")
      ->type_name("PATH");
  add_csv_flags(command, flags.csv);
}

}  // namespace

void add_feed_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command = app.add_subcommand("feed", "Produce market data to any Kafka");
  command->require_subcommand(1);

  CLI::App* const replaying = command->add_subcommand("replay", "Send the rows of a file");
  add_row_flags(*replaying, *flags);
  replaying
      ->add_option("files", flags->more_files,
                   "more of them; also folders, patterns in quotes, FILE.zip/MEMBER")
      ->type_name("FILE");
  replaying
      ->add_option("--merge", flags->merge,
                   "several files: one after the other by name, or all by time")
      ->check(CLI::IsMember({"name", "time"}))
      ->capture_default_str();
  add_target_flags(*replaying, *flags, "the file's name");
  auto* const speed = replaying->add_option("--speed", flags->speed,
                                            "by the rows' times: real, 10x, or max (the default)");
  replaying->add_option("--rate", flags->rate, "rows a second, minute or hour: 1000/s, 30/m, max")
      ->excludes(speed);
  replaying->add_flag("--loop", flags->loop, "begin again at the end, for ever");
  replaying->add_flag("--from-start", flags->from_start,
                      "send all rows, also those that an earlier run has sent");
  replaying->callback([flags, &action] { action = [flags] { return replay(*flags); }; });

  CLI::App* const sampling = command->add_subcommand("sample", "Send random rows of a file");
  add_row_flags(*sampling, *flags);
  add_target_flags(*sampling, *flags, "the file's name");
  sampling->add_option("--rate", flags->rate, "rows a second, minute or hour; default 1/s");
  sampling->add_option("--seed", flags->seed, "of the random choice")->capture_default_str();
  sampling->callback([flags, &action] { action = [flags] { return sample(*flags); }; });

  CLI::App* const simulating = command->add_subcommand("simulate", "Send simulated trades");
  add_target_flags(*simulating, *flags, "trades");
  simulating->add_option("--rate", flags->rate,
                         "trades a second on average, or max; default 1000/s");
  simulating->add_option("--symbols", flags->symbols, "how many")->capture_default_str();
  simulating->add_option("--seed", flags->seed, "the same seed gives the same trades")
      ->capture_default_str();
  simulating->add_option("--count", flags->count, "stop after so many trades; 0: never")
      ->capture_default_str();
  simulating->callback([flags, &action] { action = [flags] { return simulate(*flags); }; });

  CLI::App* const inspecting =
      command->add_subcommand("inspect", "Show how a file would be read, and why");
  add_row_flags(*inspecting, *flags);
  inspecting->add_flag("--json", flags->json, "as one JSON object");
  inspecting->callback([flags, &action] {
    action = [flags]() -> base::Result<void> {
      base::PosixFileSystem files;
      TICKLAKE_ASSIGN(const feed::RowOptions options, rows_of_one(*flags, files));
      return inspect_feed_file(options, flags->json);
    };
  });
  CLI::App* const listing =
      command->add_subcommand("formats", "List the public files that are known by their layout");
  listing->add_flag("--json", flags->json, "one JSON object a line");
  listing->callback(
      [flags, &action] { action = [flags] { return list_feed_formats(flags->json); }; });

  add_feed_poll_command(*command, action);
}

}  // namespace ticklake::cli
