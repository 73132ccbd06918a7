#include "catalog/glue_client.h"

#include <algorithm>

#include "catalog/message_call.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

using nlohmann::json;

json named(const std::string& name) { return aws::MessageWriter::write(CrawlerName{name}); }

}  // namespace

aws::CallResult<CrawlerStatus> GlueClient::get_crawler(const std::string& name,
                                                       const std::stop_token& stop) {
  TICKLAKE_ASSIGN(auto answer, call<CrawlerAnswer>(client_, "GetCrawler", CrawlerName{name}, stop));
  return std::move(answer.crawler);
}

aws::CallResult<void> GlueClient::create_crawler(const CreateCrawler& crawler,
                                                 const std::stop_token& stop) {
  TICKLAKE_TRY(client_.call("CreateCrawler", aws::MessageWriter::write(crawler), stop));
  return {};
}

aws::CallResult<void> GlueClient::start_crawler(const std::string& name,
                                                const std::stop_token& stop) {
  TICKLAKE_TRY(client_.call("StartCrawler", named(name), stop));
  return {};
}

aws::CallResult<void> GlueClient::stop_crawler(const std::string& name) {
  TICKLAKE_TRY(client_.call("StopCrawler", named(name)));
  return {};
}

base::Result<CrawlerStatus> GlueClient::wait_until_ready(
    const std::string& name, const std::function<void(const std::string& state)>& changed,
    const std::stop_token& stop) {
  std::string state;
  std::chrono::milliseconds delay = kCrawlerPollDelay;
  while (true) {
    TICKLAKE_ASSIGN(CrawlerStatus crawler, get_crawler(name, stop));
    if (crawler.state == state_name(CrawlerState::kReady)) return crawler;
    if (crawler.state != state) changed(state = crawler.state);
    wait_(delay, stop);
    delay = std::min(delay * 3 / 2, kCrawlerPollDelayMax);
  }
}

aws::CallResult<std::vector<CrawlInfo>> GlueClient::crawls(const std::string& crawler,
                                                           const std::stop_token& stop) {
  TICKLAKE_ASSIGN(const json answer,
                  client_.call("ListCrawls", json{{"CrawlerName", crawler}}, stop));
  std::vector<CrawlInfo> crawls;
  std::string problem;
  JsonReader reader(answer, {}, problem);
  for (const json* element : reader.list("Crawls")) {
    JsonReader child = reader.child(*element, "Crawls");
    MessageReader::read(child, crawls.emplace_back());
  }
  if (!problem.empty()) return tl::unexpected(unreadable_answer(client_, "ListCrawls", problem));
  return crawls;
}

base::Result<std::vector<Table>> GlueClient::tables(const std::string& database,
                                                    const std::stop_token& stop) {
  std::vector<Table> tables;
  json request{{"DatabaseName", database}};
  while (true) {
    TICKLAKE_ASSIGN(const json answer, client_.call("GetTables", request, stop));
    std::string problem;
    JsonReader reader(answer, {}, problem);
    for (const json* element : reader.list("TableList")) {
      tables.push_back(read_table(reader.child(*element, "TableList")));
      tables.back().database = database;
    }
    const std::string next = reader.text_or_empty("NextToken", kAnyText);
    if (!problem.empty())
      return tl::unexpected(unreadable_answer(client_, "GetTables", problem).error);
    if (next.empty()) return tables;
    request["NextToken"] = next;
  }
}

base::Result<size_t> GlueClient::count_partitions(const Table& table, const std::stop_token& stop) {
  if (table.partition_keys.empty()) return 0;
  size_t count = 0;
  json request{
      {"DatabaseName", table.database}, {"TableName", table.name}, {"ExcludeColumnSchema", true}};
  while (true) {
    TICKLAKE_ASSIGN(const json answer, client_.call("GetPartitions", request, stop));
    std::string problem;
    JsonReader reader(answer, {}, problem);
    count += reader.list("Partitions").size();
    const std::string next = reader.text_or_empty("NextToken", kAnyText);
    if (!problem.empty())
      return tl::unexpected(unreadable_answer(client_, "GetPartitions", problem).error);
    if (next.empty()) return count;
    request["NextToken"] = next;
  }
}

}  // namespace ticklake::catalog
