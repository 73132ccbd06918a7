// What the page's rooms are told: of buckets, the catalog, crawlers and queries that really are
// there.

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/http_client.h"
#include "catalog/object_source.h"
#include "gateway/server.h"
#include "query/executions/executions_test_bed.h"

namespace ticklake::gateway {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

class RoomsTest : public testing::Test {
 protected:
  RoomsTest() {
    auto opened =
        catalog::Crawlers::open(bed_.folder.path() / "crawlers.db", {.catalog = *bed_.metadata,
                                                                     .source = source_,
                                                                     .files = bed_.files,
                                                                     .clock = bed_.clock,
                                                                     .log = *bed_.logger,
                                                                     .seed = 1});
    EXPECT_TRUE(opened);
    crawlers_ = std::move(*opened);
    start({bed_.buckets.get(), bed_.metadata.get(), crawlers_.get(), bed_.executions.get()});
  }

  void start(Parts parts) {
    thread_ = {};
    auto started = Server::start(
        {.listen = {"127.0.0.1", 0}, .parts = parts}, *bed_.engine, ticks_,
        [] { return json::object(); }, bed_.files, bed_.clock, *bed_.logger);
    ASSERT_TRUE(started) << base::to_text(started.error());
    server_ = std::move(*started);
    thread_ = std::jthread([this](std::stop_token stop) { server_->run(stop); });
  }

  base::HttpResponse ask(const std::string& path, const std::string& method = "GET",
                         std::vector<std::string> headers = {}) {
    auto response = base::send_http({.method = method,
                                     .url = "http://" + server_->address().text() + path,
                                     .headers = std::move(headers),
                                     .body = {}});
    EXPECT_TRUE(response) << base::to_text(response.error());
    return response ? *response : base::HttpResponse{};
  }
  json get(const std::string& path) {
    const base::HttpResponse response = ask(path);
    EXPECT_EQ(response.status, 200) << path << ": " << response.body;
    return json::parse(response.body, nullptr, false);
  }
  /// One member of each item.
  static std::vector<std::string> all(const json& page, const char* name) {
    std::vector<std::string> values;
    for (const json& item : page.at("items"))
      values.push_back(item.at(name));
    return values;
  }
  void make_crawler() {
    catalog::Crawler crawler;
    crawler.name = "stocks";
    crawler.role = "role";
    crawler.database = "default";
    crawler.s3_targets = {{.path = "s3://data/t"}};
    ASSERT_TRUE(crawlers_->create(std::move(crawler)));
  }

