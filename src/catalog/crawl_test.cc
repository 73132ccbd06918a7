#include "catalog/crawl.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "catalog/table_draft.h"

namespace ticklake::catalog {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

/// A bucket in a folder, a crawler and a catalog, all real.
class CrawlTest : public testing::Test {
 protected:
  void SetUp() override {
    catalog_ = Catalog::open(files_, folder_.path() / "catalog.db", clock_).value();
    options_.crawler = "c";
    options_.database = "default";
    target_.source = &source_;
    target_.bucket = "my-bucket";
    target_.url = "s3://my-bucket/";
    target_.root_name = "my-bucket";
  }

  void put(const std::string& key, std::string_view text) {
    const base::Path path = bucket_ / key;
    ASSERT_TRUE(files_.make_folders(path.parent_path()));
    const auto file = files_.open(path, base::OpenMode::kCreate).value();
    ASSERT_TRUE(file->truncate(0));
    ASSERT_TRUE(file->write_at(0, base::as_bytes(text)));
  }
  void remove(const std::string& key) { ASSERT_TRUE(files_.remove_all(bucket_ / key)); }

  CrawlReport crawl(const std::string& prefix = {}) {
    target_.prefix = prefix;
    options_.targets = {target_};
    CrawlReport report;
    const auto done = catalog::crawl(options_, {*catalog_, files_, clock_}, report);
    EXPECT_TRUE(done) << (done ? "" : to_text(done.error()));
    return report;
  }

  std::vector<std::string> tables() {
    std::vector<std::string> names;
    const auto page = catalog_->list_tables("default", {}).value();
    for (const Table& table : page.items)
      names.push_back(table.name);
    return names;
  }
  Table table(const std::string& name) {
    const auto found = catalog_->get_table("default", name);
    EXPECT_TRUE(found) << name;
    return found.value_or(Table{});
  }
  static std::string columns(const std::vector<Column>& columns) {
    std::string text;
    for (const Column& column : columns)
      text += (text.empty() ? "" : ", ") + column.name + " " + column.type;
    return text;
  }
  std::string columns(const std::string& name) {
    const Table found = table(name);
    return found.storage ? columns(found.storage->columns) : "";
  }
  std::vector<std::string> partitions(const std::string& name) {
    std::vector<std::string> texts;
    const auto all = catalog_->all_partitions("default", name).value();
    for (const Partition& partition : all) {
      std::string text;
      for (const std::string& value : partition.values)
        text += (text.empty() ? "" : "/") + value;
      texts.push_back(text);
    }
    return texts;
  }

