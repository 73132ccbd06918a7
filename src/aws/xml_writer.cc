#include "aws/xml_writer.h"

#include <cstdint>

#include "base/assert.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// The code point at the front and how many bytes it has; 0 bytes if it is not UTF-8.
struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
};

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  uint32_t value = first & (0x7fu >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3fu);
  }
  static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLeast[bytes] || value > 0x10ffff || is_surrogate) return {};
  return {value, bytes};
}

/// Char of XML 1.0, section 2.2.
bool is_xml_character(uint32_t value) {
  return value == '\t' || value == '\n' || value == '\r' ||
         (value >= 0x20 && value != 0xfffe && value != 0xffff);
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const size_t bytes = point.bytes == 0 ? 1 : point.bytes;
    if (point.bytes == 0 || !is_xml_character(point.value)) {
      out += kReplacement;
    } else {
      switch (point.value) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\r': out += "&#13;"; break;
        default: out += text.substr(0, bytes);
      }
    }
    text.remove_prefix(bytes);
  }
  return out;
}

XmlWriter::XmlWriter(std::string_view root, std::string_view xmlns)
    : text_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), open_{std::string(root)} {
  text_.append("<").append(root);
  if (!xmlns.empty()) text_.append(" xmlns=\"").append(xml_escaped(xmlns)).append("\"");
  text_ += '>';
}

XmlWriter& XmlWriter::open(std::string_view name) {
  text_.append("<").append(name).append(">");
  open_.emplace_back(name);
  return *this;
}

XmlWriter& XmlWriter::close() {
  TICKLAKE_ASSERT(!open_.empty());
  text_.append("</").append(open_.back()).append(">");
  open_.pop_back();
  return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::string_view text) {
  text_.append("<").append(name).append(">").append(xml_escaped(text));
  text_.append("</").append(name).append(">");
  return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, int64_t number) {
  return element(name, std::string_view(std::to_string(number)));
}

std::string XmlWriter::take() {
  while (!open_.empty())
    close();
  return std::move(text_);
}

}  // namespace ticklake::aws
