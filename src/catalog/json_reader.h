#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"

namespace ticklake::catalog {

/// How long a text may be, in bytes; as botocore's model of Glue says.
struct TextLimits {
  size_t min = 0;
  size_t max = SIZE_MAX;
};

inline constexpr TextLimits kNameLimits{1, 255};
inline constexpr TextLimits kDescriptionLimits{0, 2'048};
inline constexpr TextLimits kAnyText{};

/// Reads the members of one JSON object, and notes what first is not as it should be: whoever reads
/// asks problem() once, at the end. A member that is null is absent, as in AWS's JSON protocol.
class JsonReader {
 public:
  /// `value` and `problem` must outlive it; `path` is how messages call the object.
  JsonReader(const nlohmann::json& value, std::string path, std::string& problem);

  bool has(const char* name) const { return find(name) != nullptr; }
  std::string text(const char* name, TextLimits limits);  ///< must be there
  std::string text_or_empty(const char* name, TextLimits limits);
  std::optional<std::string> optional_text(const char* name, TextLimits limits);
  std::optional<int64_t> integer(const char* name, int64_t min, int64_t max);
  std::optional<bool> boolean(const char* name);
  std::optional<base::WallTime> time(const char* name);
  std::map<std::string, std::string> map(const char* name);
  std::vector<std::string> texts(const char* name, TextLimits limits, size_t count_max = SIZE_MAX);

  /// The elements of a list of objects, each with the path for its own reader. Empty if absent.
  std::vector<const nlohmann::json*> list(const char* name, size_t count_max = SIZE_MAX);
  const nlohmann::json* object(const char* name);
  /// Notes that a member that must be there is not.
  void require(const char* name);

  JsonReader child(const nlohmann::json& value, const std::string& name) const {
    return {value, path_.empty() ? name : path_ + "." + name, problem_};
  }
  void fail(const char* name, const std::string& why);
  std::string& problem() { return problem_; }

 private:
  const nlohmann::json* find(const char* name) const;
  bool fits(const char* name, const std::string& text, TextLimits limits);

  const nlohmann::json& value_;
  const std::string path_;
  std::string& problem_;
};

}  // namespace ticklake::catalog
