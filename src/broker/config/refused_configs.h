#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ticklake::broker {

/// A name of Kafka's broker configuration that cannot be given here.
struct RefusedConfig {
  std::string_view name;  ///< one '*' in it stands for anything
  std::string_view why;
  std::string_view instead;  ///< what to do, as an imperative
};

/// The first that fits a name counts.
std::span<const RefusedConfig> refused_configs();
/// Null if it is no name of Kafka's, as far as this release knows, or one that can be given.
const RefusedConfig* find_refused_config(std::string_view name);

/// The name among all those of Kafka's that is written most like this one; empty if none is.
std::string_view nearest_config(std::string_view name);

/// What is refused, for people: name, why, what to do.
std::string describe_refused_configs();

}  // namespace ticklake::broker
