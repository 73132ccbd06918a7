#include "cli/feed_poll.h"

#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/split.h"
#include "base/url.h"
#include "cli/feed_progress.h"
#include "cli/interruption.h"
#include "cli/kafka_flags.h"
#include "cli/quantities.h"
#include "feed/pace.h"
#include "feed/poll.h"
#include "feed/poll_store.h"

namespace ticklake::cli {
namespace {

constexpr uint64_t kHeaderFileBytesMax = 64 << 10;

/// As they were typed.
struct Flags {
  std::string url;
  KafkaFlags kafka;
  std::string topic, name;
  int32_t partitions = 1;
  std::string every = "1s";
  std::string back_off_max = "60s";
  std::string answer_max = "64MiB";
  std::string header_file;
  std::string json_path;
  std::vector<std::string> columns;
  std::string dedupe_by, key_column, time_column;
  bool newest_first = false;
  std::string next_link, cursor_param, cursor_path;
  std::string cursor_is = "since";
  uint64_t pages_max = 10;
  uint64_t count = 0;
  size_t remember = feed::SeenRows::kCountDefault;
};

base::Result<feed::PollOptions> options_of(const Flags& flags) {
  feed::PollOptions options;
  options.url = flags.url;
  options.topic = flags.topic;
  TICKLAKE_ASSIGN(options.every, parse_duration(flags.every));
  TICKLAKE_ASSIGN(options.back_off_max, parse_duration(flags.back_off_max));
  TICKLAKE_ASSIGN(options.answer_bytes_max, parse_bytes(flags.answer_max));
  if (!flags.header_file.empty()) {
    base::PosixFileSystem files;
    TICKLAKE_ASSIGN(const std::string text,
                    base::read_text(files, flags.header_file, kHeaderFileBytesMax));
    TICKLAKE_ASSIGN(options.secrets, feed::parse_poll_secrets(text, flags.header_file));
  }
  options.rows.json_path = flags.json_path;
  for (const std::string& column : flags.columns) {
    TICKLAKE_ASSIGN(auto assignment, parse_assignment(column));
    options.rows.columns.push_back(std::move(assignment));
  }
  if (!flags.dedupe_by.empty()) {
    for (const std::string_view name : base::split(flags.dedupe_by, ','))
      options.rows.dedupe_by.emplace_back(name);
  }
  options.rows.key_column = flags.key_column;
  options.rows.time_column = flags.time_column;
  options.rows.is_newest_first = flags.newest_first;
  options.next_link = flags.next_link;
  options.cursor_param = flags.cursor_param;
  options.cursor_path = flags.cursor_path;
  options.cursor_kind =
      flags.cursor_is == "page" ? feed::CursorKind::kPage : feed::CursorKind::kSince;
  options.pages_max = flags.pages_max;
  options.count = flags.count;
  return options;
}

void print_summary(const feed::PollStats& stats, const std::string& topic, double seconds) {
  fmt::print(stderr,
             "{} new rows in topic {}, {:.1f} s: {} polls, {} of them unchanged; {} failed tries; "
             "{} rows were known\n",
             with_separators(stats.rows), topic, seconds, with_separators(stats.polls),
             with_separators(stats.unchanged), with_separators(stats.failures),
             with_separators(stats.duplicates));
}

base::Result<void> poll(const Flags& flags) {
  const Interruption interruption;
  const base::SystemClock clock;
  const auto logger = base::make_stderr_logger(spdlog::level::info);
  TICKLAKE_ASSIGN(feed::PollOptions options, options_of(flags));
  // A flag that is wrong is told before a broker is asked for.
  TICKLAKE_TRY(feed::PollRowReader::make(options.rows));
  feed::Target target;
  target.brokers = flags.kafka.kafka;
  TICKLAKE_ASSIGN(target.settings, client_settings(flags.kafka));
  target.topic = flags.topic;
  target.partitions = flags.partitions;
  const std::string name = flags.name.empty() ? flags.topic : flags.name;
  TICKLAKE_ASSIGN(const auto store, feed::PollStore::start(target, name, flags.remember, *logger));
  feed::PollWorld world{
      .send = base::send_http,
      .commit = [&store](std::span<const kafka::OutgoingRecord> records,
                         const std::stop_token& stop) { return store->commit(records, stop); },
      .wait =
          [&clock](std::chrono::nanoseconds duration, const std::stop_token& stop) {
            feed::wait_until(clock, clock.monotonic_now() + duration, stop);
          },
      .clock = clock,
      .logger = *logger,
      .seed = base::entropy_seed(),
      .state_topic = feed::PollStore::state_topic_of(name)};
  TICKLAKE_ASSIGN(feed::Poller poller, feed::Poller::make(std::move(options), std::move(world),
                                                          store->position(), store->seen()));
  logger->info("{} polls {} every {} into topic {}; {} rows were sent before", name,
               base::url_without_query(flags.url), flags.every, flags.topic,
               with_separators(poller.position().rows_sent));
  const base::MonotonicTime start = clock.monotonic_now();
  auto outcome = poller.run(interruption.token());
  const std::chrono::duration<double> elapsed = clock.monotonic_now() - start;
  print_summary(poller.stats(), flags.topic, elapsed.count());
  return outcome;
}

void add_target_flags(CLI::App& command, Flags& flags) {
  command.add_option("url", flags.url, "http:// or https://; no secrets: see --header-file")
      ->required()
      ->type_name("URL");
  add_kafka_flags(command, flags.kafka);
  command.add_option("--topic", flags.topic, "where the rows go")->required()->type_name("NAME");
  command.add_option("--partitions", flags.partitions, "partitions of a topic that is made")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  command
      .add_option("--name", flags.name,
                  "of this poller: where it stands is kept under it, and of two with one name the "
                  "newer goes on; default: the topic")
      ->type_name("NAME");
  command.add_option("--every", flags.every, "how often")
      ->capture_default_str()
      ->type_name("DURATION");
  command.add_option("--count", flags.count, "end after so many polls; 0: never")
      ->capture_default_str();
  command
      .add_option("--header-file", flags.header_file,
                  "file of 'Name: value' lines; '?name: value' goes into the address")
      ->type_name("FILE");
  command.add_option("--back-off-max", flags.back_off_max, "longest wait between failed tries")
      ->capture_default_str()
      ->type_name("DURATION");
  command.add_option("--answer-max", flags.answer_max, "largest answer, decompressed")
      ->capture_default_str()
      ->type_name("SIZE");
}

void add_row_flags(CLI::App& command, Flags& flags) {
  command
      .add_option("--json-path", flags.json_path,
                  "where the rows are, as in $.data[*]; default: the one array of the answer")
      ->type_name("PATH");
  command
      .add_option("--map", flags.columns,
                  "a column and its place in the row (p.q, [0]), in the answer ($.p), ~ for the "
                  "name that the row has, or a \"text\"; again for each")
      ->type_name("NAME=PATH")
      ->allow_extra_args(false);
  command
      .add_option("--dedupe-by", flags.dedupe_by,
                  "columns that tell rows apart; default: the whole row")
      ->type_name("NAME[,NAME…]");
  command.add_option("--remember", flags.remember, "how many rows are known again")
      ->capture_default_str()
      ->check(CLI::Range(size_t{256}, size_t{1'000'000}));
  command.add_option("--key-column", flags.key_column, "column whose value is the record's key")
      ->type_name("NAME");
  command
      .add_option("--time-column", flags.time_column, "column by which an answer's rows are sorted")
      ->type_name("NAME");
}

void add_page_flags(CLI::App& command, Flags& flags) {
  auto* const next = command.add_option("--next-link", flags.next_link,
                                        "where an answer has the address of its next page; without "
                                        "it a Link header is followed");
  next->type_name("PATH");
  command.add_option("--cursor-param", flags.cursor_param, "parameter that takes the cursor")
      ->type_name("NAME")
      ->excludes(next);
  command
      .add_option("--cursor-path", flags.cursor_path,
                  "where an answer has the cursor: a path, or header:NAME")
      ->type_name("PATH");
  command
      .add_option("--cursor-is", flags.cursor_is,
                  "since: the next poll asks from it on; page: it leads to the next page")
      ->check(CLI::IsMember({"since", "page"}))
      ->capture_default_str();
  command.add_option("--pages-max", flags.pages_max, "pages a poll; the next one goes on there")
      ->capture_default_str()
      ->check(CLI::Range(uint64_t{1}, uint64_t{10'000}));
  command.add_flag("--newest-first", flags.newest_first,
                   "the API answers so: rows are turned round, and pages end at known rows");
}

}  // namespace

void add_feed_poll_command(CLI::App& feed, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command = feed.add_subcommand("poll", "Send the rows of an HTTP API, each once");
  add_target_flags(*command, *flags);
  add_row_flags(*command, *flags);
  add_page_flags(*command, *flags);
  command->callback([flags, &action] { action = [flags] { return poll(*flags); }; });
}

}  // namespace ticklake::cli
