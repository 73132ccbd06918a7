#include "aws/request_authentication.h"

#include <gtest/gtest.h>

#include "aws/identities_test_bed.h"

namespace ticklake::aws {
namespace {

class RequestAuthenticationTest : public testing::Test {
 protected:
  RequestAuthenticationTest() {
    key = {bed.store->first_key()->id, bed.store->first_key()->secret};
  }
  void sign(std::string_view service, std::string_view payload_hash) {
    std::vector<HeaderField> given = fields();
    for (auto& added : sign_v4({method, target, given}, key, "eu-west-3", service, payload_hash,
                               bed.clock.wall_now())) {
      headers.push_back(std::move(added));
    }
  }
  std::vector<HeaderField> fields() const {
    std::vector<HeaderField> out;
    for (const auto& [name, value] : headers)
      out.push_back({name, value});
    return out;
  }
  Answer<AuthenticatedRequest> authenticate(std::string_view body_sha256 = kEmptySha256) const {
    const auto given = fields();
    return authenticate_request({method, target, given}, body_sha256, "", *bed.access,
                                bed.clock.wall_now());
  }

  IdentitiesTestBed bed;
  Credentials key;
  std::string method = "GET";
  std::string target = "/b/k";
  std::vector<NamedValue> headers{{"host", "127.0.0.1:8090"}};
};

TEST_F(RequestAuthenticationTest, tells_who_signed_for_which_service_and_what_the_body_must_be) {
  sign("s3", kEmptySha256);
  const auto request = authenticate();
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->principal.arn, "arn:aws:iam::000000000000:root");
  EXPECT_EQ(request->service, "s3");
  EXPECT_EQ(request->region, "eu-west-3");
  EXPECT_EQ(request->payload, PayloadForm::kHashed);
  EXPECT_EQ(request->payload_hash, kEmptySha256);
  EXPECT_FALSE(request->chunk_signing);
}

TEST_F(RequestAuthenticationTest, of_other_services_the_body_itself_is_signed) {
  method = "POST";
  target = "/";
  sign("glue", sha256_hex("{}"));
  EXPECT_TRUE(authenticate(sha256_hex("{}")));
  EXPECT_EQ(kind_of(authenticate(sha256_hex("{ }"))), ErrorKind::kSignatureDoesNotMatch);
  headers.emplace_back("x-amz-content-sha256", sha256_hex("{}"));
  EXPECT_EQ(kind_of(authenticate(sha256_hex("{ }"))), ErrorKind::kSignatureDoesNotMatch);
}

TEST_F(RequestAuthenticationTest, signed_chunks_go_on_from_the_heads_signature) {
  method = "PUT";
  sign("s3", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  const auto request = authenticate();
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->payload, PayloadForm::kChunkedSigned);
  ASSERT_TRUE(request->chunk_signing);
  const std::string& authorization = headers.back().second;
  EXPECT_EQ(request->chunk_signing->seed_signature,
            authorization.substr(authorization.size() - 64));
  EXPECT_EQ(request->chunk_signing->key,
            v4_signing_key(key.secret_access_key, {"20231114", "eu-west-3", "s3"}));
}

TEST_F(RequestAuthenticationTest, presigned_urls_of_both_versions_are_taken) {
  const std::string path = target;
  const auto given = fields();
  target = presign_v4({method, path, given}, key, "eu-west-3", "s3", std::chrono::seconds{60},
                      bed.clock.wall_now());
  const auto v4 = authenticate();
  ASSERT_TRUE(v4) << v4.error().message;
  EXPECT_EQ(v4->payload, PayloadForm::kUnsigned);
  target =
      presign_v2({method, path, given}, "", key, bed.clock.wall_now() + std::chrono::seconds{60});
  const auto v2 = authenticate();
  ASSERT_TRUE(v2) << v2.error().message;
  EXPECT_EQ(v2->service, "s3");
  target.back() = target.back() == '0' ? '1' : '0';
  EXPECT_FALSE(authenticate());
}

TEST_F(RequestAuthenticationTest, sessions_need_their_token) {
  const auto made = bed.sessions->get_session_token(bed.principal_of(key), std::nullopt);
  ASSERT_TRUE(made);
  key = made->credentials;
  sign("s3", kEmptySha256);
  EXPECT_TRUE(authenticate());
  std::erase_if(headers, [](const NamedValue& one) { return one.first == "x-amz-security-token"; });
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kInvalidAccessKeyId);
}

TEST_F(RequestAuthenticationTest, what_proves_nothing_is_refused_as_what_it_is) {
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kMissingAuthentication);
  target = "/b/k?x=%";
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kInvalidUri);
  target = "/b/k?X-Amz-Signature=x";
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kMalformedQueryAuthorization);
  target = "/b/k?Signature=x";
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kMalformedQueryAuthorization);
  target = "/b/k";
  sign("s3", kEmptySha256);
  target = "/b/k?AWSAccessKeyId=x";
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kInvalidArgument);
  target = "/b/k";
  EXPECT_TRUE(authenticate());
  ASSERT_TRUE(bed.users->delete_key(IdentityState::kRootName, key.access_key_id));
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kInvalidAccessKeyId);
  headers = {{"host", "h"}, {"authorization", "Basic eA=="}};
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kUnsupportedAuthorization);
}

TEST_F(RequestAuthenticationTest, s3_needs_to_be_told_what_the_body_is) {
  // Signed as another service would be, with the scope of S3.
  sign("s3", kEmptySha256);
  std::erase_if(headers, [](const NamedValue& one) { return one.first == "x-amz-content-sha256"; });
  EXPECT_EQ(kind_of(authenticate()), ErrorKind::kUnsupportedAuthorization);
}

TEST(WireError, every_refusal_has_a_code_in_every_protocol) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind) {
    for (const Protocol protocol : {Protocol::kS3, Protocol::kJson, Protocol::kQuery}) {
      const WireError error = wire_error(static_cast<ErrorKind>(kind), protocol);
      EXPECT_FALSE(error.code.empty());
      EXPECT_TRUE(error.status >= 400 && error.status < 600);
    }
  }
  EXPECT_EQ(wire_error(ErrorKind::kInvalidAccessKeyId, Protocol::kS3).code, "InvalidAccessKeyId");
  EXPECT_EQ(wire_error(ErrorKind::kInvalidAccessKeyId, Protocol::kJson).code,
            "UnrecognizedClientException");
  EXPECT_EQ(wire_error(ErrorKind::kInvalidAccessKeyId, Protocol::kQuery).code,
            "InvalidClientTokenId");
}

}  // namespace
}  // namespace ticklake::aws
