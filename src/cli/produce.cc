#include <cstdio>
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/feed_progress.h"
#include "cli/interruption.h"
#include "cli/kafka_flags.h"
#include "kafka/producer.h"

namespace ticklake::cli {
namespace {

constexpr std::chrono::milliseconds kFlushMax{300'000};
constexpr size_t kLineBytesMax = size_t{64} << 20;

struct Flags {
  KafkaFlags kafka;
  std::string topic;
  int32_t partition = -1;
  std::string key;
  std::string key_separator;
  std::vector<std::string> headers;
  std::string codec = "none";
  bool as_json = false;
};

const std::map<std::string, kafka::Codec> kCodecs = {{"none", kafka::Codec::kNone},
                                                     {"gzip", kafka::Codec::kGzip},
                                                     {"snappy", kafka::Codec::kSnappy},
                                                     {"lz4", kafka::Codec::kLz4},
                                                     {"zstd", kafka::Codec::kZstd}};

/// A record with memory of its own.
struct Input {
  int32_t partition = -1;
  int64_t timestamp_ms = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

std::optional<std::string> text_of(const nlohmann::json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_string() ? value.get<std::string>() : value.dump();
}

base::Error line_error(uint64_t line, const std::string& cause) {
  return {base::ErrorCode::kInvalidData, fmt::format("line {} is no record", line), cause,
          R"(as `ticklake consume --json` prints them: {"key":"k","value":"v"})", false};
}

base::Result<Input> parse_json_line(const std::string& text, uint64_t line, const Input& common) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return base::fail(line_error(line, "it is no JSON object"));
  Input input = common;
  for (const auto& [name, value] : json.items()) {
    if (name == "key") input.key = text_of(value);
    if (name == "value") input.value = text_of(value);
    if (name == "timestamp" && value.is_number_integer()) input.timestamp_ms = value;
    if (name != "headers" || !value.is_object()) continue;
    for (const auto& [header, content] : value.items())
      input.headers.emplace_back(header, text_of(content));
  }
  if (!json.contains("value")) return base::fail(line_error(line, "it has no \"value\""));
  return input;
}

base::Result<Input> parse_line(std::string& text, uint64_t line, const Flags& flags,
                               const Input& common) {
  if (flags.as_json) return parse_json_line(text, line, common);
  Input input = common;
  if (!flags.key_separator.empty()) {
    const size_t at = text.find(flags.key_separator);
    if (at == std::string::npos) {
      return base::fail(
          line_error(line, "the key separator '" + flags.key_separator + "' is not in it"));
    }
    input.key = text.substr(0, at);
    text.erase(0, at + flags.key_separator.size());
  }
  input.value = std::move(text);
  return input;
}

base::Result<void> send(kafka::Producer& producer, const std::string& topic, const Input& input,
                        const std::stop_token& stop) {
  std::vector<kafka::RecordHeader> headers;
  for (const auto& [name, value] : input.headers)
    headers.push_back({name, value});
  kafka::OutgoingRecord record;
  record.topic = topic;
  record.partition = input.partition;
  record.key = input.key;
  record.value = input.value;
  record.timestamp_ms = input.timestamp_ms;
  record.headers = headers;
  return producer.produce(record, stop);
}

base::Result<Input> common_of(const Flags& flags) {
  Input common;
  common.partition = flags.partition;
  if (!flags.key.empty()) common.key = flags.key;
  for (const std::string& text : flags.headers) {
    TICKLAKE_ASSIGN(auto header, parse_assignment(text));
    common.headers.emplace_back(std::move(header.first), std::move(header.second));
  }
  return common;
}

base::Result<void> run(const Flags& flags) {
  TICKLAKE_ASSIGN(const Input common, common_of(flags));
  TICKLAKE_TRY(connect(flags.kafka));
  kafka::ProducerOptions options;
  options.brokers = flags.kafka.kafka;
  TICKLAKE_ASSIGN(options.settings, client_settings(flags.kafka));
  options.client_id = "ticklake-produce";
  options.codec = kCodecs.at(flags.codec);
  TICKLAKE_ASSIGN(const auto producer, kafka::Producer::start(options));
  const std::stop_token never;
  std::string text;
  base::Result<void> outcome;
  for (uint64_t line = 1; outcome && std::getline(std::cin, text); ++line) {
    if (text.size() > kLineBytesMax) {
      outcome = base::fail(line_error(line, "it is longer than 64 MiB"));
      break;
    }
    auto input = parse_line(text, line, flags, common);
    outcome = input ? send(*producer, flags.topic, *input, never)
                    : base::Result<void>(tl::unexpected(std::move(input).error()));
  }
  // What came before a bad line is sent all the same, and counted.
  auto flushed = producer->flush(kFlushMax);
  fmt::print(stderr, "{} records acknowledged in topic {}\n",
             with_separators(producer->stats().acknowledged), flags.topic);
  if (!outcome) return outcome;
  return flushed;
}

}  // namespace

void add_produce_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command =
      *app.add_subcommand("produce", "Send lines of standard input to a topic of any Kafka");
  add_kafka_flags(command, flags->kafka);
  command.add_option("--topic", flags->topic, "the topic")->required()->type_name("NAME");
  command.add_option("--partition", flags->partition, "default: by the key, else by turns")
      ->type_name("N");
  auto* const key = command.add_option("--key", flags->key, "of every record");
  command.add_option("--key-separator", flags->key_separator, "what stands before it is the key")
      ->excludes(key);
  command.add_option("--header", flags->headers, "of every record, may be given again")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--codec", flags->codec, "none, gzip, snappy, lz4 or zstd")
      ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}))
      ->capture_default_str();
  command.add_flag("--json", flags->as_json,
                   "each line is an object with value, and perhaps key, headers, "
                   "timestamp (Unix ms), as `ticklake consume --json` prints it");
  command.callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace ticklake::cli
