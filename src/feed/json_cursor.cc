#include "feed/json_cursor.h"

#include <fmt/format.h>

#include "feed/json_rows.h"

namespace ticklake::feed {
namespace {

constexpr size_t kNameBytesMax = 64 * 1024;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool ends_scalar(char c) { return is_space(c) || c == ',' || c == ']' || c == '}' || c == ':'; }

/// Follows one value byte by byte.
class ValueScan {
 public:
  enum class Step : uint8_t { kTaken, kSpace, kLast, kBehind, kTooDeep };

  Step next(char c) {
    if (in_string_) {
      if (is_escaped_) {
        is_escaped_ = false;
      } else if (c == '\\') {
        is_escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
        return depth_ == 0 ? Step::kLast : Step::kTaken;
      }
      return Step::kTaken;
    }
    if (depth_ == 0 && in_scalar_) return ends_scalar(c) ? Step::kBehind : Step::kTaken;
    if (is_space(c)) return Step::kSpace;
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      if (++depth_ > kJsonDepthMax) return Step::kTooDeep;
    } else if (c == '}' || c == ']') {
      if (depth_ == 0) return Step::kBehind;
      return --depth_ == 0 ? Step::kLast : Step::kTaken;
    } else if (depth_ == 0) {
      if (ends_scalar(c)) return Step::kBehind;
      in_scalar_ = true;
    }
    return Step::kTaken;
  }
  /// A number may end with the text.
  bool may_end() const { return depth_ == 0 && in_scalar_; }

 private:
  size_t depth_ = 0;
  bool in_string_ = false;
  bool is_escaped_ = false;
  bool in_scalar_ = false;
};

}  // namespace

tl::unexpected<base::Error> JsonCursor::fail(std::string_view cause) const {
  return base::fail(base::ErrorCode::kInvalidData, fmt::format("{} is no sound JSON", name_),
                    fmt::format("line {}: {}", line_, cause),
                    "correct the file, or fetch it again");
}

base::Result<char> JsonCursor::peek() {
  while (true) {
    const std::string_view text = window_.view();
    size_t at = 0;
    while (at < text.size() && is_space(text[at]))
      if (text[at++] == '\n') ++line_;
    window_.take(at);
    if (at < text.size()) return text[at];
    if (window_.at_end()) return '\0';
    TICKLAKE_TRY(window_.refill());
  }
}

base::Result<bool> JsonCursor::read_value(std::string& into, size_t bytes_max) {
  into.clear();
  ValueScan scan;
  bool fits = true;
  bool is_first = true;
  while (true) {
    const std::string_view text = window_.view();
    for (size_t at = 0; at < text.size(); ++at) {
      const ValueScan::Step step = scan.next(text[at]);
      if (step == ValueScan::Step::kTooDeep)
        return fail(fmt::format("more than {} levels of brackets", kJsonDepthMax));
      if (step == ValueScan::Step::kBehind) {
        window_.take(at);
        if (is_first) return fail("a value is missing");
        return fits;
      }
      if (text[at] == '\n') ++line_;
      if (step == ValueScan::Step::kSpace) continue;
      is_first = false;
      if (into.size() < bytes_max) {
        into += text[at];
      } else {
        fits = false;
      }
      if (step == ValueScan::Step::kLast) {
        window_.take(at + 1);
        return fits;
      }
    }
    window_.take(text.size());
    if (window_.at_end()) {
      if (scan.may_end()) return fits;
      return fail("it breaks off: the end of the file is missing");
    }
    TICKLAKE_TRY(window_.refill());
  }
}

base::Result<void> JsonCursor::skip_value() {
  std::string nothing;
  TICKLAKE_TRY(read_value(nothing, 0));
  return {};
}

base::Result<std::string> JsonCursor::read_name() {
  TICKLAKE_ASSIGN(const char quote, peek());
  if (quote != '"') return fail("the name of a member is missing");
  std::string name;
  TICKLAKE_ASSIGN(const bool fits, read_value(name, kNameBytesMax));
  if (!fits) return fail("the name of a member is too large");
  TICKLAKE_ASSIGN(const char colon, peek());
  if (colon != ':') return fail("':' is missing behind the name of a member");
  take();
  return name;
}

base::Result<bool> JsonCursor::next_of(char close) {
  TICKLAKE_ASSIGN(const char c, peek());
  if (c == '\0') return fail("it breaks off: the end of the file is missing");
  if (c != ',' && c != close) return fail(fmt::format("',' or '{}' is missing", close));
  take();
  return c == ',';
}

