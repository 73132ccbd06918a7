#include "query/query_error.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/trim.h"
#include "query/sql_token.h"

namespace ticklake::query {
namespace {

std::string_view trim(std::string_view text) { return base::trimmed(text, " \n"); }

std::string_view line_at(std::string_view text, size_t position) {
  const size_t before = position == 0 ? std::string_view::npos : text.rfind('\n', position - 1);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, std::min(text.find('\n', position), text.size()) - begin);
}

/// The byte of `sql` at which DuckDB's "LINE n: …" block points its caret.
std::optional<size_t> caret_position(std::string_view block, std::string_view sql) {
  constexpr std::string_view kStart = "LINE ";
  const size_t colon = block.find(": ");
  const size_t end_of_line = block.find('\n');
  if (colon == std::string_view::npos || end_of_line == std::string_view::npos) return {};
  size_t line = 0;
  std::from_chars(block.data() + kStart.size(), block.data() + colon, line);
  const size_t caret = block.find('^', end_of_line);
  if (line == 0 || caret == std::string_view::npos) return {};
  const std::string_view shown = block.substr(colon + 2, end_of_line - colon - 2);
  size_t column = caret - end_of_line - 1;
  if (column < colon + 2) return {};
  column -= colon + 2;

  size_t begin = 0;
  for (size_t n = 1; n < line; ++n) {
    begin = sql.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  const std::string_view whole = sql.substr(begin, sql.find('\n', begin) - begin);
  // A long line is shown cut on either side, with dots in the place of what is missing.
  constexpr std::string_view kDots = "...";
  std::string_view middle = shown;
  size_t dots = 0;
  if (middle.starts_with(kDots)) {
    middle.remove_prefix(kDots.size());
    dots = kDots.size();
  }
  if (middle.ends_with(kDots)) middle.remove_suffix(kDots.size());
  const size_t found = whole.find(middle);
  if (found == std::string_view::npos || column < dots) return {};
  const size_t position = begin + found + column - dots;
  return position <= sql.size() ? std::optional(position) : std::nullopt;
}

/// Which token of `sql` is the one at `position` of `ran`: the n-th of its name in both.
std::optional<size_t> same_token(std::string_view ran, size_t position, std::string_view sql) {
  const auto occurrences = [](std::string_view text, const std::string& name) {
    std::vector<size_t> begins;
    for (const Token& token : tokenize(text)) {
      if (name_of(text, token) == name) begins.push_back(token.begin);
    }
    return begins;
  };
  for (const Token& token : tokenize(ran)) {
    if (position < token.begin || position >= token.end) continue;
    const std::string name = name_of(ran, token);
    const std::vector<size_t> there = occurrences(ran, name);
    const std::vector<size_t> here = occurrences(sql, name);
    if (there.size() != here.size()) {
      return here.size() == 1 ? std::optional(here[0]) : std::nullopt;
    }
    return here[static_cast<size_t>(std::find(there.begin(), there.end(), token.begin) -
                                    there.begin())];
  }
  return {};
}

std::string place(std::string_view sql, size_t position) {
  const auto line = std::count(sql.begin(), sql.begin() + static_cast<ptrdiff_t>(position), '\n');
  const std::string_view text = line_at(sql, position);
  const auto column = static_cast<size_t>(sql.data() + position - text.data());
  std::string padding;
  for (const char c : text.substr(0, column)) {
    // One blank a character, whatever its length in UTF-8.
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) padding += c == '\t' ? '\t' : ' ';
  }
  return "line " + std::to_string(line + 1) + ", column " + std::to_string(padding.size() + 1) +
         ":\n  " + std::string(text) + "\n  " + padding + "^";
}

}  // namespace

base::Error query_error(std::string_view text, std::string_view sql, std::string_view ran) {
  size_t block = text.find("LINE ");
  if (block != 0 && block != std::string_view::npos && text[block - 1] != '\n') {
    block = std::string_view::npos;
  }
  std::optional<size_t> position;
  if (block != std::string_view::npos) {
    position = caret_position(text.substr(block), ran);
    if (position && sql != ran) position = same_token(ran, *position, sql);
  }
  const std::string_view message = trim(text.substr(0, block));
  const size_t first = std::min(message.find('\n'), message.size());
  base::Error error{base::ErrorCode::kInvalidArgument, {}, {}, {}, false};
  error.what = trim(message.substr(0, first));
  error.cause = trim(message.substr(first));
  if (position) error.cause += (error.cause.empty() ? "" : "\n") + place(sql, *position);
  return error;
}

}  // namespace ticklake::query
