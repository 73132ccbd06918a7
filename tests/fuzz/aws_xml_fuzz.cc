#include "aws/xml_reader.h"
#include "aws/xml_writer.h"
#include "base/assert.h"

using namespace ticklake;

namespace {

void write_children(aws::XmlWriter& writer, const aws::XmlElement& element) {
  for (const aws::XmlElement& child : element.children) {
    if (child.children.empty()) {
      writer.element(child.name, child.text);
      continue;
    }
    writer.open(child.name);
    write_children(writer, child);
    writer.close();
  }
}

size_t count_of(const aws::XmlElement& element) {
  size_t count = 1;
  for (const aws::XmlElement& child : element.children)
    count += count_of(child);
  return count;
}

}  // namespace

// Any text stands escaped in a document; a document that is read can be written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  TICKLAKE_ASSERT(aws::parse_xml("<a>" + aws::xml_escaped(text) + "</a>", "a").has_value());
  const auto parsed = aws::parse_xml(text, "Delete");
  if (!parsed) return 0;
  TICKLAKE_ASSERT(count_of(*parsed) <= aws::kXmlElementsMax);
  aws::XmlWriter writer("Delete");
  write_children(writer, *parsed);
  const auto again = aws::parse_xml(writer.take(), "Delete");
  TICKLAKE_ASSERT(again && count_of(*again) == count_of(*parsed));
  return 0;
}
