#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ticklake::feed {

// Places in JSON texts, as they stand: numbers keep every digit. All of it takes a text that
// is_json() has accepted, and gives views into it.

/// Whether `text` is one JSON value (RFC 8259) at most kJsonDepthMax levels deep.
bool is_json(std::string_view text);

/// A value somewhere in a JSON text.
struct JsonMatch {
  std::string_view value;  ///< as it is written, without blanks around it
  std::string_view name;   ///< of the member that it is, in its quotes; empty elsewhere
};

/// A place, or many: the subset of JSONPath (RFC 9535) that has names (.a, ['b'], ["b"]), indexes
/// ([0], from the end [-1]) and "all of them" ([*], .*).
class JsonPath {
 public:
  static constexpr size_t kStepsMax = 64;

  /// `text` without what it starts from ("$" or "@"): ".a['b'][0][*]". kInvalidArgument says what
  /// stands where.
  static base::Result<JsonPath> parse(std::string_view text);

  static constexpr size_t kAllMatches = SIZE_MAX;

  /// What stands at the path, in order; nothing where a name or an index is not there. Of members
  /// of one name, the last. No more than the first `count_max`.
  std::vector<JsonMatch> find(std::string_view json, size_t count_max = kAllMatches) const;
  /// The first of them.
  std::optional<std::string_view> find_first(std::string_view json) const;
  /// Whether it can match more than one value.
  bool has_wildcard() const;

 private:
  struct Step {
    enum class Kind : uint8_t { kName, kIndex, kAll };
    Kind kind = Kind::kAll;
    std::string name = {};
    int64_t index = 0;
  };
  void find_from(size_t step, JsonMatch at, size_t count_max, std::vector<JsonMatch>& found) const;

  std::vector<Step> steps_;
};

/// Calls `take` for each member of an object or element of an array; nothing for other values.
void for_each_child(std::string_view json, const std::function<void(const JsonMatch&)>& take);

/// The text of a string value, its escapes undone; any other value as it is written.
std::string json_text(std::string_view value);

/// `json` without the blanks between its tokens, so that it stands on one line.
void append_on_one_line(std::string& out, std::string_view json);

/// The paths, as people write them, of arrays that no other array holds; at most `count_max`.
std::vector<std::string> array_paths(std::string_view json, size_t count_max);

}  // namespace ticklake::feed
