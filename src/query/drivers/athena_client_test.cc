#include "query/drivers/athena_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/drivers/athena_cost.h"

namespace ticklake::query::drivers {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

json execution_json(const char* state, const char* type = "DML") {
  return {{"QueryExecution",
           {{"QueryExecutionId", "id-1"},
            {"StatementType", type},
            {"Status", {{"State", state}, {"SubmissionDateTime", 1.5}}},
            {"Statistics", {{"DataScannedInBytes", 12'345'678}}}}}};
}

json results_json(const std::vector<std::string>& names,
                  const std::vector<std::vector<const char*>>& rows, const char* next = "") {
  json columns = json::array();
  for (const std::string& name : names)
    columns.push_back({{"Name", name}, {"Type", "varchar"}});
  json list = json::array();
  for (const auto& row : rows) {
    json data = json::array();
    for (const char* cell : row)
      data.push_back(cell != nullptr ? json{{"VarCharValue", cell}} : json::object());
    list.push_back({{"Data", data}});
  }
  json answer{{"ResultSet", {{"Rows", list}, {"ResultSetMetadata", {{"ColumnInfo", columns}}}}}};
  if (*next != '\0') answer["NextToken"] = next;
  return answer;
}

/// An Athena that answers what the test says, in this order.
class AthenaClientTest : public testing::Test {
 protected:
  AthenaClientTest() {
    aws::ClientSeams seams{[this](const base::HttpRequest& request) { return answer(request); },
                           wait(), clock, 1};
    client.emplace(
        aws::JsonClient(aws::kAthena, {"http://a", "us-east-1", {"AKIA", "s"}, "a test"}, seams),
        AthenaOptions{.database = "ticks", .output_location = "s3://out/"}, wait(), clock, 1);
  }
  aws::Wait wait() {
    return [this](std::chrono::nanoseconds duration, const std::stop_token&) {
      clock.advance(duration);
      waits.push_back(duration);
      if (waits.size() == stop_after) stop.request_stop();
    };
  }
  base::Result<base::HttpResponse> answer(const base::HttpRequest& request) {
    for (const std::string& header : request.headers) {
      if (header.starts_with("x-amz-target: ")) calls.push_back(header.substr(27));
    }
    bodies.push_back(json::parse(request.body));
    if (answers.empty()) {
      return base::fail(base::ErrorCode::kUnavailable, "no more answers");
    }
    const json next = answers.front();
    answers.erase(answers.begin());
    request.on_body(next.dump());
    return base::HttpResponse{200, {}, {}};
  }
  std::vector<std::vector<std::string>> rows_of(const aws::athena::QueryExecution& execution) {
    std::vector<std::vector<std::string>> rows;
    auto result = client->open_result(execution, {}, {});
    EXPECT_TRUE(result);
    while (true) {
      const auto block = result->next({});
      EXPECT_TRUE(block);
      if (!block || block->rows() == 0) return rows;
      for (size_t row = 0; row < block->rows(); ++row) {
        auto& made = rows.emplace_back();
        for (size_t i = 0; i < block->columns(); ++i)
          made.emplace_back(block->cell(row, i).value_or("NULL"));
      }
    }
  }

