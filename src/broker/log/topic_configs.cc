#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "broker/log/log_folder.h"

namespace ticklake::broker {
namespace {

constexpr size_t kTopicNameMax = 249;
constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();

/// Accepted and shown, without effect in this broker.
constexpr std::array<std::string_view, 18> kKeptConfigs = {
    "cleanup.policy",
    "compression.type",
    "delete.retention.ms",
    "file.delete.delay.ms",
    "flush.messages",
    "flush.ms",
    "index.interval.bytes",
    "max.compaction.lag.ms",
    "message.format.version",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.difference.max.ms",
    "min.cleanable.dirty.ratio",
    "min.compaction.lag.ms",
    "min.insync.replicas",
    "preallocate",
    "segment.jitter.ms",
    "segment.ms",
};

tl::unexpected<base::Error> refuse(std::string_view name, std::string_view value,
                                   std::string_view expected) {
  return base::fail(base::ErrorCode::kInvalidArgument,
                    "invalid value '" + std::string(value) + "' for " + std::string(name),
                    "it must be " + std::string(expected));
}

base::Result<int64_t> parse_number(std::string_view name, std::string_view value, int64_t min,
                                   int64_t max) {
  int64_t number = 0;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_whole = parsed.ec == std::errc() && parsed.ptr == value.data() + value.size();
  if (!is_whole || number < min || number > max) {
    return refuse(name, value,
                  "a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return number;
}

}  // namespace

base::Result<LogSettings> log_settings_of(const TopicConfigs& configs, LogSettings defaults) {
  LogSettings settings = defaults;
  for (const auto& [name, value] : configs) {
    if (name == "message.timestamp.type") {
      if (value != "CreateTime" && value != "LogAppendTime") {
        return refuse(name, value, "CreateTime or LogAppendTime");
      }
      settings.timestamp_type = value == "LogAppendTime" ? kafka::TimestampType::kLogAppendTime
                                                         : kafka::TimestampType::kCreateTime;
    } else if (name == "segment.bytes") {
      TICKLAKE_ASSIGN(const int64_t bytes, parse_number(name, value, 14, kInt32Max));
      settings.segment_bytes = static_cast<uint64_t>(bytes);
    } else if (name == "max.message.bytes") {
      TICKLAKE_ASSIGN(const int64_t bytes, parse_number(name, value, 0, kInt32Max));
      settings.batch_bytes_max = static_cast<int32_t>(bytes);
    } else if (name == "retention.ms") {
      TICKLAKE_ASSIGN(settings.retention_ms, parse_number(name, value, -1, kInt64Max / 2));
    } else if (name == "retention.bytes") {
      TICKLAKE_ASSIGN(settings.retention_bytes, parse_number(name, value, -1, kInt64Max));
    } else if (std::ranges::find(kKeptConfigs, name) == kKeptConfigs.end()) {
      return base::fail(base::ErrorCode::kInvalidArgument, "unknown topic config " + name);
    }
  }
  // A compacted topic must keep the last value of each key, which dropping by age would not.
  const auto policy = configs.find("cleanup.policy");
  if (policy != configs.end() && policy->second.find("delete") == std::string::npos) {
    settings.retention_ms = -1;
    settings.retention_bytes = -1;
  }
  return settings;
}

bool is_valid_topic_name(std::string_view name) {
  if (name.empty() || name.size() > kTopicNameMax || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace ticklake::broker
