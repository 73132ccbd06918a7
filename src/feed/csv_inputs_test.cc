#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder.h"
#include "feed/known_shapes.h"
#include "feed/rows.h"

namespace ticklake::feed {
namespace {

const base::Path kInputs = base::Path(TICKLAKE_SOURCE) / "tests/data/inputs";

std::string text_of(const base::Path& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// What becomes of a file without a flag: its rows, a line each, or the error.
base::Result<std::string> rows_of(const base::Path& file) {
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(const auto source, open_rows({.file = file}, files));
  std::string rows;
  Row row;
  while (true) {
    TICKLAKE_ASSIGN(const bool found, source->next(row));
    if (!found) break;
    (rows += row.json) += '\n';
  }
  EXPECT_EQ(source->counts().bad.count(), 0U) << file;
  return rows;
}

std::vector<base::Path> inputs(std::string_view ending) {
  std::vector<base::Path> found;
  for (const auto& entry : std::filesystem::directory_iterator(kInputs))
    if (entry.path().extension() == ending) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

// Beside each file of tests/data/inputs stands what it becomes: NAME.rows, or in NAME.refused a
// part of what is said where it cannot be read without a flag.
TEST(Inputs, each_file_becomes_the_rows_beside_it) {
  const auto expected = inputs(".rows");
  ASSERT_GT(expected.size(), 40U);
  for (base::Path file : expected) {
    const std::string rows = text_of(file);
    file.replace_extension(".csv");
    const auto read = rows_of(file);
    ASSERT_TRUE(read) << file << ": " << read.error().what << ": " << read.error().cause;
    EXPECT_EQ(*read, rows) << file;
  }
}

TEST(Inputs, a_file_of_two_meanings_is_refused_with_the_flag_that_decides) {
  const auto expected = inputs(".refused");
  ASSERT_GT(expected.size(), 5U);
  for (base::Path file : expected) {
    std::string flag = text_of(file);
    flag.pop_back();
    file.replace_extension(".csv");
    const auto read = rows_of(file);
    ASSERT_FALSE(read) << file << ":\n" << *read;
    EXPECT_THAT(read.error().advice, testing::HasSubstr(flag)) << file;
  }
}

TEST(Inputs, each_known_shape_is_found_in_a_file_of_its_own) {
  base::PosixFileSystem files;
  std::vector<std::string> found;
  for (base::Path file : inputs(".rows")) {
    const auto source = open_rows({.file = file.replace_extension(".csv")}, files);
    ASSERT_TRUE(source);
    const auto findings = (*source)->findings();
    if (!findings.empty() && findings[0].subject == "shape") found.push_back(findings[0].found);
  }
  for (const KnownShape& shape : known_shapes())
    EXPECT_THAT(found, testing::Contains(std::string(shape.name)));
}

/// A file with `text`, read with `flags`; its rows, a line each.
base::Result<std::string> rows_with(std::string_view text, const CsvFlags& flags) {
  base::PosixFileSystem files;
  const base::TemporaryFolder folder;
  const base::Path file = folder.path() / "rows.csv";
  std::ofstream(file) << text;
  TICKLAKE_ASSIGN(const auto source, open_rows({.file = file, .csv = flags}, files));
  std::string rows;
  Row row;
  while (true) {
    TICKLAKE_ASSIGN(const bool found, source->next(row));
    if (!found) return rows;
    (rows += row.json) += '\n';
  }
}

TEST(CsvFlags, each_decides_what_it_names) {
  EXPECT_EQ(rows_with("7,A\n8,B\n", {.columns = {"id", "side"}}).value(),
            "{\"id\":7,\"side\":\"A\"}\n{\"id\":8,\"side\":\"B\"}\n");
  EXPECT_EQ(rows_with("2020,2021\n1,2\n", {.has_header = true}).value(),
            "{\"2020\":1,\"2021\":2}\n");
  EXPECT_EQ(rows_with("x,y\n1,2\na,b\n3,4\n", {.skip_lines = 2}).value(), "{\"a\":3,\"b\":4}\n");
  EXPECT_EQ(rows_with("a,b\n%no\n3,4\n", {.comment = '%'}).value(), "{\"a\":3,\"b\":4}\n");
  EXPECT_EQ(rows_with("a~b\n3~4\n", {.delimiter = '~'}).value(), "{\"a\":3,\"b\":4}\n");
  EXPECT_EQ(rows_with("a,b\n3,?\n", {.nulls = {"?"}}).value(), "{\"a\":3,\"b\":null}\n");
  EXPECT_EQ(rows_with("a;b\n1,234;x\n", {.decimal = ','}).value(), "{\"a\":1.234,\"b\":\"x\"}\n");
  EXPECT_EQ(rows_with("a;b\n1,234;x\n", {.thousands = ','}).value(), "{\"a\":1234,\"b\":\"x\"}\n");
  EXPECT_EQ(rows_with("a,b\n3,4\n", {.types = {{"a", "text"}}}).value(), "{\"a\":\"3\",\"b\":4}\n");
  EXPECT_EQ(rows_with("time,b\n2024-03-01 10:00:00,4\n2024-03-01 10:00:00Z,5\n",
                      {.offset = std::chrono::minutes(90)})
                .value(),
            "{\"time\":\"2024-03-01T08:30:00Z\",\"b\":4}\n"
            "{\"time\":\"2024-03-01T10:00:00Z\",\"b\":5}\n");
}

TEST(CsvFlags, a_day_stays_the_day_in_any_zone) {
  const CsvFlags india{.offset = std::chrono::minutes(330)};
  EXPECT_EQ(rows_with("day,b\n31/01/2024,4\n", india).value(),
            "{\"day\":\"2024-01-31\",\"b\":4}\n");
  EXPECT_THAT(rows_with("date,b\n2024-01-31,4\n", india).value(), testing::HasSubstr("2024-01-31"));
  EXPECT_THAT(rows_with("date,b\n2024-01-31,4\n", india).value(),
              testing::Not(testing::HasSubstr("30")));
}

TEST(CsvFlags, an_instant_finer_than_a_nanosecond_is_a_bad_row_and_not_cut) {
  EXPECT_EQ(rows_with("ts,b\n1704067200.1234567891,1\n1704067200.1234567890,2\n", {}).value(),
            "{\"ts\":\"2024-01-01T00:00:00.123456789Z\",\"b\":2}\n");
}

TEST(CsvFlags, text_among_numbers_is_a_bad_row_which_may_end_the_reading) {
  std::string text = "day,px\n";
  for (int i = 0; i < 20'000; ++i)
    text += "2024-03-01,1.5\n";
  text += "2024-03-01,halted\n2024-03-01,2\n";
  const std::string rows = rows_with(text, {}).value();
  EXPECT_EQ(std::ranges::count(rows, '\n'), 20'001);
  EXPECT_THAT(rows, testing::Not(testing::HasSubstr("halted")));
  const auto ended = rows_with(text, {.bad_rows_fail = true});
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().what, testing::HasSubstr("line 20002"));
  EXPECT_THAT(ended.error().cause, testing::HasSubstr("--type px=text"));
}

}  // namespace
}  // namespace ticklake::feed
