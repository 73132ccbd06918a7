#include "broker/log/topic_configs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include "broker/log/log_folder.h"

namespace ticklake::broker {
namespace {

constexpr size_t kTopicNameMax = 249;
constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
constexpr std::string_view kForEver = "9223372036854775807";
constexpr std::string_view kCodecs = "uncompressed,zstd,lz4,snappy,gzip,producer";

using enum ConfigType;

constexpr std::array kConfigs{
    TopicConfig{"cleanup.policy", "log.cleanup.policy", kList, "delete", 0, 0, "compact,delete"},
    TopicConfig{"compression.gzip.level", "compression.gzip.level", kInt, "-1", -1, 9},
    TopicConfig{"compression.lz4.level", "compression.lz4.level", kInt, "9", 1, 17},
    TopicConfig{"compression.type", "compression.type", kString, "producer", 0, 0, kCodecs},
    TopicConfig{"compression.zstd.level", "compression.zstd.level", kInt, "3", -131072, 22},
    TopicConfig{"delete.retention.ms", "log.cleaner.delete.retention.ms", kLong, "86400000", 0,
                kInt64Max},
    TopicConfig{"file.delete.delay.ms", "log.segment.delete.delay.ms", kLong, "60000", 0,
                kInt64Max},
    TopicConfig{"flush.messages", "log.flush.interval.messages", kLong, kForEver, 1, kInt64Max},
    TopicConfig{"flush.ms", "log.flush.interval.ms", kLong, kForEver, 0, kInt64Max},
    TopicConfig{"follower.replication.throttled.replicas", "", kList, ""},
    TopicConfig{"index.interval.bytes", "log.index.interval.bytes", kInt, "4096", 0, kInt32Max},
    TopicConfig{"leader.replication.throttled.replicas", "", kList, ""},
    TopicConfig{"local.retention.bytes", "log.local.retention.bytes", kLong, "-2", -2, kInt64Max},
    TopicConfig{"local.retention.ms", "log.local.retention.ms", kLong, "-2", -2, kInt64Max},
    TopicConfig{"max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms", kLong, kForEver, 1,
                kInt64Max},
    TopicConfig{"max.message.bytes", "message.max.bytes", kInt, "1048588", 0, kInt32Max},
    TopicConfig{"message.downconversion.enable", "log.message.downconversion.enable", kBoolean,
                "true"},
    TopicConfig{"message.format.version", "log.message.format.version", kString, "3.0-IV1"},
    TopicConfig{"message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms", kLong,
                kForEver, 0, kInt64Max},
    TopicConfig{"message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms", kLong,
                kForEver, 0, kInt64Max},
    TopicConfig{"message.timestamp.difference.max.ms", "log.message.timestamp.difference.max.ms",
                kLong, kForEver, 0, kInt64Max},
    TopicConfig{"message.timestamp.type", "log.message.timestamp.type", kString, "CreateTime", 0, 0,
                "CreateTime,LogAppendTime"},
    TopicConfig{"min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio", kDouble, "0.5"},
    TopicConfig{"min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms", kLong, "0", 0,
                kInt64Max},
    // One node has one replica.
    TopicConfig{"min.insync.replicas", "min.insync.replicas", kInt, "1", 1, 1},
    TopicConfig{"preallocate", "log.preallocate", kBoolean, "false"},
    TopicConfig{"remote.log.copy.disable", "", kBoolean, "false"},
    TopicConfig{"remote.log.delete.on.disable", "", kBoolean, "false"},
    TopicConfig{"remote.storage.enable", "", kBoolean, "false", 0, 0, "false"},
    TopicConfig{"retention.bytes", "log.retention.bytes", kLong, "-1", -1, kInt64Max},
    TopicConfig{"retention.ms", "log.retention.ms", kLong, "604800000", -1, kInt64Max},
    TopicConfig{"segment.bytes", "log.segment.bytes", kInt, "1073741824", 14, kInt32Max},
    TopicConfig{"segment.index.bytes", "log.index.size.max.bytes", kInt, "10485760", 4, kInt32Max},
    TopicConfig{"segment.jitter.ms", "log.roll.jitter.ms", kLong, "0", 0, kInt64Max},
    TopicConfig{"segment.ms", "log.roll.ms", kLong, "604800000", 1, kInt64Max},
    TopicConfig{"unclean.leader.election.enable", "unclean.leader.election.enable", kBoolean,
                "false"},
};

constexpr std::array<std::pair<std::string_view, int64_t LogSettings::*>, 10> kNumbers{{
    {"delete.retention.ms", &LogSettings::delete_retention_ms},
    {"flush.messages", &LogSettings::flush_messages},
    {"flush.ms", &LogSettings::flush_ms},
    {"max.compaction.lag.ms", &LogSettings::compaction_lag_max_ms},
    {"message.timestamp.after.max.ms", &LogSettings::timestamp_after_max_ms},
    {"message.timestamp.before.max.ms", &LogSettings::timestamp_before_max_ms},
    {"min.compaction.lag.ms", &LogSettings::compaction_lag_min_ms},
    {"retention.bytes", &LogSettings::retention_bytes},
    {"retention.ms", &LogSettings::retention_ms},
    {"segment.ms", &LogSettings::segment_ms},
}};

tl::unexpected<base::Error> refuse(std::string_view name, std::string_view value,
                                   std::string_view expected) {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "invalid value '" + std::string(value) + "' for " + std::string(name),
                    "it must be " + std::string(expected));
}

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
  Number number{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

base::Result<int64_t> number_of(const TopicConfig& config, std::string_view value) {
  const auto number = parse_whole<int64_t>(value);
  if (!number || *number < config.min || *number > config.max) {
    return refuse(
        config.name, value,
        "a number from " + std::to_string(config.min) + " to " + std::to_string(config.max));
  }
  return *number;
}

base::Result<double> ratio_of(const TopicConfig& config, std::string_view value) {
  const auto ratio = parse_whole<double>(value);
  if (!ratio || !(*ratio >= 0 && *ratio <= 1)) return refuse(config.name, value, "from 0 to 1");
  return *ratio;
}

bool is_among(std::string_view value, std::string_view one_of) {
  const std::vector<std::string> allowed = config_list(one_of);
  return std::ranges::find(allowed, value) != allowed.end();
}

base::Result<void> check_text(const TopicConfig& config, std::string_view value) {
  // The file of topics has a line a config.
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(value, is_control)) {
    return refuse(config.name, "…", "without control characters");
  }
  if (config.one_of.empty()) return {};
  if (config.type != kList) {
    if (is_among(value, config.one_of)) return {};
    return refuse(config.name, value, "one of " + std::string(config.one_of));
  }
  const std::vector<std::string> elements = config_list(value);
  const bool is_good = std::ranges::all_of(
      elements, [&](const std::string& element) { return is_among(element, config.one_of); });
  if (is_good && !elements.empty()) return {};
  return refuse(config.name, value, "some of " + std::string(config.one_of));
}

std::optional<kafka::Codec> codec_of(std::string_view name) {
  if (name == "uncompressed") return kafka::Codec::kNone;
  if (name == "gzip") return kafka::Codec::kGzip;
  if (name == "snappy") return kafka::Codec::kSnappy;
  if (name == "lz4") return kafka::Codec::kLz4;
  if (name == "zstd") return kafka::Codec::kZstd;
  return std::nullopt;
}

/// The value was checked.
void apply(const TopicConfig& config, const std::string& value, LogSettings& settings) {
  const auto number =
      std::ranges::find(kNumbers, config.name, &decltype(kNumbers)::value_type::first);
  if (number != kNumbers.end()) {
    settings.*number->second = *parse_whole<int64_t>(value);
  } else if (config.name == "message.timestamp.type") {
    settings.timestamp_type = value == "LogAppendTime" ? kafka::TimestampType::kLogAppendTime
                                                       : kafka::TimestampType::kCreateTime;
  } else if (config.name == "segment.bytes") {
    settings.segment_bytes = *parse_whole<uint64_t>(value);
  } else if (config.name == "max.message.bytes") {
    settings.batch_bytes_max = *parse_whole<int32_t>(value);
  } else if (config.name == "compression.type") {
    settings.codec = codec_of(value);
  } else if (config.name == "min.cleanable.dirty.ratio") {
    settings.dirty_ratio_min = *parse_whole<double>(value);
  } else if (config.name == "cleanup.policy") {
    settings.is_compacted = is_among("compact", value);
    settings.is_deleting = is_among("delete", value);
  }
}

}  // namespace

