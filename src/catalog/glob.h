#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::catalog {

/// A crawler's exclusion, relative to its include path: `*` within a folder, `**` across folders,
/// `?` one character but no '/', `[a-z]` and `[!…]`, `{a,b}` (not nested), `\` escapes. A leading
/// dot is ordinary. Takes time in proportion to the lengths of pattern and text multiplied.
class Glob {
 public:
  explicit Glob(std::string_view pattern);
  bool matches(std::string_view text) const;

 private:
  struct Part {
    enum class Kind : uint8_t { kByte, kAny, kSet, kStar, kStarStar };
    Kind kind;
    char byte = 0;
    std::string set = {};  ///< pairs of first and last
    bool is_negated = false;
  };
  using Parts = std::vector<Part>;

  static Parts parse(std::string_view pattern);
  static bool takes(const Part& part, char c);
  static bool matches(const Parts& parts, std::string_view text);

  std::vector<Parts> alternatives_;  ///< braces, written out
};

}  // namespace ticklake::catalog
