#include "aws_api/glue/service.h"

#include <gmock/gmock.h>

#include "base/secret_random.h"
#include "base/temporary_folder.h"

namespace ticklake::aws_api::glue {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class GlueTest : public testing::Test {
 protected:
  void SetUp() override {
    catalog_ = catalog::Catalog::open(files_, folder_.path() / "catalog.db", clock_).value();
    crawlers_ = catalog::Crawlers::open(folder_.path() / "crawlers.db", {.catalog = *catalog_,
                                                                         .source = source_,
                                                                         .files = files_,
                                                                         .clock = clock_,
                                                                         .log = *log_})
                    .value();
    identities_ = aws::IdentityStore::open(files_, folder_.path() / "identities.db", clock_,
                                           base::system_secret_random())
                      .value();
    access_.emplace(*identities_);
    service_.emplace(Seams{*catalog_, *crawlers_, *access_, *identities_, clock_});
    root_ = access_->authenticate(identities_->first_key()->id, "").value().principal;
  }
  aws::Answer<json> call(const char* operation, const char* input, const aws::Principal& who) {
    Call call;
    call.operation = operation;
    call.input = json::parse(input);
    call.caller.principal = who;
    call.caller.region = "eu-west-3";
    call.context.now = clock_.wall_now();
    return service_->call(call);
  }
  json ok(const char* operation, const char* input) {
    auto answer = call(operation, input, root_);
    EXPECT_TRUE(answer) << operation << ": " << (answer ? "" : answer.error().message);
    return answer.value_or(json());
  }
  std::string code(const char* operation, const char* input) {
    const auto answer = call(operation, input, root_);
    return answer ? "" : std::string(wire_error(answer.error(), aws::Protocol::kJson).code);
  }

  base::TemporaryFolder folder_;
  base::PosixFileSystem files_;
  base::SystemClock clock_;
  std::shared_ptr<base::Logger> log_ = base::make_null_logger();
  catalog::FolderSource source_{folder_.path() / "b"};
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<catalog::Crawlers> crawlers_;
  std::unique_ptr<aws::IdentityStore> identities_;
  std::optional<aws::AccessControl> access_;
  std::optional<Service> service_;
  aws::Principal root_;
};

TEST_F(GlueTest, ATableIsMadeReadChangedAndDeleted) {
  ok("CreateDatabase", R"({"DatabaseInput":{"Name":"mkt"}})");
  ok("CreateTable", R"({"DatabaseName":"mkt","TableInput":{"Name":"T","TableType":"EXTERNAL_TABLE",
      "StorageDescriptor":{"Columns":[{"Name":"a","Type":"int"}],"Location":"s3://b/t/"}}})");
  const json table = ok("GetTable", R"({"DatabaseName":"mkt","Name":"t"})")["Table"];
  EXPECT_EQ(table["Name"], "t");
  EXPECT_EQ(table["VersionId"], "0");
  EXPECT_EQ(table["CatalogId"], "000000000000");
  ok("UpdateTable", R"({"DatabaseName":"mkt","VersionId":"0","TableInput":{"Name":"t"}})");
  EXPECT_EQ(
      code("UpdateTable", R"({"DatabaseName":"mkt","VersionId":"0","TableInput":{"Name":"t"}})"),
      "ConcurrentModificationException");
  EXPECT_EQ(
      ok("GetTableVersions", R"({"DatabaseName":"mkt","TableName":"t"})")["TableVersions"].size(),
      2);
  ok("DeleteTable", R"({"DatabaseName":"mkt","Name":"t"})");
  EXPECT_EQ(code("GetTable", R"({"DatabaseName":"mkt","Name":"t"})"), "EntityNotFoundException");
}

TEST_F(GlueTest, TablesAreFoundByRegularExpressionsAndHivesPatterns) {
  for (const char* name : {"stock_a", "stock_b", "other"}) {
    const std::string input =
        std::string(R"({"DatabaseName":"default","TableInput":{"Name":")") + name + R"("}})";
    ok("CreateTable", input.c_str());
  }
  const auto count = [&](const std::string& expression) {
    const std::string input = R"({"DatabaseName":"default","Expression":")" + expression + R"("})";
    return ok("GetTables", input.c_str())["TableList"].size();
  };
  EXPECT_EQ(count("stock*"), 2);
  EXPECT_EQ(count("stock.*"), 2);
  EXPECT_EQ(count("*_a"), 1);
  EXPECT_EQ(count("*the*"), 1);
  EXPECT_EQ(count("stock"), 0);
  EXPECT_EQ(count("stock_a|other"), 2);
}

TEST_F(GlueTest, InputThatBreaksTheModelIsRefused) {
  EXPECT_EQ(code("CreateDatabase", "{}"), "InvalidInputException");
  EXPECT_EQ(code("GetTable", R"({"DatabaseName":"default"})"), "InvalidInputException");
  EXPECT_EQ(code("GetTables", R"({"DatabaseName":"default","MaxResults":0})"),
            "InvalidInputException");
  EXPECT_EQ(code("GetPartitions", R"({"DatabaseName":"default","TableName":"t",
                                      "Segment":{"SegmentNumber":2,"TotalSegments":2}})"),
            "InvalidInputException");
  EXPECT_EQ(code("GetCrawler", "{}"), "ValidationException") << "it declares no other";
  EXPECT_EQ(code("MakeCoffee", "{}"), "UnknownOperationException");
}

