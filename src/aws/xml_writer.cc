#include "aws/xml_writer.h"

#include <cstdint>

#include "base/assert.h"
#include "base/utf8.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

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
    const base::Utf8Character character = base::first_utf8_character(text);
    const size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    if (character.bytes == 0 || !is_xml_character(character.code_point)) {
      out += kReplacement;
    } else {
      switch (character.code_point) {
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
