#include "message/decoder.h"

#include <gtest/gtest.h>

#include "message/value_kind.h"

namespace ticklake::message {
namespace {

using namespace std::string_literals;

/// What a value comes to, as text: its rows with bars between them, "refused: …", or "nothing".
std::string outcome(Decoder& decoder, std::optional<std::string_view> value) {
  const auto decoded = decoder.decode(value);
  if (!decoded) return "error: " + to_line(decoded.error());
  if (!decoded->refusal.empty()) return "refused: " + std::string(decoded->refusal);
  std::string text;
  for (const std::string_view row : decoded->rows)
    text += (text.empty() ? "" : "|") + std::string(row);
  return text.empty() ? "nothing" : text;
}

std::string outcome(Decoding decoding, std::optional<std::string_view> value) {
  Decoder decoder(decoding, nullptr);
  return outcome(decoder, value);
}

TEST(Decoder, a_byte_order_mark_before_json_is_no_error) {
  EXPECT_EQ(outcome(Decoding{}, "\xef\xbb\xbf{\"a\":1}"), "{\"a\":1}");
  EXPECT_EQ(outcome(Decoding{}, "\xef\xbb\xbf \r\n{\"a\":1}"), " \r\n{\"a\":1}");
}

TEST(Decoder, a_tombstone_is_neither_row_nor_refused) {
  EXPECT_EQ(outcome(Decoding{}, std::nullopt), "nothing");
}

TEST(Decoder, what_can_be_no_row_says_its_kind) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is empty"},
      {"  \n", "white space"},
      {"\0\0\0\0\x07xyz"s, "give --schema-registry URL"},
      {"time,price\n2026-11-24,12.5\n", "CSV text"},
      {"2026-11-24;AAPL;12,5", "CSV text"},
      {"<?xml version=\"1.0\"?><tick/>", "XML"},
      {"\x1f\x8b\x08\0\0"s, "it is gzip"},
      {"Obj\x01\x04\x16"s, "Avro container file"},
      {"\x82\xa5price\xcb\x40"s, "MessagePack"},
      {"\xff\xfe{\0\"\0"s, "UTF-16"},
      {"{\0\"\0a\0\"\0"s, "UTF-16"},
      {"\0{\0\"\0a\0\""s, "UTF-16"},
      {"[{\"a\":1}]", "--explode"},
      {"42", "single value"},
      {"\"text\"", "single value"},
      {"hello world", "other text"},
      {"PAR1\x15\x04", "Parquet"},
      {"\xc3\x28\x01", "binary"},
  };
  for (const auto& [value, kind] : cases) {
    const std::string text = outcome(Decoding{}, value);
    EXPECT_TRUE(text.starts_with("refused: ")) << text;
    EXPECT_NE(text.find(kind), std::string::npos) << text;
  }
}

TEST(Decoder, an_array_is_a_row_for_each_object_when_asked) {
  const Decoding explode{.explode = true};
  EXPECT_EQ(outcome(explode, R"([{"a":1}, {"a":[{}]} ,{}])"),
            R"({"a":1,"_array_index":0}|{"a":[{}],"_array_index":1}|{"_array_index":2})");
  EXPECT_EQ(outcome(explode, R"({"a":[1]})"), R"({"a":[1]})");
  EXPECT_EQ(outcome(explode, " [] "), "nothing");
}

TEST(Decoder, an_array_with_anything_else_in_it_is_no_row_at_all) {
  const Decoding explode{.explode = true};
  EXPECT_EQ(outcome(explode, R"([{"a":1}, 2])"),
            "refused: element 1 of its array is not a JSON object");
  EXPECT_NE(outcome(explode, R"([{"a":1}, {"a":tru}])").find("not valid JSON"), std::string::npos);
  EXPECT_NE(outcome(explode, R"([{"a":1}] x)").find("not valid JSON"), std::string::npos);
  EXPECT_NE(outcome(explode, R"([{"_array_index":1}])").find("of its own"), std::string::npos);
  const std::string deep = "[{\"a\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}]";
  EXPECT_NE(outcome(explode, deep).find("not valid JSON"), std::string::npos);
}

TEST(Decoder, an_array_has_a_most_of_elements) {
  std::string many = "[{}";
  for (size_t i = 1; i < kElementsMax; ++i)
    many += ",{}";
  Decoder decoder({.explode = true}, nullptr);
  EXPECT_EQ(decoder.decode(many + "]")->rows.size(), kElementsMax);
  EXPECT_NE(outcome(decoder, many + ",{}]").find("more than"), std::string::npos);
  decoder.clear();
  EXPECT_EQ(decoder.bytes(), 0u);
}

}  // namespace
}  // namespace ticklake::message
