#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::aws {

/// `text` so that it stands in an element or, between double quotes, an attribute. A carriage
/// return becomes `&#13;`, which a reader would otherwise take for a line feed. What XML 1.0 cannot
/// hold even as a reference (most control characters, U+FFFE and U+FFFF, bytes that are not UTF-8)
/// becomes U+FFFD: who needs such keys whole asks for `encoding-type=url`.
std::string xml_escaped(std::string_view text);

/// Writes one document, elements in the order of the calls, without white space between them.
class XmlWriter {
 public:
  /// Begins with the XML declaration and the root. `xmlns`: none if empty.
  explicit XmlWriter(std::string_view root, std::string_view xmlns = {});

  XmlWriter& open(std::string_view name);
  /// The innermost one that is open.
  XmlWriter& close();
  XmlWriter& element(std::string_view name, std::string_view text);
  XmlWriter& element(std::string_view name, int64_t number);
  XmlWriter& flag(std::string_view name, bool value) {
    return element(name, std::string_view(value ? "true" : "false"));
  }

  /// Closes what is open. Called once, at the end.
  std::string take();

 private:
  std::string text_;
  std::vector<std::string> open_;
};

}  // namespace ticklake::aws
