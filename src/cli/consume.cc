#include <charconv>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/kafka_flags.h"
#include "cli/record_text.h"
#include "kafka/record_reader.h"
#include "market/time_text.h"

namespace ticklake::cli {
namespace {

constexpr std::chrono::milliseconds kPollWait{100};
constexpr size_t kOutputBytes = 64 * 1024;

struct Flags {
  KafkaFlags kafka;
  std::string topic;
  std::optional<int32_t> partition;
  std::string from = "earliest";
  std::string group;
  uint64_t count = 0;
  bool exit_at_end = false;
  bool as_json = false;
  bool read_uncommitted = false;
  std::string format = "%s\\n";
};

base::Result<kafka::StartPosition> parse_start(const std::string& text) {
  using Kind = kafka::StartPosition::Kind;
  if (text == "earliest") return kafka::StartPosition{Kind::kEarliest, 0};
  if (text == "latest") return kafka::StartPosition{Kind::kLatest, 0};
  if (const auto time = market::parse_rfc3339(text)) {
    return kafka::StartPosition{Kind::kTime, base::to_unix_ms(*time)};
  }
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) {
    if (number < 0) return kafka::StartPosition{Kind::kBeforeEnd, -number};
    return kafka::StartPosition{Kind::kOffset, number};
  }
  return base::fail(base::ErrorCode::kInvalidArgument, "'" + text + "' is no place to start", "",
                    "earliest, latest, an offset, -N before the end, or 2026-11-24T09:30:00Z");
}

base::Result<kafka::ReaderOptions> options_of(const Flags& flags) {
  kafka::ReaderOptions options;
  options.brokers = flags.kafka.kafka;
  TICKLAKE_ASSIGN(options.settings, client_settings(flags.kafka));
  options.topic = flags.topic;
  options.partition = flags.partition;
  TICKLAKE_ASSIGN(options.start, parse_start(flags.from));
  options.group = flags.group;
  options.read_uncommitted = flags.read_uncommitted;
  return options;
}

base::Result<void> run(const Flags& flags) {
  TICKLAKE_TRY(check_record_format(flags.format));
  TICKLAKE_ASSIGN(const kafka::ReaderOptions options, options_of(flags));
  const Interruption interruption;
  TICKLAKE_ASSIGN(const auto admin, connect(flags.kafka));
  TICKLAKE_ASSIGN(const auto reader, kafka::RecordReader::start(options, *admin));
  std::string text;
  uint64_t count = 0;
  const auto print = [&] {
    std::fwrite(text.data(), 1, text.size(), stdout);
    text.clear();
    // A reader that went away, as head does, has had what it wanted.
    return std::fflush(stdout) == 0;
  };
  while (!interruption.token().stop_requested()) {
    // What is there is printed together; nothing waits for more.
    TICKLAKE_ASSIGN(const auto record,
                    reader->next(text.empty() ? kPollWait : std::chrono::milliseconds(0)));
    if (record) {
      if (flags.as_json) {
        append_record_json(flags.topic, *record, text);
      } else {
        append_record_text(flags.format, flags.topic, *record, text);
      }
      ++count;
    }
    const bool is_done = flags.count > 0 && count == flags.count;
    if ((!record || is_done || text.size() >= kOutputBytes) && !print()) return {};
    if (is_done || (!record && flags.exit_at_end && reader->is_at_end())) return {};
  }
  print();
  return {};
}

}  // namespace

void add_consume_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *app.add_subcommand("consume", "Print the records of a topic of any Kafka");
  add_kafka_flags(command, flags->kafka);
  command.add_option("--topic", flags->topic, "the topic")->required()->type_name("NAME");
  command.add_option("--partition", flags->partition, "only this one")->type_name("N");
  command
      .add_option("--from", flags->from,
                  "earliest, latest, an offset, -N before the end, or a time")
      ->capture_default_str();
  command.add_option("--group", flags->group, "read as a member of it, and commit")
      ->type_name("NAME");
  command.add_option("--count", flags->count, "stop after so many records")->type_name("N");
  command.add_flag("--exit", flags->exit_at_end, "stop at the end of all partitions");
  auto* const json = command.add_flag("--json", flags->as_json, "a JSON object a line, with all");
  command
      .add_option("--format", flags->format, "%t %p %o %T %k %s %h and others, as kcat has them")
      ->capture_default_str()
      ->excludes(json);
  command.add_flag("--uncommitted", flags->read_uncommitted,
                   "also records of transactions that are open or were aborted");
  command.callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace ticklake::cli
