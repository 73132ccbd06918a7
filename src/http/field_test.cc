#include "http/field.h"

#include <gmock/gmock.h>

namespace ticklake::http {
namespace {

using testing::ElementsAre;

TEST(FieldValue, ListsAreSplitAtCommasOutsideQuotes) {
  EXPECT_THAT(split_list(R"(a ,	b,,"c,\"d", W/"e")"),
              ElementsAre("a", "b", R"("c,\"d")", R"(W/"e")"));
  EXPECT_THAT(split_list(""), ElementsAre());
  EXPECT_THAT(split_list(R"(", ")"), ElementsAre(R"(", ")"));
  EXPECT_THAT(split_list(R"(a, "\)"), ElementsAre("a", R"("\)"));
}

TEST(FieldValue, TokensAreFoundWithoutCase) {
  EXPECT_TRUE(has_token("Keep-Alive, CLOSE", "close"));
  EXPECT_FALSE(has_token("closed", "close"));
  EXPECT_FALSE(has_token("", "close"));
}

TEST(FieldValue, CodingsAreAcceptedAsTheClientSays) {
  EXPECT_TRUE(accepts_coding("gzip, deflate, br", "gzip"));
  EXPECT_TRUE(accepts_coding("br;q=1.0, GZIP;q=0.8", "gzip"));
  EXPECT_TRUE(accepts_coding("*", "gzip"));
  EXPECT_FALSE(accepts_coding("gzip;q=0, *", "gzip"));
  EXPECT_FALSE(accepts_coding("*;q=0", "gzip"));
  EXPECT_FALSE(accepts_coding("x-gzip", "gzip"));
  EXPECT_FALSE(accepts_coding("", "gzip"));
}

TEST(FieldList, IsWhatGoesOverTheWire) {
  FieldList fields;
  fields.add("ETag", "\"1\"");
  fields.add("x-amz-meta-a", "b");
  EXPECT_EQ(fields.text(), "ETag: \"1\"\r\nx-amz-meta-a: b\r\n");
  EXPECT_EQ(fields.find("etag"), "\"1\"");
  EXPECT_EQ(fields.find("X-Amz-Meta-A"), "b");
  EXPECT_EQ(fields.find("x-amz-meta"), std::nullopt);
}

TEST(FieldList, NoValueCanEndItsField) {
  FieldList fields;
  fields.add("x-amz-meta-a", std::string_view("b\r\nSet-Cookie: c\0d\x7f\xc3\xa9", 21));
  EXPECT_EQ(fields.text(), "x-amz-meta-a: b  Set-Cookie: c d \xc3\xa9\r\n");
}

}  // namespace
}  // namespace ticklake::http