  base::TemporaryFolder folder_;
  base::Path bucket_ = folder_.path() / "bucket";
  base::PosixFileSystem files_;
  base::ManualClock clock_;
  FolderSource source_{bucket_};
  CrawlTarget target_;
  CrawlOptions options_;
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(CrawlTest, TheTutorialsObjectsAreOneTableNamedAfterTheBucket) {
  for (int i = 0; i < 20; ++i) {
    put("stock_market_" + std::to_string(i) + ".json",
        R"({"Index": "HSI", "Date": "1986-12-31", "Open": 2568.3, "Volume": 0, )"
        R"("Big": 8000000000})");
  }
  const CrawlReport report = crawl();
  EXPECT_EQ(report.tables_created, 1);
  EXPECT_THAT(tables(), ElementsAre("my_bucket"));
  EXPECT_EQ(columns("my_bucket"), "index string, date string, open double, volume int, big bigint");
  const Table made = table("my_bucket");
  EXPECT_EQ(made.type, "EXTERNAL_TABLE");
  EXPECT_EQ(made.storage->location, "s3://my-bucket/");
  EXPECT_EQ(made.storage->serde.library, "org.openx.data.jsonserde.JsonSerDe");
  EXPECT_THAT(made.storage->serde.parameters,
              ElementsAre(Pair("paths", "Big,Date,Index,Open,Volume")));
  EXPECT_THAT(made.parameters, Contains(Pair("classification", "json")));
  EXPECT_THAT(made.parameters, Contains(Pair("compressionType", "none")));
  EXPECT_THAT(made.parameters, Contains(Pair("objectCount", "20")));
  EXPECT_THAT(made.parameters, Contains(Pair("recordCount", "20")));
  EXPECT_THAT(made.parameters, Contains(Pair("UPDATED_BY_CRAWLER", "c")));
  EXPECT_THAT(made.partition_keys, IsEmpty());
}

TEST_F(CrawlTest, FoldersWithKeysAreHivesPartitions) {
  put("trades/dt=2026-01-01/sym=A/1.json", R"({"price": 1})");
  put("trades/dt=2026-01-01/sym=B%20C/1.json", R"({"price": 2.5})");
  put("trades/dt=2026-01-02/sym=A/1.json", R"({"price": 10000000000})");
  crawl("trades");
  EXPECT_THAT(tables(), ElementsAre("trades"));
  EXPECT_EQ(columns("trades"), "price double");
  EXPECT_EQ(columns(table("trades").partition_keys), "dt string, sym string");
  EXPECT_THAT(partitions("trades"),
              UnorderedElementsAre("2026-01-01/A", "2026-01-01/B C", "2026-01-02/A"));
  const auto first = catalog_->all_partitions("default", "trades", "sym = 'B C'").value();
  EXPECT_EQ(first[0].storage->location, "s3://my-bucket/trades/dt=2026-01-01/sym=B%20C/");
  EXPECT_EQ(columns(first[0].storage->columns), "price double") << "its own schema";
}

TEST_F(CrawlTest, FoldersWithoutKeysAreNumberedPartitions) {
  put("logs/2026/01/a.json", R"({"a": 1})");
  put("logs/2026/02/a.json", R"({"a": 2})");
  crawl("logs/");
  EXPECT_EQ(columns(table("logs").partition_keys), "partition_0 string, partition_1 string");
  EXPECT_THAT(partitions("logs"), UnorderedElementsAre("2026/01", "2026/02"));
}

// The example of Glue's own documentation.
TEST_F(CrawlTest, FoldersWithDifferentSchemasAreTablesUnlessTheyAreToBeCombined) {
  put("table1/year=2017/f.json", R"({"A": 1, "B": 2})");
  put("table1/year=2018/f.json", R"({"C": 3, "D": 4})");
  crawl("table1");
  EXPECT_THAT(tables(), UnorderedElementsAre("year_2017", "year_2018"));

  options_.database = "ticklake";
  options_.policy.combines_compatible = true;
  crawl("table1");
  const Table combined = catalog_->get_table("ticklake", "table1").value();
  EXPECT_EQ(columns(combined.storage->columns), "a int, b int, c int, d int");
  EXPECT_EQ(columns(combined.partition_keys), "year string");
}

TEST_F(CrawlTest, OneFolderThatDiffersIsATableOfItsOwn) {
  for (const char* day : {"1", "2", "3", "4"})
    put(std::string("t/dt=") + day + "/f.json", R"({"a": 1, "b": 2})");
  put("t/other/f.json", R"({"x": "y"})");
  crawl("t");
  EXPECT_THAT(tables(), UnorderedElementsAre("t", "other"));
  EXPECT_EQ(partitions("t").size(), 4);
}

TEST_F(CrawlTest, FilesOfOneFolderThatDifferAreTablesNamedAfterThem) {
  put("d/a.csv", "id,name\n1,x\n2,y\n");
  put("d/b.csv", "when,price,volume\n2026-01-01,1.5,7\n2026-01-02,2.5,8\n");
  crawl("d");
  EXPECT_THAT(tables(), UnorderedElementsAre("a_csv", "b_csv"));
  EXPECT_EQ(columns("b_csv"), "when date, price double, volume int");
  EXPECT_EQ(table("a_csv").storage->location, "s3://my-bucket/d/a.csv");
}

TEST_F(CrawlTest, APathThatIsAnObjectIsATableNamedAfterIt) {
  put("d/a.csv", "id,name\n1,x\n2,y\n");
  put("d/a.csv.bak/b.csv", "id,name\n1,x\n2,y\n");
  crawl("d/a.csv");
  EXPECT_THAT(tables(), ElementsAre("a_csv"));
  EXPECT_EQ(table("a_csv").storage->location, "s3://my-bucket/d/a.csv");
}

TEST_F(CrawlTest, TablesStandAtTheLevelThatIsSet) {
  put("a/b/x=1/f.json", R"({"p": 1})");
  put("a/c/x=1/f.json", R"({"q": "z"})");
  options_.policy.table_level = 2;
  crawl();
  EXPECT_THAT(tables(), ElementsAre("a"));
  EXPECT_EQ(columns("a"), "p int, q string");
}

TEST_F(CrawlTest, ACsvHasAHeaderOnlyIfSomethingBelowIsNoText) {
  put("with/f.csv", "name,age\nann,1\nbob,\n");
  put("without/f.csv", "name,city\nann,rome\nbob,oslo\n");
  put("pipe/f.csv", "1|true|2026-01-01 10:00:00\n2|false|2026-01-01 11:00:00.5\n");
  crawl("with");
  crawl("without");
  crawl("pipe");
  EXPECT_EQ(columns("with"), "name string, age int");
  EXPECT_THAT(table("with").parameters, Contains(Pair("skip.header.line.count", "1")));
  EXPECT_EQ(columns("without"), "col0 string, col1 string");
  EXPECT_EQ(table("without").parameters.count("skip.header.line.count"), 0);
  EXPECT_EQ(columns("pipe"), "col0 int, col1 boolean, col2 timestamp");
  EXPECT_THAT(table("pipe").storage->serde.parameters, ElementsAre(Pair("field.delim", "|")));
}

TEST_F(CrawlTest, JsonTypesWidenAndNest) {
  put("j/1.json",
      "{\"a\": 1, \"b\": null, \"s\": {\"x\": 1, \"y\": [1, 2]}, \"l\": [], \"f\": true}\n"
      "{\"a\": 2.5, \"b\": null, \"s\": {\"x\": \"t\", \"z\": {}}, \"l\": [{\"k\": 1}], \"f\": "
      "3}\n");
  crawl("j");
  EXPECT_EQ(columns("j"),
            "a double, b string, s struct<x:string,y:array<int>,z:string>, "
            "l array<struct<k:int>>, f string");
}

TEST_F(CrawlTest, ADocumentOverSeveralLinesIsJsonToo) {
  put("j/1.json", "{\n  \"a\": 1,\n  \"b\": \"x\"\n}\n");
  crawl("j");
  EXPECT_EQ(columns("j"), "a int, b string");
}

TEST_F(CrawlTest, AnArrayIsOneColumnUnlessItsElementsAreRecords) {
  put("j/1.json", R"([{"a": 1}, {"a": 2, "b": "x"}])");
  crawl("j");
  EXPECT_EQ(columns("j"), "array array<struct<a:int,b:string>>");
  options_.elements = true;
  crawl("j");
  EXPECT_EQ(columns("j"), "a int, b string");
  EXPECT_THAT(table("j").parameters, Contains(Pair("jsonPath", "$[*]")));
}

TEST_F(CrawlTest, WhatHiveDoesNotReadIsPassedOver) {
  put("t/_temporary/0/f.json", R"({"x": 1})");
  put("t/_SUCCESS", "x");
  put("t/.hidden", "x");
  put("t/empty.json", "");
  put("t/f.json", R"({"a": 1})");
  crawl("t");
  EXPECT_EQ(columns("t"), "a int");
  EXPECT_THAT(table("t").parameters, Contains(Pair("objectCount", "1")));
}

TEST_F(CrawlTest, ExclusionsAreGlobsBelowThePath) {
  put("t/a/f.json", R"({"a": 1})");
  put("t/a/g.tmp", R"({"x": 1, "y": 2, "z": 3})");
  put("t/b/c/f.json", R"({"x": 1, "y": 2, "z": 3})");
  target_.exclusions = {"**.tmp", "b/**"};
  crawl("t");
  EXPECT_THAT(tables(), ElementsAre("a"));
  EXPECT_THAT(table("a").parameters, Contains(Pair("exclusions", R"(["**.tmp","b/**"])")));
}

TEST_F(CrawlTest, WhatIsNoTableIsReportedByName) {
  put("t/photo.bin", std::string("\0\1\2", 3));
  const CrawlReport report = crawl("t");
  EXPECT_THAT(tables(), IsEmpty());
  ASSERT_EQ(report.lines.size(), 1);
  EXPECT_THAT(report.lines[0].why, HasSubstr("UNKNOWN"));
  EXPECT_THAT(report.lines[0].subject, HasSubstr("photo.bin"));
}

TEST_F(CrawlTest, TheNameOfAnotherTableGetsAHash) {
  put("a/t/f.json", R"({"a": 1})");
  put("b/t/f.json", R"({"b": 1})");
  crawl("a/t");
  crawl("b/t");
  ASSERT_EQ(tables().size(), 2);
  EXPECT_THAT(tables()[1], testing::MatchesRegex("t_[0-9a-f]{16}"));
}

TEST_F(CrawlTest, ACrawlOfTheSameChangesNothing) {
  put("t/dt=1/f.json", R"({"a": 1})");
  crawl("t");
  const Table before = table("t");
  options_.run_id = "second";
  const CrawlReport report = crawl("t");
  EXPECT_EQ(report.tables_updated + report.tables_created + report.partitions_updated, 0);
  EXPECT_EQ(table("t"), before);
}

TEST_F(CrawlTest, ByDefaultASchemaIsReplaced) {
  put("t/f.json", R"({"a": 1, "b": 1, "c": 1})");
  crawl("t");
  put("t/f.json", R"({"a": 1.5, "b": 1, "d": "x"})");
  const CrawlReport report = crawl("t");
  EXPECT_EQ(report.tables_updated, 1);
  EXPECT_EQ(columns("t"), "a double, b int, d string");
  EXPECT_EQ(catalog_->list_table_versions("default", "t", {}).value().items.size(), 2);
}

TEST_F(CrawlTest, MergingOnlyAddsColumnsAlsoNestedOnes) {
  put("t/f.json", R"({"a": 1, "s": {"x": 1}, "gone": 1})");
  crawl("t");
  options_.policy.merges_new_columns = true;
  put("t/f.json", R"({"a": 1.5, "s": {"x": "t", "y": 2}, "new": true})");
  crawl("t");
  EXPECT_EQ(columns("t"), "a int, s struct<x:int,y:int>, gone int, new boolean");
}

TEST_F(CrawlTest, MergingAnotherFormatDeprecatesTheTable) {
  put("t/f.json", R"({"a": 1})");
  crawl("t");
  options_.policy.merges_new_columns = true;
  put("t/f.json", "a,b\n1,2\n3,4\n");
  crawl("t");
  EXPECT_EQ(table("t").parameters.count(kDeprecatedByCrawler), 1);
  EXPECT_EQ(columns("t"), "a int");
}

TEST_F(CrawlTest, LogChangesNoTableButAddsPartitions) {
  put("t/dt=1/f.json", R"({"a": 1})");
  crawl("t");
  options_.policy.update = UpdateBehavior::kLog;
  put("t/dt=2/f.json", R"({"a": 1.5})");
  crawl("t");
  EXPECT_EQ(columns("t"), "a int");
  EXPECT_THAT(partitions("t"), ElementsAre("1", "2"));
}

TEST_F(CrawlTest, WhatHasVanishedIsMarkedDeletedOrLogged) {
  put("t/a/f.json", R"({"a": 1})");
  put("t/b/f.json", R"({"x": "y"})");
  crawl("t");
  ASSERT_THAT(tables(), UnorderedElementsAre("a", "b"));
  remove("t/b");
  options_.policy.deletion = DeleteBehavior::kLog;
  crawl("t");
  EXPECT_EQ(table("b").parameters.count(kDeprecatedByCrawler), 0);
  options_.policy.deletion = DeleteBehavior::kDeprecateInDatabase;
  crawl("t");
  EXPECT_EQ(table("b").parameters.count(kDeprecatedByCrawler), 1);
  options_.policy.deletion = DeleteBehavior::kDeleteFromDatabase;
  EXPECT_EQ(crawl("t").tables_deleted, 1);
  EXPECT_THAT(tables(), ElementsAre("a"));
}

TEST_F(CrawlTest, PartitionsInheritFromTheirTable) {
  put("t/dt=1/f.json", R"({"a": 1})");
  put("t/dt=2/f.json", R"({"a": 1.5, "b": 2})");
  options_.policy.inherits_from_table = true;
  crawl("t");
  const auto all = catalog_->all_partitions("default", "t").value();
  for (const Partition& partition : all) {
    EXPECT_EQ(columns(partition.storage->columns), "a double, b int");
    EXPECT_THAT(partition.storage->location, HasSubstr("/dt="));
  }
}

TEST_F(CrawlTest, TablesOfOthersAreLeftAlone) {
  Table mine;
  mine.name = "t";
  mine.storage = StorageDescriptor{};
  mine.storage->location = "s3://my-bucket/t";
  ASSERT_TRUE(catalog_->create_table("default", mine));
  put("t/f.json", R"({"a": 1})");
  const CrawlReport report = crawl("t");
  EXPECT_EQ(report.tables_created + report.tables_updated, 0);
  EXPECT_EQ(columns("t"), "");
}

TEST_F(CrawlTest, NewFoldersOnlyLooksAtNothingElse) {
  put("t/dt=1/f.json", R"({"a": 1, "b": 2})");
  crawl("t");
  options_.policy = {.update = UpdateBehavior::kLog,
                     .deletion = DeleteBehavior::kLog,
                     .recrawl = RecrawlBehavior::kNewFoldersOnly};
  put("t/dt=1/g.json", R"({"other": 1})");
  put("t/dt=2/f.json", R"({"a": 1, "b": 2})");
  put("t/dt=3/f.json", R"({"x": 1, "y": 2})");
  const CrawlReport report = crawl("t");
  EXPECT_EQ(report.files, 2);
  EXPECT_THAT(partitions("t"), ElementsAre("1", "2")) << "the third differs too much";
  EXPECT_EQ(columns("t"), "a int, b int");
}

TEST_F(CrawlTest, ASampleReadsSoManyFilesOfAFolder) {
  for (int i = 0; i < 30; ++i)
    put("t/" + std::to_string(i) + ".json", R"({"a": 1})");
  target_.sample_size = 3;
  crawl("t");
  EXPECT_THAT(table("t").parameters, Contains(Pair("objectCount", "3")));
}

TEST_F(CrawlTest, TooManyTablesFailTheCrawl) {
  put("t/a/f.json", R"({"a": 1})");
  put("t/b/f.json", R"({"x": "y"})");
  options_.policy.table_threshold = 1;
  target_.prefix = "t";
  options_.targets = {target_};
  CrawlReport report;
  EXPECT_FALSE(catalog::crawl(options_, {*catalog_, files_, clock_}, report));
  EXPECT_THAT(tables(), IsEmpty());
}

TEST_F(CrawlTest, AStoppedCrawlWritesNothing) {
  put("t/f.json", R"({"a": 1})");
  std::stop_source stop;
  stop.request_stop();
  target_.prefix = "t";
  options_.targets = {target_};
  CrawlReport report;
  const auto done = catalog::crawl(options_, {*catalog_, files_, clock_, stop.get_token()}, report);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kInterrupted);
  EXPECT_THAT(tables(), IsEmpty());
}

TEST_F(CrawlTest, AColumnThatIsAPartitionKeyTooIsOneOnly) {
  put("t/dt=1/f.json", R"({"dt": "1", "a": 1})");
  crawl("t");
  EXPECT_EQ(columns("t"), "a int");
  put("c/dt=1/f.csv", "dt,a\n1,2\n3,4\n");
  crawl("c");
  EXPECT_EQ(columns("c"), "dt_1 int, a int");
}

}  // namespace
}  // namespace ticklake::catalog
