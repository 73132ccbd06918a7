#include <gtest/gtest.h>

#include "message/avro_json.h"
#include "message/avro_schema.h"

namespace ticklake::message {
namespace {

using namespace std::string_literals;

/// `bytes` by `schema` as JSON, or "no schema: …", "refused: …".
std::string decoded(std::string_view schema, std::string_view bytes,
                    std::span<const std::string> references = {}) {
  const auto parsed = AvroSchema::parse(schema, references);
  if (!parsed) return "no schema: " + parsed.error().cause;
  std::string json;
  if (const auto problem = append_avro(*parsed, bytes, json)) return "refused: " + *problem;
  return json;
}

TEST(Avro, each_type_has_its_json) {
  EXPECT_EQ(decoded(R"("long")", "\x01"s), "-1");
  EXPECT_EQ(decoded(R"("long")", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s),
            "-9223372036854775808");
  EXPECT_EQ(decoded(R"("long")", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s),
            "9223372036854775807");
  EXPECT_EQ(decoded(R"("boolean")", "\x01"s), "true");
  EXPECT_EQ(decoded(R"("double")", "\0\0\0\0\0\0\xf8\x3f"s), "1.5");
  EXPECT_EQ(decoded(R"("float")", "\0\0\xc0\x3f"s), "1.5");
  EXPECT_EQ(decoded(R"("string")",
                    "\x06"
                    "foo"),
            "\"foo\"");
  EXPECT_EQ(decoded(R"("bytes")", "\x04\xff\x01"s), "\"/wE=\"");
  EXPECT_EQ(decoded(R"({"type":"enum","name":"Side","symbols":["BUY","SELL"]})", "\x02"),
            "\"SELL\"");
  EXPECT_EQ(decoded(R"({"type":"array","items":"int"})", "\x04\x02\x04\x01\x02\x06\0"s), "[1,2,3]");
  EXPECT_EQ(decoded(R"({"type":"map","values":"int"})",
                    "\x02\x02"
                    "k\x02\0"s),
            "{\"k\":1}");
  EXPECT_EQ(decoded(R"(["null","int"])", "\0"s), "null");
  EXPECT_EQ(decoded(R"(["null","int"])", "\x02\x0a"), "5");
  EXPECT_EQ(decoded(R"({"type":"fixed","name":"F","size":2})", "\xff\x01"s), "\"/wE=\"");
}

TEST(Avro, logical_types_are_times_and_decimals) {
  EXPECT_EQ(decoded(R"({"type":"int","logicalType":"date"})", "\xda\xc4\x02"), "\"2026-11-24\"");
  EXPECT_EQ(decoded(R"({"type":"long","logicalType":"timestamp-millis"})", "\x02"),
            "\"1970-01-01T00:00:00.001Z\"");
  EXPECT_EQ(decoded(R"({"type":"long","logicalType":"timestamp-nanos"})", "\x01"),
            "\"1969-12-31T23:59:59.999999999Z\"");
  EXPECT_EQ(decoded(R"({"type":"long","logicalType":"local-timestamp-micros"})", "\x02"),
            "\"1970-01-01T00:00:00.000001\"");
  EXPECT_EQ(decoded(R"({"type":"bytes","logicalType":"decimal","precision":9,"scale":2})",
                    "\x04\x30\x39"),
            "123.45");
  EXPECT_EQ(
      decoded(
          R"({"type":"fixed","name":"D","size":2,"logicalType":"decimal","precision":4,"scale":1})",
          "\xff\xff"),
      "-0.1");
  // One that the type cannot have is left out of account, as is one that nobody knows.
  EXPECT_EQ(decoded(R"({"type":"string","logicalType":"timestamp-millis"})",
                    "\x02"
                    "x"),
            "\"x\"");
  EXPECT_EQ(decoded(R"({"type":"long","logicalType":"new"})", "\x02"), "1");
}

TEST(Avro, names_are_looked_up_in_their_namespace) {
  const char* const schema = R"({"type":"record","name":"Tick","namespace":"market","fields":[
    {"name":"side","type":{"type":"enum","name":"Side","symbols":["B","S"]}},
    {"name":"other","type":"Side"},{"name":"full","type":"market.Side"},
    {"name":"next","type":["null","Tick"]}]})";
  EXPECT_EQ(decoded(schema, "\0\x02\0\x02\x02\x02\x02\0"s),
            R"({"side":"B","other":"S","full":"B","next":)"
            R"({"side":"S","other":"S","full":"S","next":null}})");
}

TEST(Avro, types_of_referenced_schemas_are_there) {
  const std::vector<std::string> references = {
      R"({"type":"record","name":"a.Price","fields":[{"name":"p","type":"int"}]})",
      R"({"type":"record","name":"b.Quote","fields":[{"name":"bid","type":"a.Price"}]})"};
  EXPECT_EQ(decoded(R"({"type":"record","name":"T","fields":[{"name":"q","type":"b.Quote"}]})",
                    "\x04", references),
            R"({"q":{"bid":{"p":2}}})");
  EXPECT_EQ(decoded(R"({"type":"record","name":"T","fields":[{"name":"q","type":"b.Q"}]})", "\x04"),
            "no schema: the type \"b.Q\" is unknown");
}

TEST(Avro, what_is_no_schema_says_why) {
  for (const char* const schema :
       {"", "{", "[", "3", "\"nothing\"", R"({"type":"record"})",
        R"({"type":"record","name":"R","fields":[{"name":"a"}]})",
        R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"},)"
        R"({"name":"a","type":"int"}]})",
        R"({"type":"fixed","name":"F","size":-1})", R"({"type":"fixed","name":"F","size":1e99})",
        R"([["null"],"int"])", R"({"type":"array"})"}) {
    EXPECT_TRUE(decoded(schema, "").starts_with("no schema: ")) << schema;
  }
  const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
  EXPECT_TRUE(decoded(deep, "").starts_with("no schema: "));
}

TEST(Avro, what_is_no_message_says_why) {
  EXPECT_TRUE(decoded(R"("long")", "").starts_with("refused: "));
  EXPECT_TRUE(decoded(R"("long")", std::string(11, '\xff')).starts_with("refused: "));
  EXPECT_TRUE(
      decoded(R"("int")", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s).starts_with("refused: "));
  EXPECT_TRUE(decoded(R"("string")",
                      "\x06"
                      "fo")
                  .starts_with("refused: "));
  EXPECT_TRUE(decoded(R"("string")", "\x01").starts_with("refused: "));
  EXPECT_TRUE(decoded(R"("string")", "\x02\xff").starts_with("refused: "));
  EXPECT_TRUE(decoded(R"("boolean")", "\x02").starts_with("refused: "));
  EXPECT_TRUE(decoded(R"(["null","int"])", "\x04").starts_with("refused: "));
  EXPECT_EQ(decoded(R"("null")", "x"), "refused: 1 bytes are left behind its value");
}

TEST(Avro, a_few_bytes_become_neither_much_memory_nor_deep_recursion) {
  // 2 to the 62nd nulls, which take no bytes.
  const std::string count = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"s;
  EXPECT_EQ(decoded(R"({"type":"array","items":"null"})", count),
            "refused: it would become too much JSON");
  EXPECT_EQ(decoded(R"("bytes")", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s),
            "refused: it ends within a value");
  const char* const endless = R"({"type":"record","name":"R","fields":[{"name":"r","type":"R"}]})";
  EXPECT_TRUE(decoded(endless, "").find("levels deep") != std::string::npos);
}

}  // namespace
}  // namespace ticklake::message
