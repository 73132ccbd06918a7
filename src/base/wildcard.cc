#include "base/wildcard.h"

namespace ticklake::base {

bool matches_wildcards(std::string_view text, std::string_view pattern, Wildcards wildcards) {
  size_t in_text = 0;
  size_t in_pattern = 0;
  // Only the last wildcard of any text is to be tried again: what an earlier one could take, it can
  // too.
  size_t last = std::string_view::npos;
  size_t last_in_text = 0;
  while (in_text < text.size()) {
    const bool has_more = in_pattern < pattern.size();
    if (has_more && pattern[in_pattern] == wildcards.any_text) {
      last = in_pattern++;
      last_in_text = in_text;
    } else if (has_more && (pattern[in_pattern] == wildcards.any_byte ||
                            pattern[in_pattern] == text[in_text])) {
      ++in_pattern;
      ++in_text;
    } else if (last != std::string_view::npos) {
      in_pattern = last + 1;
      in_text = ++last_in_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of(wildcards.any_text, in_pattern) == std::string_view::npos;
}

}  // namespace ticklake::base
