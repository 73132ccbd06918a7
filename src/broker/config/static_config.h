#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker/log/topic_configs.h"
#include "broker/node.h"

namespace ticklake::broker {

/// One of Kafka's broker configs that act here and can be given at the start.
struct StaticConfig {
  /// Its name, type and range, or the values that it may have.
  TopicConfig rule;
  std::string_view what;  ///< it does, as one sentence
  /// Of a log.…: the topic's config that it is the default of. Of several that are given for one
  /// (hours, minutes, ms), that of the smallest unit counts.
  std::string_view topic_config = {};
  int64_t unit_ms = 1;
  /// It has no value of its own unless it is given.
  bool is_told_if_given_only = false;
  /// The value that is in force.
  std::function<std::string(const NodeOptions&)> read = {};
  /// The value was checked.
  std::function<void(NodeOptions&, const std::string& value)> write = {};
};

/// By name.
std::span<const StaticConfig> static_configs();
/// Null if none of that name acts.
const StaticConfig* find_static_config(std::string_view name);
/// Whether it was given, or a flag says something else than the default.
bool is_given(const StaticConfig& config, const NodeOptions& options);

/// The value as it is kept and told, which is how Kafka reads it: blanks around it count in a
/// string only, a boolean may be in capitals. kInvalidArgument if it is none of the config's type,
/// or out of its range.
base::Result<std::string> checked_value(const StaticConfig& config, std::string_view value);

/// What can be set, for people: name, type, default and values, what it does.
std::string describe_static_configs();

}  // namespace ticklake::broker