base::Result<void> check_config_value(const TopicConfig& config, std::string_view value) {
  switch (config.type) {
    case kBoolean:
      if (!is_among(value, config.one_of.empty() ? "true,false" : config.one_of)) {
        return refuse(config.name, value, config.one_of.empty() ? "true or false" : config.one_of);
      }
      return {};
    case kInt:
    case kShort:
    case kLong: TICKLAKE_TRY(number_of(config, value)); return {};
    case kDouble: TICKLAKE_TRY(ratio_of(config, value)); return {};
    case kString:
    case kList: break;
  }
  return check_text(config, value);
}

std::span<const TopicConfig> topic_configs() { return kConfigs; }

const TopicConfig* find_topic_config(std::string_view name) {
  const auto found = std::ranges::find(kConfigs, name, &TopicConfig::name);
  return found == kConfigs.end() ? nullptr : &*found;
}

std::string_view default_value(const TopicConfig& config, const TopicDefaults& defaults) {
  const auto given = defaults.find(config.name);
  return given == defaults.end() ? config.default_value : std::string_view(given->second.value);
}

std::vector<std::string> config_list(std::string_view value) {
  std::vector<std::string> elements;
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    std::string_view element = value.substr(0, comma);
    while (element.starts_with(' '))
      element.remove_prefix(1);
    while (element.ends_with(' '))
      element.remove_suffix(1);
    if (!element.empty()) elements.emplace_back(element);
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return elements;
}

base::Result<LogSettings> log_settings_of(const TopicConfigs& configs, LogSettings defaults) {
  LogSettings settings = defaults;
  for (const auto& [name, value] : configs) {
    const TopicConfig* const config = find_topic_config(name);
    if (!config) {
      return base::fail(base::ErrorCode::kInvalidArgument, "unknown topic config name: " + name);
    }
    TICKLAKE_TRY(check_config_value(*config, value));
    apply(*config, value, settings);
  }
  return settings;
}

base::Result<LogSettings> default_log_settings(const TopicDefaults& defaults,
                                               LogSettings otherwise) {
  TopicConfigs configs;
  for (const auto& [name, given] : defaults)
    configs[name] = given.value;
  return log_settings_of(configs, otherwise);
}

bool is_valid_topic_name(std::string_view name) {
  if (name.empty() || name.size() > kTopicNameMax || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace ticklake::broker
