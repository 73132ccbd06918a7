#include "feed/json_path.h"

#include <gtest/gtest.h>

namespace ticklake::feed {
namespace {

std::vector<std::string> values(std::string_view path, std::string_view json) {
  EXPECT_TRUE(is_json(json)) << json;
  const auto parsed = JsonPath::parse(path);
  EXPECT_TRUE(parsed) << path;
  std::vector<std::string> found;
  for (const JsonMatch& match : parsed->find(json))
    found.emplace_back(match.value);
  return found;
}

using Values = std::vector<std::string>;

TEST(JsonPath, names_indexes_and_wildcards_lead_to_values_as_they_are_written) {
  const std::string_view json = R"( {"a": {"b c": [ {"x":1.10}, {"x" : -2e5}, {"y":[]} ]}} )";
  EXPECT_EQ(values(".a['b c'][0].x", json), Values{"1.10"});
  EXPECT_EQ(values(".a[\"b c\"][*].x", json), (Values{"1.10", "-2e5"}));
  EXPECT_EQ(values(".a['b c'][-1]", json), Values{R"({"y":[]})"});
  EXPECT_EQ(values(".a.*[1]", json), Values{R"({"x" : -2e5})"});
  EXPECT_EQ(values("", "[1]"), Values{"[1]"});
}

TEST(JsonPath, what_is_not_there_is_not_found) {
  EXPECT_EQ(values(".b", R"({"a":1})"), Values{});
  EXPECT_EQ(values("[3]", "[1,2]"), Values{});
  EXPECT_EQ(values("[-3]", "[1,2]"), Values{});
  EXPECT_EQ(values("[0]", R"({"0":1})"), Values{});
  EXPECT_EQ(values("[*]", R"("text")"), Values{});
  EXPECT_EQ(values(".a", R"("a")"), Values{});
}

TEST(JsonPath, numbers_of_any_length_and_brackets_in_strings_are_no_trouble) {
  const std::string digits(300, '7');
  EXPECT_EQ(values("[1]", "[\"]}\\\"[\", " + digits + "]"), Values{digits});
  EXPECT_EQ(values("[*]", "[ [ ] , { } , null ]"), (Values{"[ ]", "{ }", "null"}));
}

TEST(JsonPath, names_are_compared_with_their_escapes_undone) {
  EXPECT_EQ(values("['a\"b']", R"({"a\"b": 1})"), Values{"1"});
  EXPECT_EQ(values(".é", R"({"\u00e9": 1})"), Values{"1"});
}

TEST(JsonPath, what_is_no_path_is_told_with_its_place) {
  for (const std::string_view text :
       {"a", ".", "..a", "[", "[1", "['a]", "[a]", ".a b", "[]", "[?@.a]"})
    EXPECT_FALSE(JsonPath::parse(text)) << text;
  const auto refused = JsonPath::parse(".a[x]");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().cause.find("'[x]'"), std::string::npos);
  std::string steps;
  for (size_t i = 0; i < JsonPath::kStepsMax; ++i)
    steps += ".a";
  EXPECT_TRUE(JsonPath::parse(steps));
  EXPECT_FALSE(JsonPath::parse(steps + ".a"));
}

TEST(JsonPath, what_is_no_json_or_too_deep_is_refused) {
  for (const std::string_view text :
       {"", "<html>", "{\"a\":1", "[1,]", "{'a':1}", "[01]", "\"\xff\"", "1 2", "\"\t\""})
    EXPECT_FALSE(is_json(text)) << text;
  EXPECT_TRUE(is_json(std::string(128, '[') + std::string(128, ']')));
  EXPECT_FALSE(is_json(std::string(129, '[') + std::string(129, ']')));
  EXPECT_FALSE(is_json(std::string(1'000'000, '[')));
}

TEST(JsonPath, a_value_is_put_on_one_line_with_every_digit) {
  std::string line;
  append_on_one_line(line, "{ \"a b\" :\n [ 1.00 ,\t\"x \\\" y\" ] }");
  EXPECT_EQ(line, R"({"a b":[1.00,"x \" y"]})");
}

TEST(JsonPath, arrays_are_found_outside_other_arrays) {
  EXPECT_EQ(array_paths("[[1]]", 9), Values{"$"});
  EXPECT_EQ(array_paths(R"({"error":[],"result":{"X/Y":[[1]]}})", 9),
            (Values{"$.error", "$.result['X/Y']"}));
  EXPECT_EQ(array_paths(R"({"a":1})", 9), Values{});
}

}  // namespace
}  // namespace ticklake::feed
