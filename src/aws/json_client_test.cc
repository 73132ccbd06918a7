#include "aws/json_client.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/hash.h"
#include "aws/signature_v4.h"

namespace ticklake::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "wJalrXUtnFEMI";

/// A service whose answers are written down beforehand, and a clock that waits for nothing.
class JsonClientTest : public testing::Test {
 protected:
  JsonClient client(int attempts_max = kAttemptsDefault) {
    ClientSeams seams{
        [this](const base::HttpRequest& request) { return answer(request); },
        [this](std::chrono::nanoseconds wait, const std::stop_token&) { waits.push_back(wait); },
        clock, 7};
    return {kAthena,
            {"http://127.0.0.1:8090", "eu-west-3", {"AKIA", kSecret}, "the environment"},
            std::move(seams),
            attempts_max};
  }
  base::Result<base::HttpResponse> answer(const base::HttpRequest& request) {
    requests.push_back(request);
    auto next = std::move(answers.front());
    answers.pop_front();
    if (next && next->status == 200) request.on_body(next->body);
    return next;
  }
  void will_answer(int status, std::string body, std::map<std::string, std::string> headers = {}) {
    answers.push_back(base::HttpResponse{status, std::move(headers), std::move(body)});
  }

  base::ManualClock clock;
  std::vector<base::HttpRequest> requests;
  std::vector<std::chrono::nanoseconds> waits;
  std::deque<base::Result<base::HttpResponse>> answers;
};