base::Result<bool> DocumentWalk::next() {
  if (!has_begun_) {
    has_begun_ = true;
    TICKLAKE_ASSIGN(const char c, cursor_.peek());
    if (c == '\0') return cursor_.fail("there is nothing in it");
    TICKLAKE_ASSIGN(const bool found, descend(0));
    if (found) return true;
  }
  while (!levels_.empty()) {
    const Level level = levels_.back();
    TICKLAKE_ASSIGN(const bool more, cursor_.next_of(level.close));
    if (!more) {
      levels_.pop_back();
      continue;
    }
    const bool is_each = path_.steps[level.step].kind == DocumentPath::Step::Kind::kEach;
    if (level.close == '}') {
      TICKLAKE_ASSIGN(std::string name, cursor_.read_name());
      if (is_each) member_name_ = std::move(name);
    }
    if (!is_each) {
      TICKLAKE_TRY(cursor_.skip_value());
      continue;
    }
    TICKLAKE_ASSIGN(const bool found, descend(level.step + 1));
    if (found) return true;
  }
  TICKLAKE_ASSIGN(const char behind, cursor_.peek());
  if (behind != '\0') return cursor_.fail("more text follows behind the end of the document");
  return false;
}

/// True: in front of a value that the path names. False: the value is passed, nothing is there.
base::Result<bool> DocumentWalk::descend(size_t number) {
  for (; number < path_.steps.size(); ++number) {
    const DocumentPath::Step& step = path_.steps[number];
    bool found = false;
    if (step.kind == DocumentPath::Step::Kind::kName) {
      TICKLAKE_ASSIGN(found, enter_member(step, number));
    } else if (step.kind == DocumentPath::Step::Kind::kIndex) {
      TICKLAKE_ASSIGN(found, enter_element(step, number));
    } else {
      TICKLAKE_ASSIGN(found, enter_each(number));
    }
    if (!found) return false;
  }
  return true;
}

base::Result<bool> DocumentWalk::enter_member(const DocumentPath::Step& step, size_t number) {
  const auto pass = [&]() -> base::Result<bool> {
    TICKLAKE_TRY(cursor_.skip_value());
    return false;
  };
  TICKLAKE_ASSIGN(const char open, cursor_.peek());
  if (open != '{') return pass();
  cursor_.take();
  TICKLAKE_ASSIGN(const char first, cursor_.peek());
  if (first == '}') {
    cursor_.take();
    return false;
  }
  bool more = true;
  while (more) {
    TICKLAKE_ASSIGN(const std::string name, cursor_.read_name());
    if (decoded_name(name) == step.name) {
      levels_.push_back({'}', number});
      return true;
    }
    TICKLAKE_TRY(cursor_.skip_value());
    TICKLAKE_ASSIGN(more, cursor_.next_of('}'));
  }
  return false;
}

base::Result<bool> DocumentWalk::enter_element(const DocumentPath::Step& step, size_t number) {
  TICKLAKE_ASSIGN(const char open, cursor_.peek());
  if (open != '[') {
    TICKLAKE_TRY(cursor_.skip_value());
    return false;
  }
  cursor_.take();
  TICKLAKE_ASSIGN(const char first, cursor_.peek());
  if (first == ']') {
    cursor_.take();
    return false;
  }
  for (uint64_t i = 0; i < step.index; ++i) {
    TICKLAKE_TRY(cursor_.skip_value());
    TICKLAKE_ASSIGN(const bool more, cursor_.next_of(']'));
    if (!more) return false;
  }
  levels_.push_back({']', number});
  return true;
}

base::Result<bool> DocumentWalk::enter_each(size_t number) {
  TICKLAKE_ASSIGN(const char open, cursor_.peek());
  if (open != '[' && open != '{') {
    TICKLAKE_TRY(cursor_.skip_value());
    return false;
  }
  cursor_.take();
  const char close = open == '[' ? ']' : '}';
  TICKLAKE_ASSIGN(const char first, cursor_.peek());
  if (first == close) {
    cursor_.take();
    return false;
  }
  member_name_.clear();
  if (open == '{') {
    TICKLAKE_ASSIGN(member_name_, cursor_.read_name());
  }
  levels_.push_back({close, number});
  return true;
}

std::string decoded_name(std::string_view written) {
  const std::string_view inside =
      written.size() >= 2 ? written.substr(1, written.size() - 2) : std::string_view();
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  JsonLineParser parser;
  if (parser.parse(fmt::format("{{{}:0}}", written)) != nullptr) return std::string(inside);
  const auto names = parser.names();
  return names.empty() ? std::string(inside) : names[0];
}

}  // namespace ticklake::feed
