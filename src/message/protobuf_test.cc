#include <gtest/gtest.h>

#include "message/protobuf_schema.h"

namespace ticklake::message {
namespace {

using namespace std::string_literals;

std::string decoded(std::string_view schema, std::string_view payload,
                    std::span<const ProtobufImport> imports = {}) {
  const auto parsed = ProtobufSchema::parse(schema, imports);
  if (!parsed) return "no schema: " + parsed.error().what + ": " + parsed.error().cause;
  std::string json;
  if (const auto problem = (*parsed)->append_json(payload, json)) return "refused: " + *problem;
  return json;
}

TEST(Protobuf, fields_keep_their_names_and_integers_their_digits) {
  const char* const schema = R"(syntax = "proto3";
    message Tick { string symbol = 1; int64 last_size = 2; double bid_price = 3; bytes raw = 4;
      enum Side { BUY = 0; SELL = 1; } Side side = 5; uint64 big = 6; optional int32 maybe = 7; })";
  EXPECT_EQ(decoded(schema,
                    "\0\x0a\x01"
                    "A\x10\x05\x28\x01\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s),
            R"({"symbol":"A","last_size":5,"bid_price":0.0,"raw":"","side":"SELL",)"
            R"("big":18446744073709551615})");
  EXPECT_EQ(decoded(schema, "\0\x38\0\x28\x09"s),
            R"({"symbol":"","last_size":0,"bid_price":0.0,"raw":"","side":9,"big":0,"maybe":0})");
}

TEST(Protobuf, well_known_types_are_times_and_values) {
  const char* const schema = R"(syntax = "proto3";
    import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto";
    import "google/protobuf/wrappers.proto"; import "confluent/type/decimal.proto";
    message T { google.protobuf.Timestamp t = 1; google.protobuf.Duration d = 2;
      google.protobuf.Int64Value n = 3; confluent.type.Decimal p = 4; })";
  EXPECT_EQ(decoded(schema, "\0\x0a\x02\x10\x07"s), R"({"t":"1970-01-01T00:00:00.000000007Z"})");
  EXPECT_EQ(decoded(schema, "\0\x12\x02\x08\x03"s), R"({"d":"3.000000000s"})");
  EXPECT_EQ(decoded(schema, "\0\x1a\x02\x08\x2a"s), R"({"n":42})");
  EXPECT_EQ(decoded(schema, "\0\x22\x06\x0a\x02\x30\x39\x18\x02"s), R"({"p":123.45})");
  EXPECT_EQ(decoded(schema, "\0\x0a\x06\x10\x80\x94\xeb\xdc\x03"s),
            "refused: a Timestamp in it is out of range");
}

TEST(Protobuf, a_map_is_in_the_order_of_its_keys_and_the_last_of_a_key_counts) {
  const char* const schema = R"(syntax = "proto3"; message T { map<string, int32> m = 1; })";
  EXPECT_EQ(decoded(schema,
                    "\0\x0a\x05\x0a\x01"
                    "b\x10\x01\x0a\x05\x0a\x01"
                    "a\x10\x02"
                    "\x0a\x05\x0a\x01"
                    "b\x10\x03"s),
            R"({"m":{"a":2,"b":3}})");
}

TEST(Protobuf, the_indexes_name_the_message_type) {
  const char* const schema = R"(syntax = "proto3"; message A { int32 a = 1; }
    message B { message C { int32 c = 1; } C inner = 1; })";
  EXPECT_EQ(decoded(schema, "\0\x08\x01"s), R"({"a":1})");
  EXPECT_EQ(decoded(schema, "\x04\x02\0\x08\x01"s), R"({"c":1})");
  EXPECT_EQ(decoded(schema, "\x02\x04\x08\x01"s), "refused: its schema has no message type 2");
  EXPECT_TRUE(decoded(schema, "\x7f").starts_with("refused: the indexes"));
}

TEST(Protobuf, imports_are_there) {
  const std::vector<ProtobufImport> imports = {
      {"price.proto", R"(syntax = "proto3"; package m; message Price { int64 units = 1; })"}};
  const char* const schema =
      R"(syntax = "proto3"; import "price.proto"; message T { m.Price p = 1; })";
  EXPECT_EQ(decoded(schema, "\0\x0a\x02\x08\x05"s, imports), R"({"p":{"units":5}})");
  EXPECT_NE(decoded(schema, "\0"s).find("price.proto"), std::string::npos);
}

TEST(Protobuf, what_is_no_schema_says_where) {
  EXPECT_NE(decoded("syntax = \"proto3\";\nmessage T { int32 a 1; }", "").find("line 2"),
            std::string::npos);
  EXPECT_NE(decoded("syntax = \"proto3\"; message T { Nothing n = 1; }", "").find("Nothing"),
            std::string::npos);
}

TEST(Protobuf, what_is_no_message_is_refused) {
  const char* const schema =
      R"(syntax = "proto2"; message T { required int32 a = 1; optional string s = 2; })";
  EXPECT_NE(decoded(schema, "\0\x08"s).find("no message of the type T"), std::string::npos);
  EXPECT_NE(decoded(schema, "\0"s).find("required"), std::string::npos);
  EXPECT_NE(decoded(schema, "\0\x08\x01\x12\x01\xff"s).find("UTF-8"), std::string::npos);
}

TEST(Protobuf, empty_messages_of_a_large_type_are_refused_before_they_take_memory) {
  std::string schema = "syntax = \"proto3\"; message L {";
  for (int i = 1; i <= 2'000; ++i)
    schema += "string f" + std::to_string(i) + " = " + std::to_string(i) + ";";
  schema += "} message T { repeated L l = 1; }";
  std::string payload = "\x02\x02"s;
  for (int i = 0; i < 10'000; ++i)
    payload += "\x0a\0"s;
  EXPECT_EQ(decoded(schema, payload), "refused: it would take too much memory");
}

}  // namespace
}  // namespace ticklake::message
