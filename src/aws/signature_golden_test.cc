#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aws/signature_v2.h"
#include "aws/signature_v4.h"

namespace ticklake::aws {
namespace {

using Case = nlohmann::json;

/// What botocore signed: tests/data/make_aws_signatures.py.
std::vector<Case> cases(const std::string& kind) {
  std::ifstream file(TICKLAKE_TEST_DATA "/aws-signatures.jsonl");
  std::vector<Case> found;
  for (std::string line; std::getline(file, line);) {
    Case one = Case::parse(line);
    if (one["kind"] == kind) found.push_back(std::move(one));
  }
  return found;
}

std::string text(const Case& one, const char* member) { return one[member].get<std::string>(); }

struct Received {
  explicit Received(const Case& one)
      : method(text(one, "method")),
        target(text(one, "target")),
        secret(text(one, "secret")),
        now(std::chrono::seconds{one["now"].get<int64_t>()}) {
    for (const auto& field : one["headers"]) {
      owned.emplace_back(field[0].get<std::string>(), field[1].get<std::string>());
    }
    for (const auto& [name, value] : owned)
      headers.push_back({name, value});
  }
  RequestView view() const { return {method, target, headers}; }

  std::string method, target, secret;
  base::WallTime now;
  std::vector<NamedValue> owned;
  std::vector<HeaderField> headers;
};

std::string payload_hash(const Case& one, const RequestView& request) {
  const auto header = single_header(request, "x-amz-content-sha256");
  return header && *header ? std::string(**header) : text(one, "body_sha256");
}

TEST(Botocore, its_v4_headers_are_accepted_and_no_others) {
  const auto all = cases("v4");
  ASSERT_GE(all.size(), 40u);
  for (const Case& one : all) {
    SCOPED_TRACE(text(one, "name"));
    const Received request(one);
    const auto authorization = parse_v4_header(request.view());
    ASSERT_TRUE(authorization) << authorization.error().message;
    EXPECT_EQ(authorization->access_key_id, text(one, "access_key_id"));
    EXPECT_EQ(authorization->session_token, text(one, "token"));
    const std::string hash = payload_hash(one, request.view());
    const auto checked =
        check_v4(*authorization, request.view(), request.secret, hash, request.now);
    EXPECT_TRUE(checked) << checked.error().message;
    EXPECT_FALSE(check_v4(*authorization, request.view(), "another", hash, request.now));
  }
}

TEST(Botocore, our_v4_headers_are_the_same_as_its) {
  for (const Case& one : cases("v4")) {
    SCOPED_TRACE(text(one, "name"));
    const Received received(one);
    std::vector<HeaderField> headers;
    std::string expected;
    for (const HeaderField& field : received.headers) {
      const std::string name = lower_case(field.name);
      if (name == "authorization") {
        expected = field.value;
      } else if (name != "x-amz-date" && name != "x-amz-content-sha256" &&
                 name != "x-amz-security-token") {
        headers.push_back(field);
      }
    }
    const auto authorization = parse_v4_header(received.view());
    ASSERT_TRUE(authorization);
    const auto added = sign_v4({received.method, received.target, headers},
                               {text(one, "access_key_id"), received.secret, text(one, "token")},
                               authorization->scope.region, authorization->scope.service,
                               text(one, "body_sha256"), received.now);
    EXPECT_EQ(added.back().second, expected);
  }
}

TEST(Botocore, its_presigned_v4_urls_are_accepted_and_no_others) {
  const auto all = cases("v4-query");
  ASSERT_GE(all.size(), 60u);
  for (const Case& one : all) {
    SCOPED_TRACE(text(one, "name"));
    const Received request(one);
    const auto query = parse_query(split_target(request.target).second);
    ASSERT_TRUE(query);
    const auto authorization = parse_v4_query(*query);
    ASSERT_TRUE(authorization) << authorization.error().message;
    EXPECT_EQ(authorization->session_token, text(one, "token"));
    const auto checked =
        check_v4(*authorization, request.view(), request.secret, kUnsignedPayload, request.now);
    EXPECT_TRUE(checked) << checked.error().message;
    EXPECT_FALSE(
        check_v4(*authorization, request.view(), "another", kUnsignedPayload, request.now));
  }
}

TEST(Botocore, its_presigned_v2_urls_are_accepted_until_they_expire) {
  const auto all = cases("v2");
  ASSERT_GE(all.size(), 30u);
  for (const Case& one : all) {
    SCOPED_TRACE(text(one, "name"));
    const Received request(one);
    const auto query = parse_query(split_target(request.target).second);
    ASSERT_TRUE(query);
    const auto authorization = parse_v2_query(*query);
    ASSERT_TRUE(authorization) << authorization.error().message;
    EXPECT_EQ(authorization->access_key_id, text(one, "access_key_id"));
    EXPECT_EQ(authorization->session_token, text(one, "token"));
    const auto check = [&](std::string_view secret, base::WallTime now) {
      return check_v2(*authorization, request.view(), text(one, "bucket_of_host"), secret, now);
    };
    const auto checked = check(request.secret, request.now);
    EXPECT_TRUE(checked) << checked.error().message;
    EXPECT_TRUE(check(request.secret, request.now + std::chrono::hours{1}));
    const auto late = check(request.secret, request.now + std::chrono::seconds{3601});
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::kRequestExpired);
    EXPECT_FALSE(check("another", request.now));
  }
}

}  // namespace
}  // namespace ticklake::aws
