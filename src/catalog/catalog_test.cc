#include "catalog/catalog.h"

#include <thread>

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CatalogTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    catalog_.reset();
    auto opened = Catalog::open(files_, folder_.path() / "catalog" / "catalog.db", clock_);
    ASSERT_TRUE(opened) << to_text(opened.error());
    catalog_ = std::move(*opened);
  }

  static Table table(std::string name) {
    Table table;
    table.name = std::move(name);
    table.type = "EXTERNAL_TABLE";
    table.storage = StorageDescriptor{.columns = {{.name = "price", .type = "double"}},
                                      .location = "s3://b/t/",
                                      .input_format = {},
                                      .output_format = {},
                                      .serde = {}};
    table.partition_keys = {{.name = "dt", .type = "string"}};
    return table;
  }
  static Partition partition(std::string day) {
    Partition partition;
    partition.values = {std::move(day)};
    return partition;
  }
  template <typename T>
  static std::string code(const aws::Answer<T>& answer) {
    return answer ? "" : answer.error().code;
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::ManualClock clock_;
  std::unique_ptr<Catalog> catalog_;
};

TEST_F(CatalogTest, WhatIsAcknowledgedIsThereAfterARestart) {
  ASSERT_TRUE(catalog_->create_database({.name = "mkt", .description = "market"}));
  Table made = table("Trades");
  made.parameters = {{"classification", "json"}};
  ASSERT_TRUE(catalog_->create_table("mkt", made, "arn:aws:iam::000000000000:root"));
  ASSERT_TRUE(catalog_->create_partitions("mkt", "trades", {partition("2026-01-01")}));
  const Table before = catalog_->get_table("mkt", "trades").value();
  reopen();
  EXPECT_EQ(catalog_->get_database("MKT").value().description, "market");
  EXPECT_EQ(catalog_->get_table("mkt", "TRADES").value(), before)
      << "names are folded, and nothing else is changed";
  EXPECT_EQ(before.created_by, "arn:aws:iam::000000000000:root");
  EXPECT_EQ(catalog_->all_partitions("mkt", "trades").value().size(), 1);
}

TEST_F(CatalogTest, TheDatabasesThatAreAlwaysThere) {
  std::vector<std::string> names;
  const auto page = catalog_->list_databases({}).value();
  for (const Database& database : page.items)
    names.push_back(database.name);
  EXPECT_THAT(names, ElementsAre("default", "ticklake"));
}

TEST_F(CatalogTest, RefusalsAreGluesOwn) {
  EXPECT_EQ(code(catalog_->get_database("none")), "EntityNotFoundException");
  EXPECT_EQ(code(catalog_->create_database({.name = "Default"})), "AlreadyExistsException");
  EXPECT_EQ(code(catalog_->create_table("none", table("t"))), "EntityNotFoundException");
  EXPECT_EQ(code(catalog_->get_table("default", "t")), "EntityNotFoundException");
  ASSERT_TRUE(catalog_->create_table("default", table("t")));
  EXPECT_EQ(code(catalog_->create_table("default", table("T"))), "AlreadyExistsException");
  EXPECT_EQ(code(catalog_->delete_table("default", "u")), "EntityNotFoundException");
  EXPECT_EQ(code(catalog_->update_database("default", {.name = "other"})), "InvalidInputException");
}

TEST_F(CatalogTest, AnUpdateFromAnOldVersionIsRefused) {
  ASSERT_TRUE(catalog_->create_table("default", table("t")));
  Table changed = table("t");
  changed.description = "one";
  EXPECT_TRUE(catalog_->update_table("default", changed, {.version = "0"}));
  changed.description = "two";
  EXPECT_EQ(code(catalog_->update_table("default", changed, {.version = "0"})),
            "ConcurrentModificationException");
  EXPECT_EQ(catalog_->get_table("default", "t").value().description, "one");
  EXPECT_TRUE(catalog_->update_table("default", changed, {.version = "1"}));
}

TEST_F(CatalogTest, OfManyWritersOfOneVersionOneWins) {
  ASSERT_TRUE(catalog_->create_table("default", table("t")));
  std::atomic<int> winners = 0;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 8; ++i) {
      writers.emplace_back([&] {
        if (catalog_->update_table("default", table("t"), {.version = "0"})) ++winners;
      });
    }
  }
  EXPECT_EQ(winners, 1);
}

TEST_F(CatalogTest, VersionsAreKeptNewestFirst) {
  ASSERT_TRUE(catalog_->create_table("default", table("t")));
  for (const char* text : {"one", "two", "three"}) {
    Table changed = table("t");
    changed.description = text;
    ASSERT_TRUE(catalog_->update_table("default", changed, {.keeps_old = text[1] != 'w'}));
  }
  std::vector<int64_t> versions;
  PageRequest request{1, {}};
  do {
    const auto page = catalog_->list_table_versions("default", "t", request).value();
    for (const Table& one : page.items)
      versions.push_back(one.version);
    request.token = page.next_token;
  } while (!request.token.empty());
  EXPECT_THAT(versions, ElementsAre(3, 2, 0)) << "what was replaced without an archive is gone";
  EXPECT_EQ(catalog_->get_table_version("default", "t", "2").value().description, "two");
  EXPECT_EQ(code(catalog_->delete_table_version("default", "t", "3")), "InvalidInputException");
  EXPECT_TRUE(catalog_->delete_table_version("default", "t", "2"));
  EXPECT_EQ(code(catalog_->get_table_version("default", "t", "2")), "EntityNotFoundException");
}

