#include <algorithm>
#include <cwchar>

#include "base/utf8.h"
#include "query/format.h"

namespace ticklake::query {
namespace {

constexpr size_t kGap = 2;           // blanks between columns
constexpr size_t kCellWidthMin = 6;  // below this a cut column tells nothing
constexpr size_t kMeasuredRows = 10'000;

/// East Asian wide and emoji blocks, which take two columns of a terminal.
bool is_wide(uint32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
         (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
         (c >= 0x20000 && c <= 0x3fffd);
}

/// The bytes of the character at the front, and its width.
size_t next_character(std::string_view text, size_t& width) {
  size_t length = 1;
  while (length < text.size() && length < 4 && base::continues_utf8(text[length]))
    ++length;
  const auto first = static_cast<unsigned char>(text[0]);
  uint32_t c = length == 1 ? first : first & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i)
    c = (c << 6) | (static_cast<unsigned char>(text[i]) & 0x3fu);
  width = is_wide(c) ? 2 : 1;
  if (c >= 0x300 && c <= 0x36f) width = 0;  // combining accents
  return length;
}

/// A terminal must not obey what stands in the data: control characters become visible.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += "\xef\xbf\xbd";
    } else {
      out += c;
    }
  }
  return out;
}

std::string cut(std::string text, size_t width) {
  if (display_width(text) <= width) return text;
  size_t used = 0;
  size_t at = 0;
  while (at < text.size()) {
    size_t next = 0;
    const size_t length = next_character(std::string_view(text).substr(at), next);
    if (used + next > width - 1) break;
    used += next;
    at += length;
  }
  return text.substr(0, at) + "…";
}

std::string shown(std::optional<std::string_view> cell) { return cell ? printable(*cell) : "NULL"; }

/// Gives each column what it needs, and takes from the widest text columns what is too much.
std::vector<size_t> fit(const std::vector<Column>& columns, std::vector<size_t> widths,
                        size_t width) {
  for (size_t i = 0; i < widths.size(); ++i) {
    if (!columns[i].is_number()) widths[i] = std::min(widths[i], std::max(width, kCellWidthMin));
  }
  const auto total = [&] {
    size_t sum = widths.empty() ? 0 : kGap * (widths.size() - 1);
    for (const size_t w : widths)
      sum += w;
    return sum;
  };
  while (total() > width) {
    size_t widest = widths.size();
    for (size_t i = 0; i < widths.size(); ++i) {
      // A number that is cut is a wrong number.
      if (columns[i].is_number() || widths[i] <= kCellWidthMin) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) break;
    --widths[widest];
  }
  return widths;
}

void append_cell(const std::string& text, size_t width, bool right, bool last, std::string& into) {
  const size_t padding = width - std::min(width, display_width(text));
  if (right) into.append(padding, ' ');
  into += text;
  if (!right && !last) into.append(padding, ' ');
  if (!last) into.append(kGap, ' ');
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t total = 0;
  while (!text.empty()) {
    size_t width = 0;
    text.remove_prefix(next_character(text, width));
    total += width;
  }
  return total;
}

std::string to_table(const std::vector<Column>& columns, const std::vector<RowBlock>& blocks,
                     size_t width) {
  std::vector<size_t> widths;
  for (const Column& column : columns)
    widths.push_back(display_width(printable(column.name)));
  size_t measured = 0;
  for (const RowBlock& block : blocks) {
    for (size_t row = 0; row < block.rows() && measured < kMeasuredRows; ++row, ++measured) {
      for (size_t i = 0; i < columns.size(); ++i)
        widths[i] = std::max(widths[i], display_width(shown(block.cell(row, i))));
    }
  }
  widths = fit(columns, std::move(widths), width);

  std::string text;
  for (size_t i = 0; i < columns.size(); ++i) {
    append_cell(cut(printable(columns[i].name), widths[i]), widths[i], columns[i].is_number(),
                i + 1 == columns.size(), text);
  }
  text += '\n';
  for (size_t i = 0; i < columns.size(); ++i) {
    for (size_t n = 0; n < widths[i]; ++n)
      text += "─";
    text.append(i + 1 < columns.size() ? kGap : 0, ' ');
  }
  text += '\n';
  for (const RowBlock& block : blocks) {
    for (size_t row = 0; row < block.rows(); ++row) {
      for (size_t i = 0; i < columns.size(); ++i) {
        std::string cell = shown(block.cell(row, i));
        if (!columns[i].is_number()) cell = cut(std::move(cell), widths[i]);
        append_cell(cell, widths[i], columns[i].is_number(), i + 1 == columns.size(), text);
      }
      text += '\n';
    }
  }
  return text;
}

}  // namespace ticklake::query