TEST_F(GlueTest, ABatchTellsWhatDidNotWork) {
  ok("CreateTable", R"({"DatabaseName":"default","TableInput":{"Name":"t",
      "PartitionKeys":[{"Name":"dt","Type":"string"}]}})");
  const char* input = R"({"DatabaseName":"default","TableName":"t",
      "PartitionInputList":[{"Values":["1"]},{"Values":["2"]}]})";
  EXPECT_EQ(ok("BatchCreatePartition", input), json::object());
  const json again = ok("BatchCreatePartition", input);
  ASSERT_EQ(again["Errors"].size(), 2);
  EXPECT_EQ(again["Errors"][0]["PartitionValues"], json({"1"}));
  EXPECT_EQ(again["Errors"][0]["ErrorDetail"]["ErrorCode"], "AlreadyExistsException");
  const json page = ok("GetPartitions", R"({"DatabaseName":"default","TableName":"t",
      "Expression":"dt > '1'","ExcludeColumnSchema":true})");
  ASSERT_EQ(page["Partitions"].size(), 1);
  EXPECT_EQ(page["Partitions"][0]["TableName"], "t");
}

TEST_F(GlueTest, ACrawlerGoesThroughItsStates) {
  ASSERT_TRUE(files_.make_folders(folder_.path() / "b" / "t"));
  ASSERT_TRUE(replace_text(files_, folder_.path() / "b" / "t" / "f.json", R"({"a": 1})"));
  ok("CreateCrawler", R"({"Name":"c","Role":"r","DatabaseName":"default",
      "Targets":{"S3Targets":[{"Path":"s3://b/t"}]}})");
  EXPECT_EQ(code("CreateCrawler", R"({"Name":"c","Role":"r","DatabaseName":"default",
      "Targets":{"S3Targets":[{"Path":"s3://b/t"}]}})"),
            "AlreadyExistsException");
  ok("StartCrawler", R"({"Name":"c"})");
  crawlers_->wait_until_idle();
  const json crawler = ok("GetCrawler", R"({"Name":"c"})")["Crawler"];
  EXPECT_EQ(crawler["State"], "READY");
  EXPECT_EQ(crawler["LastCrawl"]["Status"], "SUCCEEDED");
  EXPECT_EQ(ok("ListCrawls", R"({"CrawlerName":"c"})")["Crawls"][0]["State"], "COMPLETED");
  const json metrics = ok("GetCrawlerMetrics", R"({"CrawlerNameList":["c"]})");
  EXPECT_EQ(metrics["CrawlerMetricsList"][0]["TablesCreated"], 1);
  EXPECT_EQ(code("StopCrawler", R"({"Name":"c"})"), "CrawlerNotRunningException");
}

TEST_F(GlueTest, WhoMayNotIsTurnedAwayBeforeAnythingIsSaid) {
  aws::Principal nobody;
  nobody.kind = aws::PrincipalKind::kUser;
  nobody.arn = "arn:aws:iam::000000000000:user/nobody";
  nobody.user_name = "nobody";
  for (const auto& [operation, input] : {
           std::pair("GetDatabases", "{}"),
           std::pair("GetTable", R"({"DatabaseName":"default","Name":"t"})"),
           std::pair("CreateDatabase", R"({"DatabaseInput":{"Name":"x"}})"),
           std::pair("GetPartitions", R"({"DatabaseName":"default","TableName":"t"})"),
           std::pair("GetCrawler", R"({"Name":"c"})"),
           std::pair("GetCrawlers", "{}"),
           std::pair("CreateCrawler", R"({"Name":"c","Role":"r","DatabaseName":"default",
                                          "Targets":{"S3Targets":[{"Path":"s3://b"}]}})"),
       }) {
    const auto answer = call(operation, input, nobody);
    ASSERT_FALSE(answer) << operation;
    EXPECT_EQ(answer.error().kind, aws::ErrorKind::kAccessDenied) << operation;
    EXPECT_THAT(answer.error().message, HasSubstr(std::string("glue:") + operation));
  }
  EXPECT_FALSE(catalog_->get_database("x"));
}

}  // namespace
}  // namespace ticklake::aws_api::glue
