#include "table/view_sql.h"

#include <cstddef>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ticklake::table {
namespace {

ViewParts parts_of(size_t files, lake::ColumnType type = lake::ColumnType::kBigint) {
  ViewParts parts;
  const lake::Schema schema{0, {{"size", "size", type}}};
  parts.groups.push_back({schema, lake::Encoding::kParquet, {}});
  for (size_t i = 0; i < files; ++i) {
    parts.groups[0].locations.push_back(fmt::format("/lake/{}.parquet", i));
    parts.times.push_back(fmt::format("/lake/{}.times.parquet", i));
  }
  parts.tails.push_back({"\"hot\".\"t_1\"", "t", schema});
  return parts;
}

std::ptrdiff_t views_made(const std::string& sql) {
  std::ptrdiff_t made = 0;
  for (size_t at = sql.find("CREATE"); at != std::string::npos; at = sql.find("CREATE", at + 1))
    ++made;
  return made;
}

TEST(ViewSqlTest, a_commit_names_a_bounded_number_of_files_however_many_there_are) {
  const size_t many = 20 * kFilesOfViewMax + 5;
  const std::string sql =
      change_views_sql(views_of("t", parts_of(many)), views_of("t", parts_of(many + 1)));
  EXPECT_EQ(views_made(sql), 2) << "the last files and the last times:\n" << sql;
  EXPECT_EQ(sql.find("/lake/0.parquet"), std::string::npos);
  EXPECT_NE(sql.find(fmt::format("/lake/{}.parquet", many)), std::string::npos);
}

TEST(ViewSqlTest, what_did_not_change_is_not_made_again) {
  EXPECT_EQ(change_views_sql(views_of("t", parts_of(7)), views_of("t", parts_of(7))), "");
}

TEST(ViewSqlTest, a_column_of_another_type_makes_every_view_that_has_it_again) {
  const auto before = views_of("t", parts_of(2 * kFilesOfViewMax));
  const auto after = views_of("t", parts_of(2 * kFilesOfViewMax, lake::ColumnType::kDouble));
  // Two views of files and two of times below their unions, the tail, and one in each schema.
  EXPECT_EQ(before.size(), 10u);
  EXPECT_EQ(views_made(change_views_sql(before, after)), 7) << "all but those of times";
}

TEST(ViewSqlTest, the_views_of_a_table_without_parts_go) {
  const std::string sql = change_views_sql(views_of("t", parts_of(1)), views_of("t", {}));
  EXPECT_EQ(views_made(sql), 0);
  EXPECT_NE(sql.find("DROP VIEW main.\"t\";"), std::string::npos);
}

}  // namespace
}  // namespace ticklake::table
