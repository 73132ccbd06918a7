#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/sql_shell.h"
#include "cli/sql_source.h"
#include "query/format.h"

namespace ticklake::cli {
namespace {

using nlohmann::json;

struct StatusFlags {
  std::string url = "http://127.0.0.1:8080";
  bool as_json = false;
};

/// "12,345"; "–" for what the server did not say.
std::string number(const json& object, const char* name) {
  if (!object.contains(name) || !object[name].is_number()) return "–";
  const double value = object[name].get<double>();
  if (object[name].is_number_float() && value < 100) return fmt::format("{:.1f}", value);
  std::string digits = fmt::format("{:.0f}", value);
  const size_t sign = digits.starts_with('-') ? 1 : 0;
  for (size_t at = digits.size(); at > 3 + sign; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits;
}

std::string bytes(const json& object, const char* name) {
  if (!object.contains(name) || !object[name].is_number()) return "–";
  double value = object[name].get<double>();
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (; value >= 1000 && unit < 4; ++unit)
    value /= 1000;
  return fmt::format("{:.{}f} {}", value, unit == 0 || value >= 100 ? 0 : 1, kUnits[unit]);
}

std::string text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

json object_at(const json& status, const char* name) {
  const auto found = status.find(name);
  return found != status.end() && found->is_object() ? *found : json::object();
}
json list_at(const json& status, const char* name) {
  const auto found = status.find(name);
  return found != status.end() && found->is_array() ? *found : json::array();
}

void stage(const char* name, const std::string& line) {
  std::printf("%-8s %s\n", name, line.c_str());
}

void print_external_kafka(const json& kafka) {
  if (!kafka.value("reachable", true)) {
    stage("Kafka", fmt::format("{} · {}", text(kafka, "address"), text(kafka, "error")));
    return;
  }
  std::string line =
      fmt::format("{} · answers · {} brokers · {} topics · {} partitions", text(kafka, "address"),
                  number(kafka, "brokers"), number(kafka, "topics"), number(kafka, "partitions"));
  if (kafka.value("partitions_without_leader", 0) > 0) {
    line +=
        fmt::format(", {} of them without a leader", number(kafka, "partitions_without_leader"));
  }
  stage("Kafka", line);
  for (const json& topic : list_at(kafka, "absent_topics"))
    stage("", "there is no topic " + (topic.is_string() ? topic.get<std::string>() : "") + " yet");
}

void print_stages(const json& status) {
  stage("ticklake", fmt::format("{} · {} · up {}", text(status, "version"),
                                status.value("ready", false)
                                    ? std::string("ready")
                                    : "not ready: " + status.value("reason", "starting"),
                                duration(status.value("uptime_s", 0.0))));
  if (const json feed = object_at(status, "feed"); !feed.empty()) {
    stage("feed",
          fmt::format("{} -> {} · {} · {}/s · {} records", text(feed, "kind"), text(feed, "topic"),
                      text(feed, "state"), number(feed, "rate"), number(feed, "records")));
  }
  if (const json broker = object_at(status, "broker"); text(broker, "kind") == "external") {
    print_external_kafka(broker);
  } else if (!broker.empty()) {
    stage("broker",
          fmt::format("{} · {} topics · {} records · {} · {} clients", text(broker, "address"),
                      number(broker, "topics"), number(broker, "records_in"),
                      bytes(broker, "bytes_in"), number(broker, "connections")));
  }
  if (const json sink = object_at(status, "sink"); !sink.empty()) {
    stage("sink",
          fmt::format("{} rows visible · {}/s · {} dead letters", number(sink, "rows_visible"),
                      number(sink, "rows_per_second"), number(sink, "dead_letters")));
  }
  if (const json lake = object_at(status, "lake"); !lake.empty()) {
    stage("lake", fmt::format("{} · {} files · {} rows · {}", text(lake, "location"),
                              number(lake, "files"), number(lake, "rows"), bytes(lake, "bytes")));
  }
  if (const json aws = object_at(status, "aws"); !aws.empty())
    stage("AWS", text(aws, "url") + " · S3, Glue, Athena, STS, IAM");
  stage("query", fmt::format("{} queries", number(object_at(status, "query"), "count")));
}

/// "2026-11-24 00:15:03" of an RFC 3339 text.
std::string to_seconds(std::string time) {
  if (time.size() < 19) return time;
  time[10] = ' ';
  return time.substr(0, 19);
}

void print_problems(const json& problems) {
  if (problems.empty()) return;
  std::printf("\n%zu problem%s; all else goes on:\n", problems.size(),
              problems.size() == 1 ? "" : "s");
  for (const json& problem : problems) {
    std::printf("  %s: %s (since %s UTC)\n", text(problem, "where").c_str(),
                text(problem, "what").c_str(), to_seconds(text(problem, "since")).c_str());
  }
}

/// Rows of a list under a heading; columns after the first hold numbers.
void print_list(const json& list, const std::vector<std::pair<const char*, const char*>>& columns) {
  if (list.empty()) return;
  std::vector<query::Column> heading;
  for (const auto& [title, name] : columns) {
    heading.push_back(
        {title, "", heading.empty() ? query::ValueKind::kText : query::ValueKind::kInteger});
  }
  query::RowBlock rows(columns.size());
  for (const json& element : list) {
    for (size_t i = 0; i < columns.size(); ++i) {
      std::string cell =
          i == 0 ? text(element, columns[i].second) : number(element, columns[i].second);
      if (i == 0 && element.contains("partition")) cell += "/" + number(element, "partition");
      rows.append(cell);
    }
  }
  std::vector<query::RowBlock> blocks;
  blocks.push_back(std::move(rows));
  std::printf("\n%s", query::to_table(heading, blocks, output_width()).c_str());
}

base::Result<void> run_status(const StatusFlags& flags) {
  TICKLAKE_ASSIGN(const std::string body, get_from_server(flags.url, "/api/status"));
  if (flags.as_json) {
    std::fputs(body.c_str(), stdout);
    return {};
  }
  const json status = json::parse(body, nullptr, false);
  if (!status.is_object()) {
    return base::fail(base::ErrorCode::kInvalidData, flags.url + " gave no status",
                      "its answer is no JSON object", "check --url");
  }
  try {
    print_stages(status);
    print_problems(list_at(status, "problems"));
    print_list(list_at(status, "tables"), {{"table", "name"},
                                           {"rows in lake", "rows_lake"},
                                           {"rows in tail", "rows_tail"},
                                           {"rows/s", "rows_per_second"},
                                           {"files", "files"},
                                           {"dead letters", "dead_letters"}});
    print_list(list_at(object_at(status, "sink"), "partitions"), {{"partition", "topic"},
                                                                  {"log end", "log_end_offset"},
                                                                  {"visible", "visible_offset"},
                                                                  {"durable", "durable_offset"},
                                                                  {"lag", "lag"}});
  } catch (const json::exception& error) {
    return base::fail(base::ErrorCode::kInvalidData, flags.url + " gave a status of another kind",
                      error.what(), "use the same version of ticklake on both sides");
  }
  return {};
}

}  // namespace

void add_status_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<StatusFlags>();
  CLI::App* const command = app.add_subcommand("status", "Show every stage of a running ticklake");
  command->add_option("--url", flags->url, "The server to ask")->capture_default_str();
  command->add_flag("--json", flags->as_json, "As JSON, for programs");
  command->callback([flags, &action] { action = [flags] { return run_status(*flags); }; });
}

}  // namespace ticklake::cli
