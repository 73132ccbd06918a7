#include "catalog/glob.h"

#include <algorithm>
#include <cstdint>

namespace ticklake::catalog {
namespace {

constexpr size_t kAlternativesMax = 256;

/// The first brace that no backslash and no set takes away; npos if there is none.
size_t find_plain(std::string_view text, char wanted, size_t from) {
  bool is_in_set = false;
  for (size_t i = from; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (is_in_set) {
      is_in_set = text[i] != ']';
    } else if (text[i] == wanted) {
      return i;
    } else {
      is_in_set = text[i] == '[' && text.find(']', i) != std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

/// `a{b,c}d` is `abd` and `acd`.
std::vector<std::string> without_braces(std::string_view pattern) {
  std::vector<std::string> done{""};
  while (true) {
    const size_t open = find_plain(pattern, '{', 0);
    const size_t close = open == std::string_view::npos ? open : find_plain(pattern, '}', open + 1);
    if (close == std::string_view::npos) break;
    std::vector<std::string> next;
    size_t start = open + 1;
    while (start <= close) {
      const size_t comma = std::min(find_plain(pattern.substr(0, close), ',', start), close);
      for (const std::string& front : done) {
        if (next.size() == kAlternativesMax) break;
        next.push_back(std::string(front)
                           .append(pattern.substr(0, open))
                           .append(pattern.substr(start, comma - start)));
      }
      start = comma + 1;
    }
    done = std::move(next);
    pattern.remove_prefix(close + 1);
  }
  for (std::string& front : done)
    front += pattern;
  return done;
}

}  // namespace

Glob::Glob(std::string_view pattern) {
  for (const std::string& alternative : without_braces(pattern))
    alternatives_.push_back(parse(alternative));
}

Glob::Parts Glob::parse(std::string_view pattern) {
  Parts parts;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      parts.push_back({Part::Kind::kByte, pattern[++i]});
    } else if (c == '?') {
      parts.push_back({Part::Kind::kAny});
    } else if (c == '*') {
      const bool is_double = i + 1 < pattern.size() && pattern[i + 1] == '*';
      parts.push_back({is_double ? Part::Kind::kStarStar : Part::Kind::kStar});
      if (is_double) ++i;
    } else if (c == '[' && pattern.find(']', i + 1) != std::string_view::npos) {
      Part part{Part::Kind::kSet};
      size_t at = i + 1;
      part.is_negated = pattern[at] == '!' || pattern[at] == '^';
      if (part.is_negated) ++at;
      for (; pattern[at] != ']' && at + 1 < pattern.size(); ++at) {
        if (pattern[at] == '\\' && at + 2 < pattern.size()) ++at;
        const bool is_range =
            pattern[at + 1] == '-' && at + 2 < pattern.size() && pattern[at + 2] != ']';
        part.set += pattern[at];
        part.set += is_range ? pattern[at + 2] : pattern[at];
        if (is_range) at += 2;
        if (at + 1 >= pattern.size()) break;
      }
      parts.push_back(std::move(part));
      i = at;
    } else {
      parts.push_back({Part::Kind::kByte, c});
    }
  }
  return parts;
}

bool Glob::takes(const Part& part, char c) {
  switch (part.kind) {
    case Part::Kind::kByte: return c == part.byte;
    case Part::Kind::kAny:
    case Part::Kind::kStar: return c != '/';
    case Part::Kind::kStarStar: return true;
    case Part::Kind::kSet: break;
  }
  bool is_in = false;
  for (size_t i = 0; i + 1 < part.set.size(); i += 2)
    is_in = is_in || (c >= part.set[i] && c <= part.set[i + 1]);
  return c != '/' && is_in != part.is_negated;
}

bool Glob::matches(const Parts& parts, std::string_view text) {
  // state[i]: the first i parts take the text so far.
  std::vector<uint8_t> state(parts.size() + 1, 0);
  const auto skip_stars = [&] {
    for (size_t i = 0; i < parts.size(); ++i) {
      const auto kind = parts[i].kind;
      const bool is_star = kind == Part::Kind::kStar || kind == Part::Kind::kStarStar;
      if (state[i] != 0 && is_star) state[i + 1] = 1;
    }
  };
  state[0] = 1;
  skip_stars();
  for (const char c : text) {
    std::vector<uint8_t> next(parts.size() + 1, 0);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (state[i] == 0 || !takes(parts[i], c)) continue;
      const auto kind = parts[i].kind;
      const bool is_star = kind == Part::Kind::kStar || kind == Part::Kind::kStarStar;
      next[is_star ? i : i + 1] = 1;
    }
    state.swap(next);
    skip_stars();
  }
  return state.back() != 0;
}

bool Glob::matches(std::string_view text) const {
  return std::ranges::any_of(alternatives_,
                             [&](const Parts& parts) { return matches(parts, text); });
}

}  // namespace ticklake::catalog
