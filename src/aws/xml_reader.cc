#include "aws/xml_reader.h"

#include <algorithm>
#include <memory>

#include <expat.h>

#include "base/assert.h"

namespace ticklake::aws {
namespace {

/// Between a name's namespace and the name itself, as expat reports it; neither can hold it.
constexpr XML_Char kNamespaceEnd = '\n';

/// What expat tells, put together. The elements that are open lie on a stack of their own, so that
/// none moves while something points to it.
class TreeBuilder {
 public:
  explicit TreeBuilder(XML_Parser parser) : parser_(parser) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &on_start, &on_end);
    XML_SetCharacterDataHandler(parser, &on_text);
    XML_SetStartDoctypeDeclHandler(parser, &on_doctype);
  }

  const char* refusal() const { return refusal_; }
  XmlElement take_root() { return std::move(root_); }

 private:
  static TreeBuilder& self(void* data) { return *static_cast<TreeBuilder*>(data); }

  static void XMLCALL on_start(void* data, const XML_Char* name, const XML_Char** /*attributes*/) {
    TreeBuilder& builder = self(data);
    if (builder.open_.size() == kXmlDepthMax) return builder.refuse("it is nested too deeply");
    if (++builder.elements_ > kXmlElementsMax) return builder.refuse("it has too many elements");
    const std::string_view whole(name);
    const size_t end = whole.rfind(kNamespaceEnd);
    builder.open_.push_back(
        {std::string(end == std::string_view::npos ? whole : whole.substr(end + 1))});
  }
  static void XMLCALL on_end(void* data, const XML_Char* /*name*/) {
    TreeBuilder& builder = self(data);
    if (builder.refusal_) return;
    XmlElement element = std::move(builder.open_.back());
    builder.open_.pop_back();
    if (builder.open_.empty()) {
      builder.root_ = std::move(element);
    } else {
      builder.open_.back().children.push_back(std::move(element));
    }
  }
  static void XMLCALL on_text(void* data, const XML_Char* text, int size) {
    TreeBuilder& builder = self(data);
    if (builder.refusal_ || builder.open_.empty()) return;
    builder.open_.back().text.append(text, static_cast<size_t>(size));
  }
  static void XMLCALL on_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*,
                                 int) {
    self(data).refuse("a document type is not allowed");
  }
  void refuse(const char* why) {
    refusal_ = why;
    XML_StopParser(parser_, XML_FALSE);
  }

  XML_Parser parser_;
  const char* refusal_ = nullptr;
  size_t elements_ = 0;
  std::vector<XmlElement> open_;
  XmlElement root_;
};

tl::unexpected<ServiceError> malformed(std::string_view why) {
  return refuse(ErrorKind::kMalformedXml,
                "The XML you provided was not well-formed or did not validate against our "
                "published schema: " +
                    std::string(why) + ".");
}

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
  const auto found = std::ranges::find(children, child, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::optional<std::string_view> XmlElement::text_of(std::string_view child) const {
  const XmlElement* const found = find(child);
  if (!found) return std::nullopt;
  return found->text;
}

Answer<XmlElement> parse_xml(std::string_view text, std::string_view root) {
  if (text.size() > kXmlBytesMax) return malformed("it is larger than 4 MiB");
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
      XML_ParserCreateNS("UTF-8", kNamespaceEnd), &XML_ParserFree);
  TICKLAKE_ASSERT(parser);
  TreeBuilder builder(parser.get());
  const XML_Status status =
      XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (builder.refusal()) return malformed(builder.refusal());
  if (status != XML_STATUS_OK) return malformed(XML_ErrorString(XML_GetErrorCode(parser.get())));
  XmlElement element = builder.take_root();
  if (element.name != root) return malformed("its root is not " + std::string(root));
  return element;
}

}  // namespace ticklake::aws
