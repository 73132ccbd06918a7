#include "catalog/live_tables.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"

namespace ticklake::catalog {
namespace {

class LiveTablesTest : public testing::Test {
 protected:
  void SetUp() override {
    catalog_ = Catalog::open(files_, folder_.path() / "catalog.db", clock_).value();
  }
  static lake::BoundaryRecord record(std::vector<lake::Column> columns,
                                     const std::vector<std::string>& days) {
    lake::BoundaryRecord record;
    record.end = 10;
    record.schema.columns = std::move(columns);
    for (const std::string& day : days)
      record.files.push_back({"Trades/dt=" + day + "/f.parquet", day, 5});
    return record;
  }
  void add(const lake::BoundaryRecord& record) {
    const auto added = live_->add("Trades", "Trades", std::span(&record, 1));
    EXPECT_TRUE(added) << (added ? "" : to_text(added.error()));
  }
  void restart() { live_.emplace(*catalog_, "s3://lake/"); }
  Table table() { return catalog_->get_table("ticklake", "trades").value(); }

  const lake::Column symbol_{"symbol", "symbol", lake::ColumnType::kVarchar};
  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::ManualClock clock_;
  std::unique_ptr<Catalog> catalog_;
  std::optional<LiveTables> live_;
};

TEST_F(LiveTablesTest, ACommitRegistersTheTableAndItsDays) {
  restart();
  add(record({symbol_, {"Price", "Price", lake::ColumnType::kDouble}, {"open", "open"}},
             {"2026-01-01", "2026-01-02"}));
  const Table made = table();
  EXPECT_EQ(made.storage->location, "s3://lake/Trades/");
  EXPECT_EQ(made.partition_keys.at(0).name, "dt");
  std::string columns;
  for (const Column& column : made.storage->columns)
    columns += column.name + " " + column.type + ", ";
  EXPECT_EQ(columns,
            "symbol string, price double, _topic string, _partition int, _offset bigint, "
            "_event_time timestamp, _append_time timestamp, ");
  const auto days = catalog_->all_partitions("ticklake", "trades").value();
  ASSERT_EQ(days.size(), 2);
  EXPECT_EQ(days[0].storage->location, "s3://lake/Trades/dt=2026-01-01/");
}

TEST_F(LiveTablesTest, WhatTheCatalogHasIsNotWrittenAgain) {
  restart();
  add(record({symbol_}, {"2026-01-01"}));
  const Table before = table();
  add(record({symbol_}, {"2026-01-01"}));
  restart();
  add(record({symbol_}, {"2026-01-01"}));
  EXPECT_EQ(table(), before);
  add(record({symbol_}, {"2026-01-02"}));
  EXPECT_EQ(table(), before) << "a day is a partition, and no other table";
  EXPECT_EQ(catalog_->all_partitions("ticklake", "trades").value().size(), 2);
}

TEST_F(LiveTablesTest, DecimalsAndNanosecondsHaveTheNamesThatGlueGivesThem) {
  using lake::ColumnType;
  restart();
  add(record({{"p", "p", ColumnType::decimal(18, 4)},
              {"t", "t", ColumnType::kTimestampNs},
              {"n", "n", ColumnType::kBigint},
              {"x", "x", ColumnType::kDouble}},
             {"2026-01-01"}));
  EXPECT_EQ(table().storage->columns[0].type, "decimal(18,4)");
  EXPECT_EQ(table().storage->columns[1].type, "timestamp");
  restart();
  add(record({{"p", "p", ColumnType::decimal(20, 6)},
              {"t", "t", ColumnType::kTimestampNs},
              {"n", "n", ColumnType::decimal(38, 18)},
              {"x", "x", ColumnType::decimal(38, 18)}},
             {"2026-01-02"}));
  EXPECT_EQ(table().storage->columns[0].type, "decimal(20,6)") << "14 digits before, 6 behind";
  EXPECT_EQ(table().storage->columns[2].type, "decimal(38,18)");
  EXPECT_EQ(table().storage->columns[3].type, "decimal(38,18)");
}

TEST_F(LiveTablesTest, AWiderSchemaIsTheNextVersion) {
  restart();
  add(record({symbol_, {"n", "n", lake::ColumnType::kBigint}}, {"2026-01-01"}));
  restart();
  add(record({symbol_, {"n", "n", lake::ColumnType::kDouble}}, {"2026-01-01"}));
  EXPECT_EQ(table().version, 1);
  EXPECT_EQ(table().storage->columns.at(1).type, "double");
}

TEST_F(LiveTablesTest, ARecordWithoutRowsMakesNoTable) {
  restart();
  add(record({symbol_}, {}));
  EXPECT_FALSE(catalog_->get_table("ticklake", "trades"));
}

}  // namespace
}  // namespace ticklake::catalog
