#pragma once

#include <string_view>

namespace ticklake::base {

/// The two characters of a pattern that do not stand for themselves.
struct Wildcards {
  char any_text;
  char any_byte;
};

/// Whether all of `text` is as the pattern says: `{'%', '_'}` is SQL's LIKE.
bool matches_wildcards(std::string_view text, std::string_view pattern, Wildcards wildcards);

}  // namespace ticklake::base
