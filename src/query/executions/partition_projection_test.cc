#include "query/executions/partition_projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/athena/statement.h"
#include "query/executions/create_table_text.h"

namespace ticklake::query::executions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr base::WallTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) +
                              std::chrono::hours(12)};

class ProjectionTest : public testing::Test {
 protected:
  ProjectionTest() {
    table.storage.emplace();
    table.storage->location = "s3://lake/trades";
    table.parameters = {{"projection.enabled", "TRUE"}};
  }
  void key(const char* name, const catalog::Parameters& properties) {
    table.partition_keys.push_back({.name = name, .type = "string"});
    for (const auto& [property, value] : properties)
      table.parameters[std::string("projection.") + name + "." + property] = value;
  }
  std::optional<PartitionProjection::Place> place_of(const char* object) {
    const auto projection = PartitionProjection::of(table, kNow);
    EXPECT_TRUE(projection) << projection.error().message;
    EXPECT_TRUE(*projection);
    return (*projection)->place_of(object);
  }
  bool has(const char* object) { return place_of(object).has_value(); }

  catalog::Table table{.name = "t", .database = "d"};
};

TEST_F(ProjectionTest, days_are_from_the_first_to_the_last_and_only_days) {
  key("dt", {{"type", "date"}, {"format", "yyyy-MM-dd"}, {"range", "2026-11-01,NOW"}});
  const auto place = place_of("trades/dt=2026-11-29/a.parquet");
  ASSERT_TRUE(place);
  EXPECT_THAT(place->values, ElementsAre("2026-11-29"));
  EXPECT_EQ(place->folder, "trades/dt=2026-11-29/");
  EXPECT_TRUE(has("trades/dt=2026-11-01/b/c.parquet"));
  EXPECT_FALSE(has("trades/dt=2026-10-31/a.parquet"));
  EXPECT_FALSE(has("trades/dt=2026-11-30/a.parquet"));
  EXPECT_FALSE(has("trades/dt=__HIVE_DEFAULT_PARTITION__/a.parquet"));
  EXPECT_FALSE(has("trades/dt=2026-11-31/a.parquet"));
  EXPECT_FALSE(has("trades/2026-11-29/a.parquet"));
  EXPECT_FALSE(has("trades/dt=2026-11-29"));
  table.parameters["projection.dt.range"] = " NOW - 1 MONTH , now+1days ";
  EXPECT_TRUE(has("trades/dt=2026-11-30/a.parquet"));
  EXPECT_FALSE(has("trades/dt=2026-12-01/a.parquet"));
  EXPECT_TRUE(has("trades/dt=2026-10-29/a.parquet"));
  EXPECT_FALSE(has("trades/dt=2026-10-28/a.parquet"));
  table.parameters["projection.dt.interval"] = "7";
  table.parameters["projection.dt.range"] = "2026-11-01,NOW";
  EXPECT_TRUE(has("trades/dt=2026-11-15/a.parquet"));
  EXPECT_FALSE(has("trades/dt=2026-11-16/a.parquet"));
}

TEST_F(ProjectionTest, a_template_says_where_partitions_are) {
  key("hour", {{"type", "date"}, {"format", "yyyy/MM/dd/HH"}, {"range", "2026/11/01/00,NOW"}});
  key("venue", {{"type", "enum"}, {"values", "XNAS, XNYS"}});
  table.parameters["storage.location.template"] = "s3://raw/in/${venue}-${hour}";
  const auto place = place_of("in/XNYS-2026/11/29/07/x.json");
  ASSERT_TRUE(place);
  EXPECT_THAT(place->values, ElementsAre("2026/11/29/07", "XNYS"));
  EXPECT_EQ(place->folder, "in/XNYS-2026/11/29/07/");
  EXPECT_FALSE(has("in/XPAR-2026/11/29/07/x.json"));
  EXPECT_FALSE(has("in/XNYS-2026/11/29/13/x.json"));
  EXPECT_EQ((*PartitionProjection::of(table, kNow))->root(), (S3Location{"raw", "in/"}));
}