TEST_F(JsonClientTest, a_call_is_signed_so_that_a_server_finds_it_right) {
  will_answer(200, R"({"QueryExecutionId": "x"})");
  const auto answer = client().call("StopQueryExecution", {{"QueryExecutionId", "x"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->at("QueryExecutionId"), "x");
  const base::HttpRequest& sent = requests.at(0);
  EXPECT_EQ(sent.url, "http://127.0.0.1:8090/");
  std::vector<HeaderField> fields;
  for (const std::string& header : sent.headers) {
    const size_t colon = header.find(": ");
    fields.push_back(
        {std::string_view(header).substr(0, colon), std::string_view(header).substr(colon + 2)});
  }
  const RequestView view{sent.method, "/", fields};
  EXPECT_EQ(*single_header(view, "x-amz-target"), "AmazonAthena.StopQueryExecution");
  EXPECT_EQ(*single_header(view, "content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(*single_header(view, "host"), "127.0.0.1:8090");
  const auto parsed = parse_v4_header(view);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->scope.region, "eu-west-3");
  EXPECT_EQ(parsed->scope.service, "athena");
  EXPECT_TRUE(check_v4(*parsed, view, kSecret, sha256_hex(sent.body), clock.wall_now()));
}

TEST_F(JsonClientTest, throttling_and_server_errors_are_tried_again_after_a_random_wait) {
  will_answer(400,
              R"({"__type": "com.amazonaws#ThrottlingException", "message": "Rate exceeded"})");
  will_answer(503, "");
  will_answer(200, "{}");
  EXPECT_TRUE(client().call("GetQueryExecution", {}));
  ASSERT_EQ(waits.size(), 2U);
  EXPECT_LE(waits[0], std::chrono::seconds(1));
  EXPECT_LE(waits[1], std::chrono::seconds(2));
  EXPECT_NE(waits[0], waits[1]);
  EXPECT_EQ(requests.size(), 3U);
}

TEST_F(JsonClientTest, after_the_last_attempt_the_error_says_that_the_service_is_not_able_to) {
  for (int i = 0; i < kAttemptsDefault; ++i)
    will_answer(400, R"({"__type": "TooManyRequestsException", "message": "Slow down"})");
  const auto answer = client().call("StartQueryExecution", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().code, "TooManyRequestsException");
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(waits.size(), 2U);
}

TEST_F(JsonClientTest, a_connection_that_breaks_is_tried_again_and_named_if_it_stays_so) {
  for (int i = 0; i < kAttemptsDefault; ++i) {
    answers.push_back(tl::unexpected(
        base::Error{base::ErrorCode::kUnavailable, "POST", "connection refused", "", true}));
  }
  const auto answer = client().call("GetQueryExecution", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().error.what, HasSubstr("http://127.0.0.1:8090"));
  EXPECT_THAT(answer.error().error.cause, HasSubstr("connection refused"));
  EXPECT_EQ(requests.size(), 3U);
}

TEST_F(JsonClientTest, a_refusal_is_told_by_awss_code_and_request_id_once) {
  will_answer(400, R"({"Message": "Queries of this type are not supported"})",
              {{"x-amzn-errortype", "InvalidRequestException:http://internal.amazon.com/"},
               {"x-amzn-requestid", "1-2-3"}});
  const auto answer = client().call("StartQueryExecution", {});
  ASSERT_FALSE(answer);
  const base::Error& error = answer.error().error;
  EXPECT_EQ(answer.error().code, "InvalidRequestException");
  EXPECT_EQ(error.code, base::ErrorCode::kInvalidData);
  EXPECT_EQ(error.what, "Athena refused StartQueryExecution: InvalidRequestException");
  EXPECT_EQ(error.cause, "Queries of this type are not supported (request 1-2-3)");
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(JsonClientTest, keys_that_are_refused_are_named_by_their_origin_and_never_shown) {
  will_answer(400, R"({"__type": "UnrecognizedClientException", "message": "No such key"})");
  const auto answer = client().call("StartQueryExecution", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, base::ErrorCode::kPermission);
  const std::string text = base::to_text(answer.error().error);
  EXPECT_THAT(text, HasSubstr("the environment"));
  EXPECT_THAT(text, Not(HasSubstr(kSecret)));
}

TEST_F(JsonClientTest, an_answer_that_is_no_object_is_an_error) {
  will_answer(200, "<html>");
  const auto answer = client().call("GetQueryExecution", {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, base::ErrorCode::kInvalidData);
}

TEST_F(JsonClientTest, a_stop_ends_it_between_attempts) {
  std::stop_source stop;
  stop.request_stop();
  const auto answer = client().call("GetQueryExecution", {}, stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().error.code, base::ErrorCode::kInterrupted);
  EXPECT_TRUE(requests.empty());
}

class ClientEndpointTest : public testing::Test {
 protected:
  base::Result<ClientEndpoint> find(const std::optional<std::string>& region = {}) {
    return client_endpoint(
        kAthena, settings,
        [&](const std::string& name) -> std::optional<std::string> {
          const auto found = variables.find(name);
          return found == variables.end() ? std::nullopt : std::optional(found->second);
        },
        region);
  }
  ClientSettings settings{{"AKIA", "s"}, "eu-west-3", {}, "the environment"};
  std::map<std::string, std::string> variables;
};

TEST_F(ClientEndpointTest, is_awss_own_of_the_region_unless_the_user_says_another) {
  EXPECT_EQ(find()->url, "https://athena.eu-west-3.amazonaws.com");
  EXPECT_EQ(find("cn-north-1")->url, "https://athena.cn-north-1.amazonaws.com.cn");
  settings.endpoint_url = "http://127.0.0.1:1";
  EXPECT_EQ(find()->url, "http://127.0.0.1:1");
  variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:2/";
  EXPECT_EQ(find()->url, "http://127.0.0.1:2");
  variables["AWS_ENDPOINT_URL_ATHENA"] = "http://127.0.0.1:3";
  EXPECT_EQ(find()->url, "http://127.0.0.1:3");
  EXPECT_EQ(find()->region, "eu-west-3");
}

TEST_F(ClientEndpointTest, without_a_region_or_with_a_url_that_is_none_says_what_to_do) {
  settings.region.reset();
  const auto without = find();
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().advice, HasSubstr("AWS_REGION"));
  EXPECT_FALSE(find("eu west"));
  EXPECT_FALSE(find("x.evil.example/"));
  for (const char* url : {"127.0.0.1:8090", "ftp://a", "http://", "http://a/b", "http://u:p@a"}) {
    variables["AWS_ENDPOINT_URL"] = url;
    EXPECT_FALSE(find("us-east-1")) << url;
  }
}

TEST(Retry, waits_grow_to_their_limit) {
  base::Random random(1);
  for (int attempt = 2; attempt < 40; ++attempt) {
    const auto wait = backoff(attempt, random);
    EXPECT_GE(wait.count(), 0);
    EXPECT_LE(wait, kBackoffMax);
  }
  EXPECT_TRUE(is_retriable(400, "SlowDown"));
  EXPECT_TRUE(is_retriable(502, ""));
  EXPECT_FALSE(is_retriable(501, ""));
  EXPECT_FALSE(is_retriable(400, "InvalidRequestException"));
}

}  // namespace
}  // namespace ticklake::aws
