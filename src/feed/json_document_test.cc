#include "feed/json_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"

namespace ticklake::feed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class JsonDocumentTest : public testing::Test {
 protected:
  base::Result<std::vector<std::string>> read(const std::string& text, RowOptions options = {}) {
    base::PosixFileSystem files;
    options.file = folder_.path() / "rows.json";
    EXPECT_TRUE(base::replace_text(files, options.file, text));
    TICKLAKE_ASSIGN(const auto rows, open_rows(options, files));
    std::vector<std::string> json;
    Row row;
    while (true) {
      TICKLAKE_ASSIGN(const bool found, rows->next(row));
      if (!found) break;
      json.emplace_back(row.json);
      times_.push_back(row.time);
    }
    counts_ = rows->counts();
    return json;
  }
  std::string why_not(const std::string& text, RowOptions options = {}) {
    const auto rows = read(text, std::move(options));
    if (rows) return "it was read";
    return rows.error().what + "|" + rows.error().cause + "|" + rows.error().advice;
  }

  base::TemporaryFolder folder_;
  RowCounts counts_;
  std::vector<std::optional<base::WallTime>> times_;
};

TEST_F(JsonDocumentTest, an_array_of_objects_is_its_rows) {
  EXPECT_THAT(read("[\n {\"a\": 1.10, \"b\": \"x ,]\"},\n {\"a\": 2}\n]\n").value(),
              ElementsAre(R"({"a":1.10,"b":"x ,]"})", R"({"a":2})"));
  EXPECT_THAT(read("\xEF\xBB\xBF[{\"a\":1}]").value(), ElementsAre(R"({"a":1})"));
}

TEST_F(JsonDocumentTest, alpha_vantages_days_are_rows_with_their_time) {
  const auto rows = read(
      "{\"Meta Data\": {\"1. Information\": \"Daily\"},\n"
      "\"Time Series (Daily)\": {\n"
      "\"2024-01-03\": {\"1. open\": \"160.10\", \"5. volume\": \"4086070\"},\n"
      "\"2024-01-02\": {\"1. open\": \"162.83\", \"5. volume\": \"3825040\"}}}");
  EXPECT_THAT(rows.value(),
              ElementsAre(R"({"time":"2024-01-03","1. open":"160.10","5. volume":"4086070"})",
                          R"({"time":"2024-01-02","1. open":"162.83","5. volume":"3825040"})"));
  EXPECT_TRUE(times_[0]);
}

TEST_F(JsonDocumentTest, an_object_of_arrays_is_its_columns) {
  EXPECT_THAT(
      read(R"({"c":[1.50,2],"s":"ok","t":[1704153600,1704240000]})").value(),
      ElementsAre(R"({"c":1.50,"s":"ok","t":1704153600})", R"({"c":2,"s":"ok","t":1704240000})"));
}

TEST_F(JsonDocumentTest, arrays_of_values_take_their_names_from_columns) {
  const std::string text = R"({"result":[[1704153600,"42.10"],[1704240000,"43.0"],[1]]})";
  EXPECT_THAT(read(text, {.file = {}, .csv = {.columns = {"time", "close"}}}).value(),
              ElementsAre(R"({"time":1704153600,"close":"42.10"})",
                          R"({"time":1704240000,"close":"43.0"})"));
  EXPECT_EQ(counts_.bad.count(), 1u);
  EXPECT_TRUE(read(text).value().empty());
  EXPECT_THAT(counts_.bad.first()[0].reason, HasSubstr("give --columns"));
}

TEST_F(JsonDocumentTest, several_places_are_named_and_one_is_asked_for) {
  const std::string text = R"({"bids":[{"p":1}],"a sks":[{"p":2},{"p":3}]})";
  EXPECT_THAT(why_not(text), HasSubstr("in more than one place|they may be at $.bids[*], "
                                       "$['a sks'][*]|choose: --json-path \"$.bids[*]\""));
  EXPECT_THAT(read(text, {.file = {}, .json_path = "$['a sks']"}).value(),
              ElementsAre(R"({"p":2})", R"({"p":3})"));
  EXPECT_THAT(why_not(text, {.file = {}, .json_path = "$.x"}),
              HasSubstr("nothing at $.x|rows may be at"));
}

TEST_F(JsonDocumentTest, a_path_goes_through_names_numbers_and_each) {
  const std::string text = R"({"pages":[{"rows":[{"a":1},{"a":2}]},{},{"rows":[{"a":3}]}]})";
  EXPECT_THAT(read(text, {.file = {}, .json_path = "$.pages[*].rows[*]"}).value(),
              ElementsAre(R"({"a":1})", R"({"a":2})", R"({"a":3})"));
  EXPECT_THAT(read(text, {.file = {}, .json_path = "$.pages[*].rows"}).value().size(), 3u);
  EXPECT_THAT(read(text, {.file = {}, .json_path = "$.pages[2].rows"}).value(),
              ElementsAre(R"({"a":3})"));
  EXPECT_THAT(why_not(text, {.file = {}, .json_path = "$.pages[x]"}),
              HasSubstr("from character 8 on"));
}

TEST_F(JsonDocumentTest, what_breaks_off_is_an_error_with_its_line) {
  const std::string whole = "[\n{\"a\":1},\n{\"a\":2}\n]";
  for (size_t size = 1; size < whole.size(); ++size)
    EXPECT_THAT(why_not(whole.substr(0, size)), HasSubstr("is no sound JSON|line")) << size;
  EXPECT_THAT(why_not("[{\"a\":1}\n{\"a\":2}]"), HasSubstr("line 2: ',' or ']' is missing"));
  EXPECT_THAT(why_not(std::string(100'000, '[')), HasSubstr("more than 128 levels"));
}

TEST_F(JsonDocumentTest, a_row_that_is_too_large_or_not_json_is_left_out_and_told) {
  EXPECT_THAT(
      read("[{\"a\":\"" + std::string(2'000'000, 'x') + "\"},{\"a\":nope},{\"a\":1}]").value(),
      ElementsAre(R"({"a":1})"));
  EXPECT_EQ(counts_.bad.count(), 2u);
}

TEST_F(JsonDocumentTest, json_lines_are_what_they_were) {
  EXPECT_THAT(read("{\"a\":1}\n{\"a\":[1,2],\"b\":[3,4]}\n").value(),
              ElementsAre(R"({"a":1})", R"({"a":[1,2],"b":[3,4]})"));
  EXPECT_THAT(read("{\"a\":{\"b\":1}}").value(), ElementsAre(R"({"a":{"b":1}})"));
}

TEST(DocumentPath, is_read_as_it_is_written) {
  for (const char* text :
       {"$", "$.a.b-c", "$['Time Series (Daily)'][*]", "$[3].x[*]", "$['a\\'b']"})
    EXPECT_EQ(DocumentPath::parse(text).value().text(), text);
  for (const char* wrong : {"", "a", "$.", "$[", "$['a", "$[1", "$[*", "$..a", "$[-1]", "$['a\\"})
    EXPECT_FALSE(DocumentPath::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace ticklake::feed
