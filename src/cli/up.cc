#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/authorization_flags.h"
#include "cli/aws_flags.h"
#include "cli/aws_settings.h"
#include "cli/command.h"
#include "cli/config_flags.h"
#include "cli/http_flags.h"
#include "cli/interruption.h"
#include "cli/listener_flags.h"
#include "cli/message_flags.h"
#include "cli/quantities.h"
#include "cli/stages.h"
#include "cli/up_kafka_flags.h"

namespace ticklake::cli {
namespace {

struct UpFlags {
  std::string data = "ticklake-data";
  ListenerFlags listeners;
  UpKafkaFlags kafka;
  HttpFlags http;
  AwsFlags aws;
  AuthorizationFlags authorization;
  ConfigFlags configs;
  std::string feed = "simulate";
  std::string rate = "1000/s";
  size_t symbols = 100;
  uint64_t seed = 1;
  uint64_t flush_rows = 1'000'000;
  std::string flush_age = "60s";
  std::string flush_bytes = "128MiB";
  int64_t rows_per_file = 0;
  std::string format = "parquet";
  QueryLimitFlags query;
  MessageFlags messages;
};

FeedKind feed_kind(const std::string& name) {
  if (name == "none") return FeedKind::kNone;
  return name == "replay" ? FeedKind::kReplay : FeedKind::kSimulate;
}

base::Result<StagesOptions> options_of(const CLI::App& up, const UpFlags& flags) {
  StagesOptions options;
  options.data = flags.data;
  TICKLAKE_ASSIGN(options.kafka, external_kafka_options(up, flags.kafka, uses_tls(flags.aws),
                                                        uses_tls(flags.http)));
  TICKLAKE_TRY(apply(flags.listeners, options.broker));
  TICKLAKE_ASSIGN(options.broker.node.authorization, authorizer_settings(flags.authorization));
  base::PosixFileSystem files;
  TICKLAKE_TRY(apply(flags.configs, files, options.broker.node));
  TICKLAKE_ASSIGN(options.http_listener, http_listener(flags.http, flags.listeners));
  TICKLAKE_ASSIGN(options.aws_listener, aws_listener(flags.aws, flags.listeners));
  TICKLAKE_TRY(feed::Pace::parse_rate(flags.rate));
  options.feed = {.kind = feed_kind(flags.feed),
                  .rate = flags.rate,
                  .symbols = flags.symbols,
                  .seed = flags.seed};
  // Nobody wants trades that never were in his own Kafka unless he says so.
  if (options.kafka && up.count("--feed") == 0) options.feed.kind = FeedKind::kNone;
  options.flush.rows_max = flags.flush_rows;
  TICKLAKE_ASSIGN(options.flush.age_max, parse_duration(flags.flush_age));
  TICKLAKE_ASSIGN(options.flush.bytes_max, parse_bytes(flags.flush_bytes));
  options.flush.rows_per_file = flags.rows_per_file;
  TICKLAKE_ASSIGN(options.query, query_limits(flags.query));
  TICKLAKE_ASSIGN(options.messages, message_options(flags.messages, files));
  if (flags.format == "json") options.encoding = lake::Encoding::kJsonLines;
  return options;
}

/// The banner's line of the endpoint for AWS clients, and what to try with it.
struct AwsLines {
  std::string place;
  std::string advice;
};
AwsLines aws_lines(const Stages& stages, const StagesOptions& options, const std::string& program) {
  if (stages.aws() == nullptr) return {};
  return {fmt::format("  AWS        {} (S3, Glue, Athena, STS, IAM)\n", stages.aws()->url()),
          fmt::format("  eval \"$({})\"   # then aws, boto3, awswrangler, … as they are\n",
                      env_command(program, options.data))};
}

/// As greet(), on somebody's own Kafka: nothing that is suggested writes there.
void greet_on(const ExternalKafka& kafka, const Stages& stages, const StagesOptions& options,
              const std::string& program) {
  const std::string url = stages.http_url();
  const std::string url_flag = url == "http://127.0.0.1:8080" ? "" : " --url " + url;
  const AwsLines aws = aws_lines(stages, options, program);
  const std::vector<std::string>& topics = options.kafka->topics;
  const bool feeds = options.feed.kind != FeedKind::kNone;
  fmt::print(stderr,
             "ticklake {version} is up\n"
             "\n"
             "  dashboard  {url}\n"
             "  Kafka      {kafka} (yours: {summary})\n"
             "  topics     {topics}\n"
             "  group      {group}\n"
             "  feed       {feed}\n"
             "{aws_place}"
             "  data       {data}\n"
             "\n"
             "Try, in another terminal:\n"
             "  {program} sql{url_flag} \"SHOW TABLES\"\n"
             "  {program} status{url_flag}\n"
             "{aws_advice}"
             "\n"
             "Ctrl-C stops it; the same command goes on where it was.\n",
             fmt::arg("version", TICKLAKE_VERSION), fmt::arg("url", url),
             fmt::arg("kafka", options.kafka->addresses), fmt::arg("summary", kafka.summary()),
             fmt::arg("topics", topics.empty() ? "all but internal ones; --topic NAME chooses"
                                               : fmt::format("{}", fmt::join(topics, ", "))),
             fmt::arg("group", kafka.group()),
             fmt::arg("feed", feeds ? "writes to your Kafka, as --feed says"
                                    : "none: nothing is written; --feed simulate would"),
             fmt::arg("data", options.data.string()), fmt::arg("program", program),
             fmt::arg("url_flag", url_flag), fmt::arg("aws_place", aws.place),
             fmt::arg("aws_advice", aws.advice));
}

/// `program` as it was called, so that what is printed can be pasted.
void greet(const Stages& stages, const StagesOptions& options, const std::string& program) {
  const std::string kafka = stages.kafka_address().text();
  const std::string url = stages.http_url();
  const std::string url_flag = url == "http://127.0.0.1:8080" ? "" : " --url " + url;
  const AwsLines aws = aws_lines(stages, options, program);
  std::string kcat = "kcat -b " + kafka;
  const char* table = "mine";
  if (options.feed.kind == FeedKind::kNone) {
    kcat = R"(echo '{"symbol":"ME","price":1.5}' | )" + kcat + " -t mine -P";
  } else {
    table = options.feed.kind == FeedKind::kSimulate ? kTradesTopic : kDataSetTopic;
    kcat += std::string(" -t ") + table + " -C -o -5 -c 5";
  }
  fmt::print(stderr,
             "ticklake {version} is up\n"
             "\n"
             "  dashboard  {url}\n"
             "  Kafka      {kafka}\n"
             "{aws_place}"
             "  data       {data}\n"
             "\n"
             "Try, in another terminal:\n"
             "  {kcat}\n"
             "  {program} sql{url_flag} \"SELECT count(*) FROM {table}\"\n"
             "  {program} status{url_flag}\n"
             "{aws_advice}"
             "\n"
             "Ctrl-C stops it; the same command goes on where it was.\n",
             fmt::arg("version", TICKLAKE_VERSION), fmt::arg("url", url), fmt::arg("kafka", kafka),
             fmt::arg("data", options.data.string()), fmt::arg("kcat", kcat),
             fmt::arg("program", program), fmt::arg("url_flag", url_flag), fmt::arg("table", table),
             fmt::arg("aws_place", aws.place), fmt::arg("aws_advice", aws.advice));
}

base::Result<void> run_up(const CLI::App& up, const UpFlags& flags, const std::string& program) {
  TICKLAKE_ASSIGN(StagesOptions options, options_of(up, flags));
  options.program = program;
  Interruption interruption;
  base::PosixFileSystem files;
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(const auto stages, Stages::start(options, files, clock,
                                                   base::make_stderr_logger(spdlog::level::warn)));
  if (const ExternalKafka* const external = stages->external_kafka(); external != nullptr) {
    greet_on(*external, *stages, options, program);
  } else {
    greet(*stages, options, program);
  }
  return stages->run(interruption.token());
}

}  // namespace

void add_up_command(CLI::App& app, Action& action, const std::string& program) {
  const auto flags = std::make_shared<UpFlags>();
  CLI::App* const up = app.add_subcommand(
      "up", "Run everything on this machine: feed, broker, lake, SQL, dashboard");
  const auto option = [up](const char* name, auto& value, const char* what) {
    return up->add_option(name, value, what)->capture_default_str();
  };
  option("--data", flags->data, "Folder for everything that is kept");
  add_listener_flags(*up, flags->listeners);
  add_up_kafka_flags(*up, flags->kafka);
  add_http_flags(*up, flags->http);
  add_aws_flags(*up, flags->aws);
  add_authorization_flags(*up, flags->authorization);
  add_config_flags(*up, flags->configs);
  option("--feed", flags->feed,
         "What is fed: the shipped data set, then simulated trades. With --kafka: nothing, unless "
         "this is given")
      ->check(CLI::IsMember({"none", "replay", "simulate"}));
  option("--rate", flags->rate, "Simulated trades, as N/s");
  option("--symbols", flags->symbols, "Simulated symbols")->check(CLI::Range(1, 10'000));
  option("--seed", flags->seed, "The same seed, the same trades");
  option("--flush-rows", flags->flush_rows, "Rows after which the tail becomes files")
      ->check(CLI::PositiveNumber);
  option("--flush-age", flags->flush_age, "Age after which it does");
  option("--flush-bytes", flags->flush_bytes, "Size after which it does");
  option("--rows-per-file", flags->rows_per_file, "Rows of a file at most; 0: as many as come")
      ->check(CLI::NonNegativeNumber);
  option("--format", flags->format, "Files of the lake")->check(CLI::IsMember({"parquet", "json"}));
  add_message_flags(*up, flags->messages);
  add_query_limit_flags(*up, flags->query);
  up->callback([up, flags, program, &action] {
    action = [up, flags, program] { return run_up(*up, *flags, program); };
  });
}

}  // namespace ticklake::cli
