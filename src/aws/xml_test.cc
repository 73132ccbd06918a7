#include <gtest/gtest.h>

#include "aws/xml_reader.h"
#include "aws/xml_writer.h"

namespace ticklake::aws {
namespace {

std::optional<ErrorKind> refusal(std::string_view text, std::string_view root = "a") {
  const auto parsed = parse_xml(text, root);
  return parsed ? std::nullopt : std::optional(parsed.error().kind);
}

TEST(XmlWriter, writes_what_a_client_reads) {
  XmlWriter writer("ListBucketResult", "http://s3.amazonaws.com/doc/2006-03-01/");
  writer.element("Name", "b").element("KeyCount", 1).flag("IsTruncated", false);
  writer.open("Contents").element("Key", "a<b>&\"c\"").element("ETag", "\"x\"").close();
  writer.open("CommonPrefixes").element("Prefix", "p/");
  EXPECT_EQ(writer.take(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Name>b</Name><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>"
            "<Contents><Key>a&lt;b&gt;&amp;&quot;c&quot;</Key><ETag>&quot;x&quot;</ETag></Contents>"
            "<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>");
}

TEST(XmlWriter, whatever_a_key_holds_the_document_stays_well_formed) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte)
    every_byte += static_cast<char>(byte);
  for (const std::string& text :
       {every_byte, std::string("\xed\xa0\x80"), std::string("\xef\xbf\xbe\xef\xbf\xbf"),
        std::string("\xc0\x80\xf4\x90\x80\x80\xe2\x82"), std::string("€ é 😀 \t\n\r")}) {
    const auto parsed = parse_xml("<a>" + xml_escaped(text) + "</a>", "a");
    ASSERT_TRUE(parsed) << parsed.error().message;
    // What was replaced is the same the second time.
    EXPECT_EQ(parse_xml("<a>" + xml_escaped(parsed->text) + "</a>", "a")->text, parsed->text);
  }
  EXPECT_EQ(parse_xml("<a>" + xml_escaped("€ é 😀 \t\n\r]]>") + "</a>", "a")->text,
            "€ é 😀 \t\n\r]]>");
  EXPECT_EQ(xml_escaped(std::string_view("x\0y", 3)), "x\xef\xbf\xbdy");
}

TEST(XmlReader, reads_what_clients_send) {
  const auto parsed = parse_xml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "  <Part><ETag>&quot;abc&quot;</ETag><PartNumber>1</PartNumber></Part>\n"
      "  <x:Part xmlns:x=\"y\"><PartNumber>&#50;</PartNumber><ETag><![CDATA[\"<d>\"]]></ETag>"
      "</x:Part>\n</CompleteMultipartUpload>",
      "CompleteMultipartUpload");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->children.size(), 2u);
  EXPECT_EQ(parsed->children[0].text_of("ETag"), "\"abc\"");
  EXPECT_EQ(parsed->children[0].text_of("PartNumber"), "1");
  EXPECT_EQ(parsed->children[1].name, "Part");
  EXPECT_EQ(parsed->children[1].text_of("PartNumber"), "2");
  EXPECT_EQ(parsed->children[1].text_of("ETag"), "\"<d>\"");
  EXPECT_EQ(parsed->find("Nothing"), nullptr);
  EXPECT_EQ(parsed->text_of("Nothing"), std::nullopt);
}

TEST(XmlReader, what_is_no_such_document_is_refused) {
  for (const char* const text :
       {"", " ", "a", "<a>", "<a/><a/>", "<a></b>", "<b/>", "<a>&nbsp;</a>", "<a>\x01</a>",
        "<a>&#1;</a>", "<a>\xff</a>", "<x:a/>", "<a b=1/>", "<a>&</a>"}) {
    EXPECT_EQ(refusal(text), ErrorKind::kMalformedXml) << text;
  }
}

TEST(XmlReader, a_document_type_is_refused_whatever_it_declares) {
  EXPECT_EQ(refusal("<!DOCTYPE a><a/>"), ErrorKind::kMalformedXml);
  EXPECT_EQ(refusal("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), ErrorKind::kMalformedXml);
  EXPECT_EQ(refusal("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
            ErrorKind::kMalformedXml);
  EXPECT_EQ(refusal("<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/\"><a/>"), ErrorKind::kMalformedXml);
}

TEST(XmlReader, bounds_hold_and_one_past_them_is_refused) {
  const auto nested = [](size_t depth) {
    std::string text;
    for (size_t i = 0; i < depth; ++i)
      text += "<a>";
    for (size_t i = 0; i < depth; ++i)
      text += "</a>";
    return text;
  };
  EXPECT_EQ(refusal(nested(kXmlDepthMax)), std::nullopt);
  EXPECT_EQ(refusal(nested(kXmlDepthMax + 1)), ErrorKind::kMalformedXml);
  const auto many = [](size_t elements) {
    std::string text = "<a>";
    for (size_t i = 1; i < elements; ++i)
      text += "<b/>";
    return text + "</a>";
  };
  EXPECT_EQ(refusal(many(kXmlElementsMax)), std::nullopt);
  EXPECT_EQ(refusal(many(kXmlElementsMax + 1)), ErrorKind::kMalformedXml);
  const std::string largest = "<a>" + std::string(kXmlBytesMax - 7, 'x') + "</a>";
  EXPECT_EQ(refusal(largest), std::nullopt);
  EXPECT_EQ(refusal(largest + " "), ErrorKind::kMalformedXml);
}

}  // namespace
}  // namespace ticklake::aws