  query::executions::ExecutionsTestBed bed_;
  catalog::BucketSource source_{*bed_.buckets};
  std::unique_ptr<catalog::Crawlers> crawlers_;
  TickStream ticks_;
  std::unique_ptr<Server> server_;
  std::jthread thread_;
};

TEST_F(RoomsTest, AFolderShowsItsObjectsAndTheFoldersInIt) {
  bed_.put("t/a.json", "{}");
  bed_.put("t/day=1/b.json", "{\"a\": 1}");
  bed_.put("top", "x");
  EXPECT_THAT(all(get("/api/buckets"), "name"), testing::Contains("data"));

  const json top = get("/api/buckets/data/objects");
  EXPECT_EQ(top["folders"], json::array({"t/"}));
  EXPECT_THAT(all(top, "key"), ElementsAre("top"));
  EXPECT_EQ(top["next"], nullptr);
  const json below = get("/api/buckets/data/objects?prefix=t%2F");
  EXPECT_EQ(below["folders"], json::array({"t/day=1/"}));
  EXPECT_THAT(all(below, "key"), ElementsAre("t/a.json"));
  EXPECT_EQ(below["items"][0]["bytes"], 2);
  EXPECT_EQ(ask("/api/buckets/nobodys/objects").status, 404);
}

TEST_F(RoomsTest, ALargeFolderComesInPages) {
  for (int i = 0; i < 130; ++i)
    bed_.put("k/" + std::to_string(1000 + i) + " ä", "x");
  const json first = get("/api/buckets/data/objects?prefix=k/");
  EXPECT_EQ(first["items"].size(), 100U);
  ASSERT_TRUE(first["next"].is_string());
  const json second = get("/api/buckets/data/objects?prefix=k/&from=" +
                          base::url_encoded(first["next"].get<std::string>()));
  EXPECT_EQ(second["items"].size(), 30U);
  EXPECT_EQ(second["items"][0]["key"], "k/1100 ä");
  EXPECT_EQ(second["next"], nullptr);
}

TEST_F(RoomsTest, AnObjectIsSavedAndNeverRunByTheBrowser) {
  const std::string page = "<script>alert(1)</script>";
  bed_.put("a b/../ü.html", page);
  const auto response = ask("/api/buckets/data/object?key=" + base::url_encoded("a b/../ü.html"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, page);
  const auto field = [&](const char* name) { return response.headers.at(name); };
  EXPECT_EQ(field("content-type"), "application/octet-stream");
  EXPECT_EQ(field("content-disposition"), "attachment; filename*=UTF-8''%C3%BC.html");
  EXPECT_EQ(field("x-content-type-options"), "nosniff");
  EXPECT_THAT(field("content-security-policy"), HasSubstr("sandbox"));
  EXPECT_EQ(ask("/api/buckets/data/object?key=gone").status, 404);
  EXPECT_EQ(ask("/api/buckets/data/object").status, 400);
}

TEST_F(RoomsTest, ACrawlerIsRunAndItsTableIsInTheCatalog) {
  make_crawler();
  bed_.put("t/day=1/f.json", R"({"symbol": "A", "price": 1.5})");
  EXPECT_EQ(get("/api/crawlers")["items"][0]["last"], nullptr);
  EXPECT_EQ(ask("/api/crawlers/stocks/start", "POST").status, 200);
  crawlers_->wait_until_idle();

  const json crawler = get("/api/crawlers")["items"][0];
  EXPECT_EQ(crawler["state"], "READY");
  EXPECT_EQ(crawler["last"]["state"], "COMPLETED") << crawler;
  EXPECT_EQ(crawler["last"]["tables_created"], 1);
  const std::string id = crawler["last"]["id"];
  EXPECT_THAT(all(get("/api/crawlers/stocks/crawls"), "id"), ElementsAre(id));
  EXPECT_THAT(get("/api/crawls/" + id + "/report")["report"], HasSubstr("create table"));

  EXPECT_THAT(all(get("/api/catalog/databases"), "name"), testing::Contains("default"));
  const std::string tables = "/api/catalog/databases/default/tables";
  EXPECT_THAT(all(get(tables), "name"), ElementsAre("t"));
  const json table = get(tables + "/t");
  EXPECT_EQ(table["columns"][1]["name"], "price");
  EXPECT_EQ(table["columns"][1]["type"], "double");
  EXPECT_EQ(table["partition_keys"][0]["name"], "day");
  EXPECT_EQ(table["format"], "json");
  const json partitions = get(tables + "/t/partitions");
  EXPECT_EQ(partitions["items"][0]["values"], json::array({"1"}));
  EXPECT_EQ(ask(tables + "/nobodys").status, 404);
}

TEST_F(RoomsTest, AnotherSitesPageStartsNoCrawler) {
  make_crawler();
  EXPECT_EQ(ask("/api/crawlers/stocks/start", "POST", {"Origin: https://evil.example"}).status,
            403);
  EXPECT_EQ(ask("/api/crawlers/stocks/start").status, 405);
  EXPECT_EQ(get("/api/crawlers")["items"][0]["last"], nullptr);
  EXPECT_EQ(ask("/api/crawlers/nobodys/start", "POST").status, 404);
}

TEST_F(RoomsTest, QueriesAreListedNewestFirstWithWhatTheyScanned) {
  const auto good = bed_.run("SELECT 1 AS one UNION ALL SELECT 2");
  ASSERT_EQ(good.reason, "");
  const auto bad = bed_.run("SELECT nobody FROM nowhere");
  const json page = get("/api/executions");
  EXPECT_THAT(all(page, "id"), ElementsAre(bad.id, good.id));
  const json& shown = page["items"][1];
  EXPECT_EQ(shown["state"], "SUCCEEDED");
  EXPECT_EQ(shown["rows"], 2);
  EXPECT_EQ(shown["scanned_bytes"], 0);
  EXPECT_EQ(shown["output"], good.output_file);
  EXPECT_EQ(page["items"][0]["state"], "FAILED");
  EXPECT_THAT(page["items"][0]["error"], HasSubstr("nowhere"));
  EXPECT_EQ(page["items"][0]["rows"], nullptr);
}

TEST_F(RoomsTest, ALongStatementIsCutInTheListAndWholeByItself) {
  std::string sql = "SELECT '";
  while (sql.size() < 2'000)
    sql += "ä";
  sql += "' AS text";
  const auto execution = bed_.run(sql);
  const json item = get("/api/executions")["items"][0];
  EXPECT_EQ(item["is_cut"], true);
  EXPECT_TRUE(sql.starts_with(item["sql"].get<std::string>()));
  EXPECT_EQ(get("/api/executions/" + execution.id)["sql"], sql);
  EXPECT_EQ(ask("/api/executions/nobodys").status, 404);
}

TEST_F(RoomsTest, TheHistoryComesInPages) {
  for (int i = 0; i < 60; ++i)
    bed_.run("SELECT " + std::to_string(i));
  const json first = get("/api/executions");
  EXPECT_EQ(first["items"].size(), 50U);
  const json second = get("/api/executions?from=" + first["next"].get<std::string>());
  EXPECT_EQ(second["items"].size(), 10U);
  EXPECT_EQ(second["items"][9]["sql"], "SELECT 0");
  EXPECT_EQ(ask("/api/executions?from=nobodys").status, 400);
}

TEST_F(RoomsTest, APartThatIsOffIsSaidToBeOff) {
  start({.metadata = bed_.metadata.get()});
  EXPECT_EQ(ask("/api/catalog/databases").status, 200);
  for (const char* path : {"/api/buckets", "/api/buckets/data/objects",
                           "/api/buckets/data/object?key=a", "/api/crawlers", "/api/executions"}) {
    const auto response = ask(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(response.body, HasSubstr("--aws-listen none")) << path;
  }
}

}  // namespace
}  // namespace ticklake::gateway
