#include "aws/signature_v2.h"

#include <gtest/gtest.h>

namespace ticklake::aws {
namespace {

const Credentials kCredentials{"AKIAMADEUPFORTESTS00", "made up", "a+token=="};
constexpr base::WallTime kNow{std::chrono::seconds{1'795'962'600}};
constexpr base::WallTime kEnd = kNow + std::chrono::minutes{10};

std::optional<ErrorKind> refusal(std::string_view method, const std::string& target,
                                 std::span<const HeaderField> headers = {},
                                 base::WallTime now = kNow) {
  const auto query = parse_query(split_target(target).second);
  EXPECT_TRUE(query);
  const auto authorization = parse_v2_query(*query);
  if (!authorization) return authorization.error().kind;
  const auto checked =
      check_v2(*authorization, {method, target, headers}, "", kCredentials.secret_access_key, now);
  return checked ? std::nullopt : std::optional(checked.error().kind);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(SignatureV2, what_we_sign_we_accept_and_nothing_else) {
  const std::vector<HeaderField> headers{{"Content-Type", "text/csv"}, {"x-amz-meta-a", "1 2"}};
  const std::string target = presign_v2(
      {"PUT", "/b/a%20b?uploadId=u%2F1&partNumber=2&free=1", headers}, "", kCredentials, kEnd);
  EXPECT_EQ(refusal("PUT", target), std::nullopt);
  EXPECT_EQ(refusal("PUT", target, headers), std::nullopt);  // said again in headers
  EXPECT_EQ(refusal("PUT", target, {}, kEnd), std::nullopt);
  EXPECT_EQ(refusal("PUT", target, {}, kEnd + std::chrono::seconds{1}), ErrorKind::kRequestExpired);

  constexpr auto kMismatch = ErrorKind::kSignatureDoesNotMatch;
  EXPECT_EQ(refusal("GET", target), kMismatch);
  EXPECT_EQ(refusal("PUT", replaced(target, "/b/", "/c/")), kMismatch);
  EXPECT_EQ(refusal("PUT", replaced(target, "partNumber=2", "partNumber=3")), kMismatch);
  EXPECT_EQ(refusal("PUT", replaced(target, "&partNumber=2", "")), kMismatch);
  EXPECT_EQ(refusal("PUT", target + "&acl"), kMismatch);
  EXPECT_EQ(refusal("PUT", target + "&x-amz-acl=public-read"), kMismatch);
  EXPECT_EQ(refusal("PUT", replaced(target, "meta-a=1", "meta-a=2")), kMismatch);
  EXPECT_EQ(refusal("PUT", replaced(target, "Expires=1", "Expires=2")), kMismatch);
  EXPECT_EQ(refusal("PUT", replaced(target, "token%3D%3D", "token")), kMismatch);
  const std::vector<HeaderField> added{{"X-Amz-Acl", "public-read"}};
  EXPECT_EQ(refusal("PUT", target, added), kMismatch);
  const std::vector<HeaderField> other_type{{"Content-Type", "text/html"}};
  EXPECT_EQ(refusal("PUT", target, other_type), kMismatch);
}

TEST(SignatureV2, what_does_not_parse_is_refused_as_such) {
  constexpr auto kMalformed = ErrorKind::kMalformedQueryAuthorization;
  for (const char* const query :
       {"AWSAccessKeyId=a&Signature=b", "AWSAccessKeyId=a&Expires=1", "Signature=b&Expires=1",
        "AWSAccessKeyId=&Signature=b&Expires=1", "AWSAccessKeyId=a&Signature=b&Expires=x",
        "AWSAccessKeyId=a&Signature=b&Expires=-1",
        "AWSAccessKeyId=a&Signature=b&Expires=1&Expires=2",
        "AWSAccessKeyId=a&Signature=b&Expires=9999999999999999"}) {
    EXPECT_EQ(refusal("GET", std::string("/b/k?") + query), kMalformed) << query;
  }
}

}  // namespace
}  // namespace ticklake::aws
