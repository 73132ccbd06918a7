#include "broker/config/static_config.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "broker/config/static_config_rows.h"

namespace ticklake::broker {
namespace {

std::vector<StaticConfig> all_rows() {
  std::vector<StaticConfig> rows;
  for (auto some : {topic_rows(), group_rows(), transaction_rows(), connection_rows()})
    std::ranges::move(some, std::back_inserter(rows));
  std::ranges::sort(rows, {}, [](const StaticConfig& config) { return config.rule.name; });
  return rows;
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Each element once.
std::string joined_once(const std::vector<std::string>& elements) {
  std::string text;
  for (auto element = elements.begin(); element != elements.end(); ++element) {
    if (std::find(elements.begin(), element, *element) != element) continue;
    if (!text.empty()) text += ',';
    text += *element;
  }
  return text;
}

std::string_view name_of(ConfigType type) {
  switch (type) {
    case ConfigType::kBoolean: return "boolean";
    case ConfigType::kString: return "string";
    case ConfigType::kInt: return "int";
    case ConfigType::kShort: return "short";
    case ConfigType::kLong: return "long";
    case ConfigType::kDouble: return "double";
    case ConfigType::kList: return "list";
  }
  return "";
}

bool is_whole_number(ConfigType type) {
  return type == ConfigType::kInt || type == ConfigType::kShort || type == ConfigType::kLong;
}

std::string range_of(const TopicConfig& rule) {
  if (rule.type == ConfigType::kDouble) return "0 to 1";
  if (!rule.one_of.empty()) {
    std::string values;
    for (const std::string& value : config_list(rule.one_of))
      values += (values.empty() ? "" : " ") + value;
    return values;
  }
  if (!is_whole_number(rule.type)) return "";
  if (rule.min == rule.max) return "only " + std::to_string(rule.min);
  return std::to_string(rule.min) + " to " + std::to_string(rule.max);
}

}  // namespace

std::span<const StaticConfig> static_configs() {
  static const std::vector<StaticConfig> kRows = all_rows();
  return kRows;
}

const StaticConfig* find_static_config(std::string_view name) {
  const auto rows = static_configs();
  const auto found = std::ranges::lower_bound(
      rows, name, {}, [](const StaticConfig& config) { return config.rule.name; });
  return found == rows.end() || found->rule.name != name ? nullptr : &*found;
}

bool is_given(const StaticConfig& config, const NodeOptions& options) {
  return options.given_configs.contains(config.rule.name) ||
         config.read(options) != config.read(NodeOptions{});
}

base::Result<std::string> checked_value(const StaticConfig& config, std::string_view value) {
  const ConfigType type = config.rule.type;
  std::string text(type == ConfigType::kString ? value : without_blanks(value));
  if (type == ConfigType::kBoolean) text = in_lower_case(text);
  if (is_whole_number(type) && text.starts_with('+') && !text.starts_with("+-")) text.erase(0, 1);
  TICKLAKE_TRY(check_config_value(config.rule, text));
  const bool is_time = config.topic_config == "retention.ms";
  if (is_time && text == "0") {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "invalid value '0' for " + std::string(config.rule.name),
                      "it must be -1, for ever, or at least 1");
  }
  return type == ConfigType::kList ? joined_once(config_list(text)) : text;
}

std::string describe_static_configs() {
  std::string text;
  for (const StaticConfig& config : static_configs()) {
    const std::string value = config.read(NodeOptions{});
    const std::string range = range_of(config.rule);
    text.append(config.rule.name).append("\n    ").append(name_of(config.rule.type));
    text.append(config.is_told_if_given_only ? ", not set" : ", default " + value);
    if (!range.empty()) text.append("; ").append(range);
    text.append("\n    ").append(config.what).append("\n");
  }
  return text;
}

}  // namespace ticklake::broker
