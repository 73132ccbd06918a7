#include "http/percent.h"

#include <gmock/gmock.h>

namespace ticklake::http {
namespace {

TEST(Percent, DecodesWhatClientsSend) {
  EXPECT_EQ(percent_decode("/b/dt%3D2026-01-01/a%20b%2Bc%c3%a9"), "/b/dt=2026-01-01/a b+c\xc3\xa9");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b%2B", Plus::kIsBlank), "a b+");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(Percent, RefusesHalfAnEscape) {
  for (const char* text : {"%", "%4", "a%4", "%zz", "%4g", "% 41"})
    EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

TEST(Percent, EncodesAsSignaturesNeedIt) {
  EXPECT_EQ(percent_encode("a b/c+d~e=\xc3\xa9"), "a%20b%2Fc%2Bd~e%3D%C3%A9");
  EXPECT_EQ(percent_encode("a b/c", true), "a%20b/c");
}

TEST(Percent, ADecodedTextIsWhatWasEncoded) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  EXPECT_EQ(percent_decode(percent_encode(bytes)), bytes);
}

TEST(Query, KeepsOrderRepeatsAndWhetherThereWasAnEqualsSign) {
  const auto items = split_query("uploads&b=2&a=1&b=&&=x&c=1=2");
  std::string text;
  for (const QueryItem& item : items)
    text += std::string(item.name) + (item.has_equals ? "=" : "") + std::string(item.value) + ";";
  EXPECT_EQ(text, "uploads;b=2;a=1;b=;=x;c=1=2;");
}

TEST(Query, FindsAValueByItsDecodedName) {
  EXPECT_EQ(query_value("list-type=2&pre%66ix=a%20b+c", "prefix"), "a b c");
  EXPECT_EQ(query_value("delete", "delete"), "");
  EXPECT_EQ(query_value("a=1", "b"), std::nullopt);
  EXPECT_EQ(query_value("a=%4", "a"), std::nullopt);
}

}  // namespace
}  // namespace ticklake::http