  base::ManualClock clock;
  std::stop_source stop;
  size_t stop_after = SIZE_MAX;  ///< waits
  std::vector<json> answers;
  std::vector<json> bodies;
  std::vector<std::string> calls;
  std::vector<std::chrono::nanoseconds> waits;
  std::optional<AthenaClient> client;
};

TEST_F(AthenaClientTest, a_statement_is_submitted_looked_at_and_read_page_by_page) {
  answers = {{{"QueryExecutionId", "id-1"}},
             execution_json("QUEUED"),
             execution_json("RUNNING"),
             execution_json("SUCCEEDED"),
             results_json({"a", "b"}, {{"a", "b"}, {"1", nullptr}}, "more"),
             results_json({"a", "b"}, {{"a", "b"}})};
  const auto execution = client->run("SELECT 1", stop.get_token());
  ASSERT_TRUE(execution) << base::to_text(execution.error());
  EXPECT_THAT(waits, ElementsAre(kFirstPollDelay, kFirstPollDelay * 3 / 2));
  EXPECT_EQ(bodies[0]["QueryString"], "SELECT 1");
  EXPECT_EQ(bodies[0]["QueryExecutionContext"], (json{{"Database", "ticks"}}));
  EXPECT_EQ(bodies[0]["ResultConfiguration"], (json{{"OutputLocation", "s3://out/"}}));
  EXPECT_EQ(bodies[0]["ClientRequestToken"].get<std::string>().size(), 32U);
  // Only the first row of the first page are the names.
  EXPECT_THAT(rows_of(*execution), ElementsAre(ElementsAre("1", "NULL"), ElementsAre("a", "b")));
  EXPECT_EQ(bodies[5]["NextToken"], "more");
}

TEST_F(AthenaClientTest, the_lines_of_ddl_have_no_names_and_are_split_at_tabs) {
  answers = {results_json({"col_name", "type"}, {{"price               \tdouble  "}})};
  aws::athena::QueryExecution execution{.id = "id-1", .statement_type = "UTILITY"};
  EXPECT_THAT(rows_of(execution), ElementsAre(ElementsAre("price", "double")));
}

TEST_F(AthenaClientTest, a_failure_has_athenas_reason) {
  json failed = execution_json("FAILED");
  failed["QueryExecution"]["Status"]["StateChangeReason"] = "TABLE_NOT_FOUND: line 1:15";
  answers = {{{"QueryExecutionId", "id-1"}}, failed};
  const auto execution = client->run("SELECT 1", stop.get_token());
  ASSERT_FALSE(execution);
  EXPECT_EQ(execution.error().code, base::ErrorCode::kInvalidData);
  EXPECT_EQ(execution.error().cause, "TABLE_NOT_FOUND: line 1:15 (query execution id-1)");
  EXPECT_EQ(client->last()->status.state, "FAILED");
}

TEST_F(AthenaClientTest, a_stop_cancels_the_execution_and_tells_what_became_of_it) {
  stop_after = 1;
  answers = {{{"QueryExecutionId", "id-1"}},
             execution_json("RUNNING"),
             json::object(),
             execution_json("RUNNING"),
             execution_json("CANCELLED")};
  const auto execution = client->run("SELECT 1", stop.get_token());
  ASSERT_FALSE(execution);
  EXPECT_EQ(execution.error().code, base::ErrorCode::kInterrupted);
  EXPECT_THAT(execution.error().cause, HasSubstr("id-1 is CANCELLED"));
  EXPECT_THAT(calls, ElementsAre("StartQueryExecution", "GetQueryExecution", "StopQueryExecution",
                                 "GetQueryExecution", "GetQueryExecution"));
}

TEST_F(AthenaClientTest, who_could_not_cancel_says_how_to) {
  stop_after = 1;
  answers = {{{"QueryExecutionId", "id-1"}}, execution_json("RUNNING")};
  const auto execution = client->run("SELECT 1", stop.get_token());
  ASSERT_FALSE(execution);
  EXPECT_EQ(execution.error().advice, "aws athena stop-query-execution --query-execution-id id-1");
}

TEST(AthenaCost, is_by_the_megabyte_ten_at_least_and_nothing_for_what_is_no_query) {
  aws::athena::QueryExecution execution{.id = "x", .statement_type = "DML"};
  execution.status.state = "SUCCEEDED";
  execution.statistics.scanned_bytes = 0;
  EXPECT_DOUBLE_EQ(estimated_dollars(execution), 0.00005);
  execution.statistics.scanned_bytes = 10'000'001;
  EXPECT_DOUBLE_EQ(estimated_dollars(execution), 0.000055);
  execution.statistics.scanned_bytes = 2'000'000'000'000;
  EXPECT_DOUBLE_EQ(estimated_dollars(execution), 10);
  EXPECT_EQ(cost_text(execution),
            "2.0 TB scanned, about $10.00 (estimate: $5 a TB, at least 10 MB)");
  execution.status.state = "FAILED";
  EXPECT_EQ(estimated_dollars(execution), 0);
  execution.status.state = "SUCCEEDED";
  execution.statement_type = "DDL";
  EXPECT_EQ(estimated_dollars(execution), 0);
}

}  // namespace
}  // namespace ticklake::query::drivers
