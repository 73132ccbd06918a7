#include "feed/document_path.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace ticklake::feed {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_plain);
}

/// Reads what stands between brackets; false if it is none of the three kinds.
bool read_bracket(std::string_view text, size_t& at, DocumentPath::Step& step) {
  if (at == text.size()) return false;
  const char quote = text[at];
  if (quote == '\'' || quote == '"') {
    for (++at; at < text.size() && text[at] != quote; ++at) {
      if (text[at] == '\\' && ++at == text.size()) return false;
      step.name += text[at];
    }
    return at++ < text.size();
  }
  if (quote == '*') {
    step.kind = DocumentPath::Step::Kind::kEach;
    ++at;
    return true;
  }
  step.kind = DocumentPath::Step::Kind::kIndex;
  const auto [end, error] =
      std::from_chars(text.data() + at, text.data() + text.size(), step.index);
  at = static_cast<size_t>(end - text.data());
  return error == std::errc{};
}

}  // namespace

base::Result<DocumentPath> DocumentPath::parse(std::string_view text) {
  const auto refuse = [&](size_t at) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("'{}' is no path that is read here", text),
                      fmt::format("it is not understood from character {} on", at + 1),
                      "write it like $.data.items, $['Time Series (Daily)'] or $.pages[*].rows");
  };
  if (!text.starts_with('$')) return refuse(0);
  DocumentPath path;
  size_t at = 1;
  while (at < text.size()) {
    const size_t begin = at;
    Step step;
    if (path.steps.size() == kStepsMax) return refuse(begin);
    if (text[at] == '.') {
      while (++at < text.size() && is_plain(text[at]))
        step.name += text[at];
      if (step.name.empty()) return refuse(begin);
    } else if (text[at] == '[') {
      ++at;
      if (!read_bracket(text, at, step) || at >= text.size() || text[at] != ']')
        return refuse(begin);
      ++at;
    } else {
      return refuse(begin);
    }
    path.steps.push_back(std::move(step));
  }
  return path;
}

std::string DocumentPath::text() const {
  std::string text = "$";
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::kEach) {
      text += "[*]";
    } else if (step.kind == Step::Kind::kIndex) {
      text += fmt::format("[{}]", step.index);
    } else if (is_plain_name(step.name)) {
      (text += '.') += step.name;
    } else {
      text += "['";
      for (const char c : step.name) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
      }
      text += "']";
    }
  }
  return text;
}

}  // namespace ticklake::feed