TEST_F(CatalogTest, AListingHasEachTableOnceWhateverThePage) {
  for (const char* name : {"a", "b", "c", "d", "e"})
    ASSERT_TRUE(catalog_->create_table("default", table(name)));
  for (const size_t size : {1, 2, 5, 6}) {
    std::string names;
    PageRequest request{size, {}};
    do {
      const auto page = catalog_->list_tables("default", request).value();
      EXPECT_LE(page.items.size(), size);
      for (const Table& one : page.items)
        names += one.name;
      request.token = page.next_token;
    } while (!request.token.empty());
    EXPECT_EQ(names, "abcde");
  }
  EXPECT_EQ(code(catalog_->list_tables("default", {1, "made up"})), "InvalidInputException");
}

TEST_F(CatalogTest, OfABatchWhatCanBeIsDone) {
  ASSERT_TRUE(catalog_->create_table("default", table("t")));
  ASSERT_TRUE(catalog_->create_partitions("default", "t", {partition("1")}));
  Partition wrong = partition("3");
  wrong.values.emplace_back("more");
  const auto made =
      catalog_->create_partitions("default", "t", {partition("1"), partition("2"), wrong}).value();
  EXPECT_EQ(made[0]->code, "AlreadyExistsException");
  EXPECT_FALSE(made[1]);
  EXPECT_EQ(made[2]->code, "InvalidInputException");
  EXPECT_EQ(catalog_->all_partitions("default", "t").value().size(), 2);

  const std::vector<Catalog::Values> gone{{"1"}, {"9"}};
  const auto deleted = catalog_->delete_partitions("default", "t", gone).value();
  EXPECT_FALSE(deleted[0]);
  EXPECT_EQ(deleted[1]->code, "EntityNotFoundException");
}

TEST_F(CatalogTest, APartitionMovesToOtherValues) {
  ASSERT_TRUE(catalog_->create_table("default", table("t")));
  ASSERT_TRUE(catalog_->create_partitions("default", "t", {partition("1"), partition("2")}));
  const auto taken = catalog_->update_partitions("default", "t", {{{"1"}, partition("2")}});
  EXPECT_EQ(taken.value()[0]->code, "AlreadyExistsException");
  EXPECT_FALSE(catalog_->update_partitions("default", "t", {{{"1"}, partition("3")}}).value()[0]);
  const std::vector<Catalog::Values> wanted{{"1"}, {"3"}};
  const auto found = catalog_->get_partitions("default", "t", wanted).value();
  EXPECT_FALSE(found[0]);
  EXPECT_TRUE(found[1]);
}

TEST_F(CatalogTest, SegmentsOfAListingHaveNothingInCommonAndAreAll) {
  ASSERT_TRUE(catalog_->create_table("default", table("t")));
  std::vector<Partition> partitions;
  for (int i = 0; i < 2'500; ++i)
    partitions.push_back(partition(std::to_string(i)));
  ASSERT_TRUE(catalog_->create_partitions("default", "t", partitions));
  std::set<std::string> seen;
  for (size_t segment = 0; segment < 3; ++segment) {
    PageRequest request{700, {}};
    do {
      const auto page =
          catalog_->list_partitions("default", "t", {.segment = segment, .segments = 3}, request)
              .value();
      for (const Partition& one : page.items)
        EXPECT_TRUE(seen.insert(one.values[0]).second) << one.values[0];
      request.token = page.next_token;
    } while (!request.token.empty());
  }
  EXPECT_EQ(seen.size(), 2'500);
}

TEST_F(CatalogTest, WhatIsDeletedTakesWithItWhatItHolds) {
  ASSERT_TRUE(catalog_->create_database({.name = "d"}));
  ASSERT_TRUE(catalog_->create_table("d", table("t")));
  ASSERT_TRUE(catalog_->create_partitions("d", "t", {partition("1")}));
  ASSERT_TRUE(catalog_->delete_database("d"));
  ASSERT_TRUE(catalog_->create_database({.name = "d"}));
  EXPECT_THAT(catalog_->list_tables("d", {}).value().items, IsEmpty());
  ASSERT_TRUE(catalog_->create_table("d", table("t")));
  EXPECT_THAT(catalog_->all_partitions("d", "t").value(), IsEmpty());
}

TEST(ModelJson, WhatIsAbsentIsLeftOutAndNothingIsNull) {
  Table table;
  table.name = "t";
  const auto json = to_json(table);
  for (const auto& [name, value] : json.items())
    EXPECT_FALSE(value.is_null()) << name;
  EXPECT_FALSE(json.contains("StorageDescriptor"));
  EXPECT_FALSE(json.contains("LastAccessTime"));
  EXPECT_TRUE(json["CreateTime"].is_number());
}

TEST(ModelJson, AWrongMemberIsNamed) {
  for (const auto& [text, problem] : {
           std::pair(R"({"Description":"x"})", "Name is required"),
           std::pair(R"({"Name":7})", "Name must be a string"),
           std::pair(R"({"Name":""})", "Name must have at least 1 characters"),
           std::pair(R"({"Name":"t","Retention":-1})", "Retention must be from 0 to 2147483647"),
           std::pair(R"({"Name":"t","StorageDescriptor":{"Columns":[{"Type":"int"}]}})",
                     "StorageDescriptor.Columns.Name is required"),
           std::pair(R"({"Name":"t","Parameters":{"a":1}})",
                     "Parameters must be an object of strings"),
       }) {
    std::string found;
    const auto json = nlohmann::json::parse(text);
    read_table({json, {}, found});
    EXPECT_EQ(found, problem) << text;
  }
}

}  // namespace
}  // namespace ticklake::catalog