TEST_F(ProjectionTest, a_key_that_could_be_cut_in_many_ways_is_tried_in_each_place_once) {
  std::string location = "s3://raw/";
  for (char name = 'a'; name <= 'h'; ++name) {
    key(std::string(1, name).c_str(), {{"type", "injected"}});
    location.append("${").append(1, name).append("}-");
  }
  table.parameters["storage.location.template"] = location + "end/";
  const std::string object = std::string(1'000, '-') + "/x";
  EXPECT_FALSE(has(object.c_str()));
}

TEST_F(ProjectionTest, integers_have_ranges_intervals_and_digits) {
  key("shard", {{"type", "integer"}, {"range", "0,20"}, {"interval", "5"}, {"digits", "2"}});
  EXPECT_TRUE(has("trades/shard=00/a"));
  EXPECT_TRUE(has("trades/shard=15/a"));
  EXPECT_FALSE(has("trades/shard=5/a"));
  EXPECT_FALSE(has("trades/shard=16/a"));
  EXPECT_FALSE(has("trades/shard=25/a"));
  table.parameters.erase("projection.shard.digits");
  EXPECT_TRUE(has("trades/shard=5/a"));
  EXPECT_FALSE(has("trades/shard=05/a"));
}

TEST_F(ProjectionTest, properties_that_make_no_sense_are_named) {
  key("dt", {{"type", "date"}, {"format", "yyyy-MM-dd"}, {"range", "2026-11-01,NOW"}});
  const auto refused = [&](const char* property, const char* value) {
    catalog::Table changed = table;
    changed.parameters[property] = value;
    const auto projection = PartitionProjection::of(changed, kNow);
    if (projection) return std::string("taken");
    EXPECT_EQ(projection.error().name, "INVALID_TABLE_PROPERTY");
    return projection.error().message;
  };
  EXPECT_THAT(refused("projection.dt.type", "dates"), HasSubstr("projection.dt.type"));
  EXPECT_THAT(refused("projection.dt.format", "EEE"), HasSubstr("projection.dt.format"));
  EXPECT_THAT(refused("projection.dt.range", "2026-11-01"), HasSubstr("projection.dt.range"));
  EXPECT_THAT(refused("projection.dt.range", "NOW-9999999999YEARS,NOW"), HasSubstr("range"));
  EXPECT_THAT(refused("projection.dt.interval", "0"), HasSubstr("projection.dt.interval"));
  EXPECT_THAT(refused("storage.location.template", "s3://a/b/"), HasSubstr("every partition key"));
  EXPECT_THAT(refused("storage.location.template", "s3://a/${x}/"), HasSubstr("'x'"));
  EXPECT_THAT(refused("storage.location.template", "s3://a/${dt"), HasSubstr("no partition key"));
  table.parameters["projection.enabled"] = "false";
  EXPECT_EQ(refused("projection.dt.type", "dates"), "taken");
}

TEST_F(ProjectionTest, a_printed_table_is_read_back_as_it_was) {
  key("dt", {{"type", "date"}, {"format", "yyyy-MM-dd"}, {"range", "2026-11-01,NOW+1DAYS"}});
  table.storage->columns = {{.name = "odd`name", .type = "double"},
                            {.name = "_offset", .type = "bigint"}};
  table.storage->serde.library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
  std::string sql = create_external_table_sql(table);
  sql.resize(sql.rfind(';'));
  const auto statement = athena::read_statement(sql);
  ASSERT_TRUE(statement) << statement.error().message << sql;
  EXPECT_EQ(statement->kind, athena::StatementKind::kCreateExternalTable);
  EXPECT_EQ(statement->name.database, "d");
  ASSERT_EQ(statement->columns.size(), 2U);
  EXPECT_EQ(statement->columns[0].name, "odd`name");
  EXPECT_EQ(statement->partition_columns.at(0).name, "dt");
  EXPECT_EQ(statement->storage.stored_as, "PARQUET");
  EXPECT_EQ(statement->location, "s3://lake/trades");
  EXPECT_EQ(catalog::Parameters(statement->properties.begin(), statement->properties.end()),
            table.parameters);
}

}  // namespace
}  // namespace ticklake::query::executions
