#include "catalog/json_reader.h"

#include <cmath>

namespace ticklake::catalog {
namespace {

/// Seconds of the years 1 to 9999 would not fit 64 bits of nanoseconds.
constexpr double kSecondsMax = 9.2e9;

}  // namespace

JsonReader::JsonReader(const nlohmann::json& value, std::string path, std::string& problem)
    : value_(value), path_(std::move(path)), problem_(problem) {
  if (!value_.is_object() && problem_.empty()) {
    problem_ = (path_.empty() ? "the request" : path_) + " must be an object";
  }
}

const nlohmann::json* JsonReader::find(const char* name) const {
  if (!value_.is_object()) return nullptr;
  const auto found = value_.find(name);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

void JsonReader::fail(const char* name, const std::string& why) {
  if (!problem_.empty()) return;
  problem_ = (path_.empty() ? std::string() : path_ + ".") + name + " " + why;
}

void JsonReader::require(const char* name) {
  if (!has(name)) fail(name, "is required");
}

bool JsonReader::fits(const char* name, const std::string& text, TextLimits limits) {
  if (text.size() < limits.min) {
    fail(name, "must have at least " + std::to_string(limits.min) + " characters");
  } else if (text.size() > limits.max) {
    fail(name, "must have at most " + std::to_string(limits.max) + " characters");
  } else {
    return true;
  }
  return false;
}

std::optional<std::string> JsonReader::optional_text(const char* name, TextLimits limits) {
  const nlohmann::json* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    fail(name, "must be a string");
    return std::nullopt;
  }
  const auto& text = value->get_ref<const std::string&>();
  if (!fits(name, text, limits)) return std::nullopt;
  return text;
}

std::string JsonReader::text(const char* name, TextLimits limits) {
  require(name);
  return text_or_empty(name, limits);
}

std::string JsonReader::text_or_empty(const char* name, TextLimits limits) {
  return optional_text(name, limits).value_or("");
}

std::optional<int64_t> JsonReader::integer(const char* name, int64_t min, int64_t max) {
  const nlohmann::json* const value = find(name);
  if (value == nullptr) return std::nullopt;
  const bool fits = value->is_number_integer() &&
                    !(value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX);
  if (!fits) {
    fail(name, "must be an integer");
    return std::nullopt;
  }
  const auto number = value->get<int64_t>();
  if (number < min || number > max) {
    fail(name, "must be from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> JsonReader::boolean(const char* name) {
  const nlohmann::json* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) {
    fail(name, "must be true or false");
    return std::nullopt;
  }
  return value->get<bool>();
}

std::optional<base::WallTime> JsonReader::time(const char* name) {
  const nlohmann::json* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    fail(name, "must be a number: seconds since 1970");
    return std::nullopt;
  }
  const double seconds = value->get<double>();
  if (!(std::abs(seconds) < kSecondsMax)) {
    fail(name, "must be seconds since 1970");
    return std::nullopt;
  }
  return base::WallTime(std::chrono::milliseconds(std::llround(seconds * 1'000)));
}

std::map<std::string, std::string> JsonReader::map(const char* name) {
  std::map<std::string, std::string> map;
  const nlohmann::json* const value = find(name);
  if (value == nullptr) return map;
  if (!value->is_object()) {
    fail(name, "must be an object of strings");
    return map;
  }
  for (const auto& [key, text] : value->items()) {
    if (text.is_null()) continue;
    if (!text.is_string()) {
      fail(name, "must be an object of strings");
      return map;
    }
    map.emplace(key, text.get<std::string>());
  }
  return map;
}

std::vector<std::string> JsonReader::texts(const char* name, TextLimits limits, size_t count_max) {
  std::vector<std::string> texts;
  const nlohmann::json* const value = find(name);
  if (value == nullptr) return texts;
  if (!value->is_array()) {
    fail(name, "must be a list of strings");
    return texts;
  }
  if (value->size() > count_max) {
    fail(name, "must have at most " + std::to_string(count_max) + " elements");
    return texts;
  }
  for (const auto& element : *value) {
    if (!element.is_string()) {
      fail(name, "must be a list of strings");
      return texts;
    }
    const auto& text = element.get_ref<const std::string&>();
    if (!fits(name, text, limits)) return texts;
    texts.push_back(text);
  }
  return texts;
}

std::vector<const nlohmann::json*> JsonReader::list(const char* name, size_t count_max) {
  std::vector<const nlohmann::json*> elements;
  const nlohmann::json* const value = find(name);
  if (value == nullptr) return elements;
  if (!value->is_array()) {
    fail(name, "must be a list");
    return elements;
  }
  if (value->size() > count_max) {
    fail(name, "must have at most " + std::to_string(count_max) + " elements");
    return elements;
  }
  for (const auto& element : *value)
    elements.push_back(&element);
  return elements;
}

const nlohmann::json* JsonReader::object(const char* name) {
  const nlohmann::json* const value = find(name);
  if (value != nullptr && !value->is_object()) {
    fail(name, "must be an object");
    return nullptr;
  }
  return value;
}

}  // namespace ticklake::catalog
