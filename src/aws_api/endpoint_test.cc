#include "aws_api/endpoint.h"

#include <gmock/gmock.h>

#include "aws/hash.h"
#include "aws/identities_test_bed.h"
#include "aws_api/iam/iam_service.h"
#include "aws_api/iam/sts_service.h"
#include "http/testing/memory_bed.h"

namespace ticklake::aws_api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kStsIdentity = "Action=GetCallerIdentity&Version=2011-06-15";

/// The front with IAM and STS behind it, a Glue that tells what it was called with, and an S3 that
/// gives back what it is sent.
class EndpointTest : public testing::Test {
 protected:
  EndpointTest() {
    Services services;
    services.iam = [this](const QueryCall& call) { return iam_service.call(call); };
    services.sts = [this](const QueryCall& call) { return sts_service.call(call); };
    services.glue = [this](const Call& call) { return glue(call); };
    services.s3 = [this](http::Exchange& exchange, const aws::AuthenticatedRequest& caller) {
      return s3(exchange, caller);
    };
    endpoint.emplace(std::move(services), *bed.store, bed.clock, *logger, 1);
    site = endpoint->site();
  }

  aws::Answer<nlohmann::json> glue(const Call& call) {
    if (call.operation == "Refuse") {
      auto refused = aws::refuse_as("CrawlerRunningException", "It runs.");
      refused.value().members = {{"CrawlerName", "daily"}};
      return refused;
    }
    if (call.operation == "ReadName") return nlohmann::json{call.input["Name"].get<std::string>()};
    if (call.operation != "Tell") return unknown_operation(call.operation);
    return nlohmann::json{{"input", call.input},
                          {"arn", call.caller.principal.arn},
                          {"ip", *call.context.source_ip},
                          {"region", *call.context.region}};
  }

  http::Task<http::Response> s3(http::Exchange& exchange, const aws::AuthenticatedRequest& caller) {
    const auto body = co_await exchange.read_whole_body();
    if (!body) co_return http::Response();
    co_return http::Response::of(
        200, "text/plain",
        bucket_of_host(exchange.request()) + "|" + caller.principal.arn + "|" + *body);
  }

  /// A request as a client writes it; sign() adds what signs it.
  struct Sent {
    std::string method = "POST";
    std::string target = "/";
    std::vector<aws::NamedValue> headers{{"host", "127.0.0.1:8090"}};
    std::string body;

    std::string text() const {
      std::string out = method + " " + target + " HTTP/1.1\r\n";
      for (const auto& [name, value] : headers)
        out.append(name).append(": ").append(value).append("\r\n");
      return out + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
  };

