#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "broker/config/static_config.h"

namespace ticklake::broker {

// What the rows of static_configs() are made with.

inline constexpr int64_t kIntMax = std::numeric_limits<int32_t>::max();
/// A hundred years, so that times in nanoseconds do not overflow.
inline constexpr int64_t kMsMax = int64_t{100} * 365 * 24 * 60 * 60 * 1000;

/// The value was checked.
template <typename Number>
Number number_in(const std::string& text) {
  Number number{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  TICKLAKE_ASSERT(parsed.ec == std::errc());
  return number;
}

template <typename Unit, typename Value>
std::string config_text(const Value& value) {
  if constexpr (std::is_same_v<Value, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<Value>) {
    return std::to_string(value);
  } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    std::string text;
    for (const std::string& element : value)
      text += (text.empty() ? "" : ",") + element;
    return text;
  } else {
    return std::to_string(std::chrono::duration_cast<Unit>(value).count());
  }
}

template <typename Unit, typename Value>
void set_config(Value& to, const std::string& text) {
  if constexpr (std::is_same_v<Value, bool>) {
    to = text == "true";
  } else if constexpr (std::is_integral_v<Value>) {
    to = number_in<Value>(text);
  } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    to = config_list(text);
  } else {
    to = Unit(number_in<int64_t>(text));
  }
}

/// One that is a field of the options: `field` gives a reference to it. Durations are in `Unit`.
template <typename Unit = std::chrono::milliseconds, typename Field>
StaticConfig setting(TopicConfig rule, Field field, std::string_view what) {
  StaticConfig config{rule, what};
  config.read = [field](const NodeOptions& options) { return config_text<Unit>(field(options)); };
  config.write = [field](NodeOptions& options, const std::string& value) {
    set_config<Unit>(field(options), value);
  };
  return config;
}

inline TopicConfig boolean(std::string_view name) { return {name, "", ConfigType::kBoolean, ""}; }
inline TopicConfig whole(std::string_view name, int64_t min, int64_t max = kIntMax) {
  return {name, "", ConfigType::kInt, "", min, max};
}
inline TopicConfig whole_long(std::string_view name, int64_t min, int64_t max = kMsMax) {
  return {name, "", ConfigType::kLong, "", min, max};
}
inline TopicConfig list(std::string_view name, std::string_view one_of) {
  return {name, "", ConfigType::kList, "", 0, 0, one_of};
}

/// One that can only be what it is; a file that says just that is right.
inline StaticConfig fixed(std::string_view name, ConfigType type, int64_t value,
                          std::string_view what) {
  StaticConfig config{{name, "", type, "", value, value}, what};
  config.read = [value](const NodeOptions&) { return std::to_string(value); };
  config.write = [](NodeOptions&, const std::string&) {};
  return config;
}

}  // namespace ticklake::broker

/// A lambda that gives a reference to that field of NodeOptions, const or not.
#define TICKLAKE_FIELD(field) \
  [](auto& options) -> auto& { return options.field; }
