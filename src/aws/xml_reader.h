#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service_error.h"

namespace ticklake::aws {

/// What a request's body may be. S3's largest are a Delete of 1,000 keys and a
/// CompleteMultipartUpload of 10,000 parts.
inline constexpr size_t kXmlBytesMax = 4 << 20;
inline constexpr size_t kXmlElementsMax = 100'000;
inline constexpr size_t kXmlDepthMax = 16;

/// One element: its name without prefix, its own text, the elements in it. Attributes are left out:
/// nothing that S3 is sent has any that matter.
struct XmlElement {
  std::string name;
  std::string text = {};  ///< of an element with others in it: what stands between them
  std::vector<XmlElement> children = {};

  /// The first of that name; null if there is none.
  const XmlElement* find(std::string_view child) const;
  /// The text of the first of that name; none if there is none.
  std::optional<std::string_view> text_of(std::string_view child) const;
};

/// Parses a whole document. kMalformedXml unless it is well-formed, with the root `root`, in UTF-8,
/// without a document type and so without entities of its own, and within the bounds above.
Answer<XmlElement> parse_xml(std::string_view text, std::string_view root);

}  // namespace ticklake::aws
