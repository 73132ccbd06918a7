#include "broker/config/given_configs.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "broker/config/refused_configs.h"
#include "broker/config/static_config.h"

namespace ticklake::broker {
namespace {

constexpr size_t kNameShown = 100;
constexpr size_t kProblemsShown = 200;

/// Of each name the last, in the order in which they stand.
std::vector<GivenConfig> last_of_each(const std::vector<GivenConfig>& given) {
  std::map<std::string_view, size_t> place_of_last;
  for (size_t i = 0; i < given.size(); ++i)
    place_of_last[given[i].name] = i;
  std::vector<GivenConfig> last;
  for (size_t i = 0; i < given.size(); ++i) {
    if (place_of_last[given[i].name] == i) last.push_back(given[i]);
  }
  return last;
}

/// A name from outside, as it may be printed.
std::string shown(std::string_view name) {
  std::string text(name.substr(0, kNameShown));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text + (name.size() > kNameShown ? "…" : "");
}

std::string refusal_of(const GivenConfig& config) {
  if (const RefusedConfig* const refused = find_refused_config(config.name)) {
    return fmt::format("{}: {}; {}", shown(config.name), refused->why, refused->instead);
  }
  const std::string_view nearest = nearest_config(config.name);
  return fmt::format("{}: Kafka's brokers have no such setting; {}", shown(config.name),
                     nearest.empty() ? "remove it" : fmt::format("write {}", nearest));
}

/// Why the config cannot be given; none, and it stands in the options, if it can.
std::optional<std::string> refuse_or_take(const GivenConfig& config, NodeOptions& options) {
  const StaticConfig* const known = find_static_config(config.name);
  if (!known) return refusal_of(config);
  const auto value = checked_value(*known, config.value);
  if (!value) return base::to_line(value.error());
  known->write(options, *value);
  options.given_configs[config.name] = *value;
  return std::nullopt;
}

int64_t in_topic_unit(const StaticConfig& config, const std::string& value) {
  const int64_t number = std::stoll(value);
  return number < 0 ? number : number * config.unit_ms;
}

/// What topics have by default, from those that were given for it; Kafka's order of ms, minutes and
/// hours.
void default_topics(NodeOptions& options) {
  std::vector<const StaticConfig*> given;
  for (const StaticConfig& config : static_configs()) {
    const bool is_for_topics = !config.topic_config.empty();
    if (is_for_topics && options.given_configs.contains(config.rule.name)) {
      given.push_back(&config);
    }
  }
  std::ranges::stable_sort(given, {}, &StaticConfig::unit_ms);
  for (const StaticConfig* const config : given) {
    const std::string& value = options.given_configs.find(config->rule.name)->second;
    TopicDefault& of_topics = options.topic_defaults[std::string(config->topic_config)];
    if (of_topics.given.empty()) {
      of_topics.value =
          config->unit_ms == 1 ? value : std::to_string(in_topic_unit(*config, value));
    }
    of_topics.given.emplace_back(config->rule.name, value);
  }
}

/// One that has to be at most another.
struct Order {
  std::string_view smaller;
  std::string_view larger;
  bool may_be_equal = true;
};
constexpr Order kOrders[] = {
    {"group.consumer.heartbeat.interval.ms", "group.consumer.session.timeout.ms", false},
    {"group.min.session.timeout.ms", "group.max.session.timeout.ms"},
    {"log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"},
    {"socket.request.max.bytes", "queued.max.request.bytes"},
};

std::vector<std::string> broken_orders(const NodeOptions& options) {
  std::vector<std::string> problems;
  for (const Order& order : kOrders) {
    const std::string smaller = find_static_config(order.smaller)->read(options);
    const std::string larger = find_static_config(order.larger)->read(options);
    const int64_t gap = std::stoll(larger) - std::stoll(smaller);
    if (gap > 0 || (gap == 0 && order.may_be_equal)) continue;
    problems.push_back(fmt::format("{} ({}) has to be {} {} ({})", order.smaller, smaller,
                                   order.may_be_equal ? "at most" : "less than", order.larger,
                                   larger));
  }
  return problems;
}

/// Some of the problems are not in the list, if there are more than are shown.
tl::unexpected<base::Error> refuse(const std::vector<std::string>& problems, size_t problem_count,
                                   size_t count) {
  constexpr std::string_view kAdvice = "`ticklake broker --help-config` lists what can be set";
  if (problem_count == 1) {
    return base::fail(base::ErrorCode::kInvalidArgument, problems.front(), "",
                      std::string(kAdvice));
  }
  std::string all;
  for (const std::string& problem : problems)
    all += "\n  " + problem;
  if (problem_count > problems.size()) all += "\n  and so on";
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("{} of {} broker settings cannot be used as they are", problem_count, count), all,
      "put that right, or a # before the lines; " + std::string(kAdvice));
}

}  // namespace

base::Result<void> apply_configs(const std::vector<GivenConfig>& given, NodeOptions& options) {
  const std::vector<GivenConfig> last = last_of_each(given);
  std::vector<std::string> problems;
  size_t count = 0;
  for (const GivenConfig& config : last) {
    const bool is_shown = problems.size() < kProblemsShown;
    if (!is_shown && find_static_config(config.name)) continue;
    ++count;
    if (!is_shown) continue;
    if (const auto problem = refuse_or_take(config, options)) {
      problems.push_back(config.place + ": " + *problem);
    } else {
      --count;
    }
  }
  default_topics(options);
  if (problems.empty()) {
    problems = broken_orders(options);
    count = problems.size();
  }
  if (!problems.empty()) return refuse(problems, count, last.size());
  return {};
}

}  // namespace ticklake::broker
