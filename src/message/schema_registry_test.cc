#include "message/schema_registry.h"

#include <map>

#include <gtest/gtest.h>

#include "message/decoder.h"

namespace ticklake::message {
namespace {

using namespace std::string_literals;

constexpr const char* kTick = R"j({"schema":"{\"type\":\"record\",\"name\":\"T\",\"fields\":)j"
                              R"j([{\"name\":\"a\",\"type\":\"int\"}]}"})j";

/// A registry as a map of answers; what it does not have is an unknown schema.
class SchemaRegistryTest : public testing::Test {
 protected:
  std::map<std::string, RegistryAnswer> answers_;
  bool is_down_ = false;
  int asked_ = 0;
  SchemaRegistry registry_{[this](const std::string& path) -> base::Result<RegistryAnswer> {
                             ++asked_;
                             if (is_down_) {
                               return base::fail(base::ErrorCode::kUnavailable, "GET " + path,
                                                 "connection refused");
                             }
                             const auto found = answers_.find(path);
                             if (found != answers_.end()) return found->second;
                             return RegistryAnswer{404, R"({"error_code":40403})"};
                           },
                           "http://registry"};
  Decoder decoder_{{.explode = false, .registry = true}, &registry_};

  std::string outcome(std::string_view value) {
    const auto decoded = decoder_.decode(value);
    if (!decoded) return "error: " + to_line(decoded.error());
    if (!decoded->refusal.empty()) return "refused: " + std::string(decoded->refusal);
    return std::string(decoded->rows.front());
  }
};

TEST_F(SchemaRegistryTest, an_id_is_asked_for_once) {
  answers_["/schemas/ids/1"] = {200, kTick};
  EXPECT_EQ(outcome("\0\0\0\0\1\x02"s), R"({"a":1})");
  EXPECT_EQ(outcome("\0\0\0\0\1\x04"s), R"({"a":2})");
  EXPECT_EQ(asked_, 1);
}

TEST_F(SchemaRegistryTest, a_registry_that_cannot_be_asked_is_no_answer) {
  answers_["/schemas/ids/1"] = {200, kTick};
  is_down_ = true;
  EXPECT_TRUE(outcome("\0\0\0\0\1\x02"s).starts_with("error: "));
  is_down_ = false;
  EXPECT_EQ(outcome("\0\0\0\0\1\x02"s), R"({"a":1})");
  // Nor is one that answers otherwise than registries do.
  for (const RegistryAnswer& answer :
       {RegistryAnswer{500, ""}, RegistryAnswer{401, ""}, RegistryAnswer{404, "<html>"},
        RegistryAnswer{200, "{}"}, RegistryAnswer{200, "nothing"}}) {
    answers_["/schemas/ids/2"] = answer;
    EXPECT_TRUE(outcome("\0\0\0\0\2\x02"s).starts_with("error: ")) << answer.status;
  }
}

TEST_F(SchemaRegistryTest, an_unknown_id_is_refused_by_its_number) {
  EXPECT_EQ(outcome("\0\0\0\x01\x09\x02"s),
            "refused: its schema, id 265, is unknown to http://registry");
  EXPECT_NE(outcome("\0\0"s).find("no schema's id follows"), std::string::npos);
}

TEST_F(SchemaRegistryTest, an_id_that_was_refused_is_refused_for_good_and_told) {
  EXPECT_TRUE(outcome("\0\0\0\0\1\x02"s).starts_with("refused: "));
  answers_["/schemas/ids/1"] = {200, kTick};
  answers_["/schemas/ids/2"] = {200, kTick};
  EXPECT_TRUE(outcome("\0\0\0\0\1\x02"s).starts_with("refused: "));
  EXPECT_EQ(outcome("\0\0\0\0\2\x02"s), R"({"a":1})");
  EXPECT_EQ(registry_.refused_ids(), std::vector<int32_t>{1});
  // Whoever writes files again refuses what was refused then, and takes what was taken.
  Decoder again({.explode = false, .registry = true, .refused_ids = {2}}, &registry_);
  const std::string value = "\0\0\0\0\2\x02"s;
  EXPECT_NE(again.decode(value)->refusal.find("id 2"), std::string_view::npos);
}

TEST_F(SchemaRegistryTest, json_schema_messages_are_their_text) {
  answers_["/schemas/ids/3"] = {200, R"({"schemaType":"JSON","schema":"{}"})"};
  EXPECT_EQ(outcome("\0\0\0\0\3{\"x\":1}"s), R"({"x":1})");
  EXPECT_TRUE(outcome("\0\0\0\0\3[1]"s).starts_with("refused: "));
}

TEST_F(SchemaRegistryTest, references_are_fetched_in_their_order) {
  answers_["/schemas/ids/4"] = {
      200, R"({"schemaType":"PROTOBUF","schema":"syntax=\"proto3\"; import \"b.proto\";)"
           R"( message T {B b=1;}",
          "references":[{"name":"b.proto","subject":"s b","version":2}]})"};
  answers_["/subjects/s%20b/versions/2"] = {
      200, R"({"schema":"syntax=\"proto3\"; import \"c.proto\"; message B {C c=1;}",
               "references":[{"name":"c.proto","subject":"c","version":1}]})"};
  answers_["/subjects/c/versions/1"] = {
      200, R"({"schema":"syntax=\"proto3\"; message C {int32 v=1;}"})"};
  EXPECT_EQ(outcome("\0\0\0\0\4\0\x0a\x04\x0a\x02\x08\x07"s), R"({"b":{"c":{"v":7}}})");
}

TEST_F(SchemaRegistryTest, references_that_lead_in_a_circle_are_refused) {
  answers_["/schemas/ids/5"] = {
      200, R"({"schema":"\"int\"","references":[{"name":"x","subject":"x","version":1}]})"};
  answers_["/subjects/x/versions/1"] = {
      200, R"({"schema":"\"int\"","references":[{"name":"x","subject":"x","version":1}]})"};
  EXPECT_NE(outcome("\0\0\0\0\5\x02"s).find("lead on too far"), std::string::npos);
}

TEST_F(SchemaRegistryTest, a_schema_that_is_not_understood_is_said) {
  answers_["/schemas/ids/6"] = {200, R"({"schema":"{\"type\":\"nothing\"}"})"};
  EXPECT_NE(outcome("\0\0\0\0\6\x02"s).find("id 6, cannot be used"), std::string::npos);
  answers_["/schemas/ids/7"] = {200, R"({"schemaType":"THRIFT","schema":"x"})"};
  EXPECT_NE(outcome("\0\0\0\0\7\x02"s).find("THRIFT"), std::string::npos);
  answers_["/schemas/ids/8"] = {200, R"({"schema":"\"int\""})"};
  EXPECT_NE(outcome("\0\0\0\0\x08\x02"s).find("not that of a record"), std::string::npos);
}

}  // namespace
}  // namespace ticklake::message