  void sign(Sent& sent, std::string_view service, std::string_view hash = {}) {
    std::vector<aws::HeaderField> fields;
    for (const auto& [name, value] : sent.headers)
      fields.push_back({name, value});
    const std::string body_hash = aws::sha256_hex(sent.body);
    for (auto& added : aws::sign_v4({sent.method, sent.target, fields}, key, "eu-west-3", service,
                                    hash.empty() ? body_hash : hash, bed.clock.wall_now())) {
      sent.headers.push_back(std::move(added));
    }
  }
  Sent query(std::string body, std::string_view service = "sts") {
    Sent sent;
    sent.headers.emplace_back("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    sent.body = std::move(body);
    sign(sent, service);
    return sent;
  }
  Sent json(const std::string& target, std::string body, std::string_view service = "glue") {
    Sent sent;
    sent.headers.emplace_back("X-Amz-Target", target);
    sent.headers.emplace_back("content-type", "application/x-amz-json-1.1");
    sent.body = std::move(body);
    sign(sent, service);
    return sent;
  }

  std::string answer(const std::string& text) {
    http::MemoryTransport transport(text);
    http::Connection connection(transport, site, runtime);
    bool has_ended = false;
    http::run_detached(connection.run(), [&](std::exception_ptr) { has_ended = true; });
    EXPECT_TRUE(has_ended);
    return transport.output;
  }
  std::string answer(const Sent& sent) { return answer(sent.text()); }

  aws::IdentitiesTestBed bed;
  std::shared_ptr<base::Logger> logger = base::make_null_logger();
  iam::IamService iam_service{*bed.store};
  iam::StsService sts_service{*bed.store};
  std::optional<Endpoint> endpoint;
  http::Site site;
  http::MemoryRuntime runtime;
  aws::Credentials key{bed.store->first_key()->id, bed.store->first_key()->secret};
};

TEST_F(EndpointTest, a_signed_call_of_sts_is_answered_in_xml_with_the_name_of_the_request) {
  const std::string text = answer(query(kStsIdentity));
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(text, HasSubstr("<Arn>arn:aws:iam::000000000000:root</Arn>"));
  EXPECT_THAT(text, HasSubstr("<Account>000000000000</Account>"));
  const size_t id = text.find("x-amzn-RequestId: ") + 18;
  EXPECT_THAT(text, HasSubstr("<RequestId>" + text.substr(id, 36) + "</RequestId>"));
}

TEST_F(EndpointTest, who_does_not_sign_is_refused_in_the_words_of_the_service_and_without_cors) {
  const std::string origin = "Origin: http://elsewhere.example\r\n\r\n";
  const std::string s3 = answer("GET /b/k HTTP/1.1\r\nHost: elsewhere.example\r\n" + origin);
  EXPECT_THAT(s3, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(s3, HasSubstr("<Code>AccessDenied</Code>"));
  EXPECT_THAT(s3, HasSubstr("x-amz-request-id: "));
  const std::string glue = answer(
      "POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: AWSGlue.GetDatabases\r\nContent-Length: 0\r\n" +
      origin);
  EXPECT_THAT(glue, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(glue, HasSubstr("X-Amzn-ErrorType: MissingAuthenticationTokenException"));
  const std::string form = answer(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 0\r\n" +
      origin);
  EXPECT_THAT(form, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(form, HasSubstr("<Code>MissingAuthenticationToken</Code>"));
  const std::string preflight = answer("OPTIONS / HTTP/1.1\r\nHost: a\r\n" + origin);
  EXPECT_THAT(preflight, StartsWith("HTTP/1.1 403 "));
  for (const std::string& text : {s3, glue, form, preflight})
    EXPECT_THAT(text, Not(HasSubstr("Access-Control")));
}

TEST_F(EndpointTest, wrong_keys_and_times_are_refused_with_the_codes_that_clients_know) {
  const auto right = key;
  key.secret_access_key = "wrong";
  EXPECT_THAT(answer(query(kStsIdentity)), HasSubstr("<Code>SignatureDoesNotMatch</Code>"));
  EXPECT_THAT(answer(json("AWSGlue.Tell", "{}")), HasSubstr("\"InvalidSignatureException\""));
  key.access_key_id = "AKIAAAAAAAAAAAAAAAAA";
  EXPECT_THAT(answer(query(kStsIdentity)), HasSubstr("<Code>InvalidClientTokenId</Code>"));
  EXPECT_THAT(answer(json("AWSGlue.Tell", "{}")), HasSubstr("\"UnrecognizedClientException\""));
  key = right;
  const Sent late = query(kStsIdentity);
  bed.clock.advance(std::chrono::minutes(16));
  EXPECT_THAT(answer(late), HasSubstr("<Code>SignatureDoesNotMatch</Code>"));
}

TEST_F(EndpointTest, a_body_that_is_not_what_was_signed_is_refused) {
  Sent sent = json("AWSGlue.Tell", R"({"Name":"a"})");
  sent.body = R"({"Name":"b"})";
  EXPECT_THAT(answer(sent), HasSubstr("\"InvalidSignatureException\""));
}

TEST_F(EndpointTest, a_signature_for_one_service_opens_no_other) {
  EXPECT_THAT(answer(json("AmazonAthena.Tell", "{}", "glue")),
              HasSubstr("UnknownOperationException"));
  // Signed for S3, whose bodies a hash in a header vouches for, it is a request to S3.
  Sent as_s3;
  as_s3.headers.emplace_back("X-Amz-Target", "AWSGlue.Tell");
  sign(as_s3, "s3", "UNSIGNED-PAYLOAD");
  as_s3.body = "{}";
  EXPECT_THAT(answer(as_s3), HasSubstr("|arn:aws:iam::000000000000:root|{}"));
  EXPECT_THAT(answer(json("AWSLambda.Invoke", "{}", "lambda")),
              HasSubstr("The service lambda is not served here"));
  EXPECT_THAT(answer(json("AmazonAthena.Tell", "{}", "athena")),
              HasSubstr("Athena is not served here"));
}

TEST_F(EndpointTest, a_service_is_told_who_calls_what_and_its_own_errors_go_out_by_name) {
  const std::string text = answer(json("AWSGlue.Tell", R"({"Name":"ü"})"));
  EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(text, HasSubstr(R"("input":{"Name":"ü"})"));
  EXPECT_THAT(text, HasSubstr(R"("region":"eu-west-3")"));
  EXPECT_THAT(text, HasSubstr(R"("ip":"127.0.0.1")"));
  const std::string refused = answer(json("AWSGlue.Refuse", "{}"));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(refused, HasSubstr(R"("__type":"CrawlerRunningException")"));
  EXPECT_THAT(refused, HasSubstr(R"("CrawlerName":"daily")"));
  EXPECT_THAT(refused, HasSubstr(R"("message":"It runs.")"));
}

TEST_F(EndpointTest, what_is_no_json_object_of_the_operation_is_the_clients_error) {
  for (const std::string& body : {std::string("[]"), std::string("{"), std::string("\xff"),
                                  std::string(1'000, '['), std::string(R"({"Name":1})")}) {
    EXPECT_THAT(answer(json("AWSGlue.ReadName", body)), HasSubstr("SerializationException"))
        << body.substr(0, 20);
  }
}

TEST_F(EndpointTest, a_body_beyond_the_bound_or_of_nobody_is_not_read) {
  Sent large = query(kStsIdentity);
  large.body = std::string(kBodyBytesMax + 1, 'x');
  EXPECT_THAT(answer(large), HasSubstr("<Code>RequestEntityTooLarge</Code>"));
  key.access_key_id = "AKIAAAAAAAAAAAAAAAAA";
  Sent unknown = query(std::string(kBodyBytesMax, 'x'));
  unknown.headers.emplace_back("Expect", "100-continue");
  const std::string text = answer(unknown);
  EXPECT_THAT(text, HasSubstr("<Code>InvalidClientTokenId</Code>"));
  EXPECT_THAT(text, Not(HasSubstr("100 Continue")));
}

TEST_F(EndpointTest, of_s3_the_head_is_proved_before_a_client_sends_its_body) {
  Sent put;
  put.method = "PUT";
  put.target = "/k%2B1?x-id=PutObject";
  put.headers = {{"host", "ticks.localhost:8090"}};
  put.body = "body";
  sign(put, "s3");
  put.headers.emplace_back("Expect", "100-continue");
  const std::string right = answer(put);
  EXPECT_THAT(right, HasSubstr("ticks|arn:aws:iam::000000000000:root|body"));
  EXPECT_THAT(right, HasSubstr("x-amz-id-2: "));
  EXPECT_THAT(right, HasSubstr("X-Content-Type-Options: nosniff"));
  put.target = "/k%2B2?x-id=PutObject";
  const std::string altered = answer(put);
  EXPECT_THAT(altered, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(altered, HasSubstr("<Code>SignatureDoesNotMatch</Code>"));
}

TEST_F(EndpointTest, temporary_credentials_work_until_they_expire) {
  const auto session = bed.sessions->get_session_token(bed.principal_of(key), {});
  ASSERT_TRUE(session);
  key = session->credentials;
  EXPECT_THAT(answer(query(kStsIdentity)), HasSubstr(":root</Arn>"));
  bed.clock.advance(std::chrono::hours(2));
  EXPECT_THAT(answer(query(kStsIdentity)), HasSubstr("<Code>ExpiredToken</Code>"));
}

TEST_F(EndpointTest, users_may_what_their_policies_say_and_root_cannot_be_named) {
  EXPECT_THAT(answer(query("Action=CreateUser&Version=2010-05-08&UserName=alice", "iam")),
              HasSubstr("<Arn>arn:aws:iam::000000000000:user/alice</Arn>"));
  const auto made = bed.users->create_key("alice");
  ASSERT_TRUE(made);
  const auto root = key;
  key = {made->id, made->secret};
  const std::string create = "Action=CreateAccessKey&Version=2010-05-08";
  EXPECT_THAT(answer(query(create, "iam")), HasSubstr("<Code>AccessDenied</Code>"));
  ASSERT_TRUE(bed.users->put_policy("alice", "all", aws::allow("iam:*")));
  EXPECT_THAT(answer(query(create, "iam")), HasSubstr("<UserName>alice</UserName>"));
  EXPECT_THAT(answer(query(create + "&UserName=%3Croot%3E", "iam")),
              HasSubstr("<Code>NoSuchEntity</Code>"));
  EXPECT_THAT(answer(query("Action=ListUsers&MaxItems=0&Version=2010-05-08", "iam")),
              HasSubstr("<Code>ValidationError</Code>"));
  EXPECT_THAT(answer(query("Action=CreateGroup&Version=2010-05-08", "iam")),
              HasSubstr("<Code>InvalidAction</Code>"));
  EXPECT_THAT(answer(query("Action=GetUser&Action=DeleteUser", "iam")),
              HasSubstr("<Code>MalformedInput</Code>"));
  key = root;
  EXPECT_THAT(answer(query("Action=ListAccessKeys&Version=2010-05-08&UserName=alice", "iam")),
              HasSubstr(made->id));
}

TEST_F(EndpointTest, what_is_no_http_is_answered_without_a_word_of_the_machine) {
  EXPECT_THAT(answer("GET nonsense HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 403 "));
}

}  // namespace
}  // namespace ticklake::aws_api
