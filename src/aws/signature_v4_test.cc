#include "aws/signature_v4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/timestamp.h"

namespace ticklake::aws {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

// The examples of AWS's documentation: keys, requests and what they are signed with are public.
const Credentials kDocumented{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const Credentials kSuite{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

std::string header_of(const std::vector<NamedValue>& headers, std::string_view name) {
  for (const auto& [header, value] : headers) {
    if (header == name) return value;
  }
  return {};
}

/// A request that is signed by us, for tests that change it.
struct Signed {
  std::string method = "GET";
  std::string target = "/b/k?versions=&prefix=a%2Fb";
  std::vector<NamedValue> headers{{"Host", "127.0.0.1:8090"}, {"x-amz-meta-a", "1"}};
  Credentials credentials{"AKIAMADEUPFORTESTS00", "made up"};
  base::WallTime now = *parse_basic_time("20261129T143000Z");
  std::string payload_hash{kEmptySha256};

  std::vector<HeaderField> fields() const {
    std::vector<HeaderField> out;
    for (const auto& [name, value] : headers)
      out.push_back({name, value});
    return out;
  }
  void sign() {
    const auto given = fields();
    for (auto& added :
         sign_v4({method, target, given}, credentials, "eu-west-3", "s3", payload_hash, now)) {
      headers.push_back(std::move(added));
    }
  }
  void presign(seconds expires) {
    headers = {{"Host", "127.0.0.1:8090"}};
    const auto given = fields();
    target = presign_v4({method, target, given}, credentials, "eu-west-3", "s3", expires, now);
    payload_hash = kUnsignedPayload;
  }
  Answer<void> check() const {
    const auto given = fields();
    const RequestView view{method, target, given};
    const bool is_presigned = target.find("X-Amz-") != std::string::npos;
    TICKLAKE_ASSIGN(const auto authorization,
                    is_presigned ? parse_v4_query(*parse_query(split_target(target).second))
                                 : parse_v4_header(view));
    EXPECT_EQ(authorization.access_key_id, credentials.access_key_id);
    EXPECT_EQ(authorization.session_token, credentials.session_token);
    return check_v4(authorization, view, credentials.secret_access_key, payload_hash, now);
  }
  std::optional<ErrorKind> refusal() const {
    const auto checked = check();
    return checked ? std::nullopt : std::optional(checked.error().kind);
  }
  std::string& value_of(std::string_view name) {
    for (auto& [header, value] : headers) {
      if (header == name) return value;
    }
    ADD_FAILURE() << name;
    return headers.front().second;
  }
  void replace(std::string_view name, std::string_view from, std::string_view to) {
    std::string& value = value_of(name);
    const size_t at = value.find(from);
    ASSERT_NE(at, std::string::npos);
    value.replace(at, from.size(), to);
  }
};

TEST(SignatureV4, signs_what_awss_suite_says) {
  const std::vector<HeaderField> headers{{"Host", "example.amazonaws.com"}};
  const auto added = sign_v4({"GET", "/", headers}, kSuite, "us-east-1", "service", kEmptySha256,
                             *parse_basic_time("20150830T123600Z"));
  EXPECT_EQ(header_of(added, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SignatureV4, signs_the_range_request_of_s3s_documentation) {
  const std::vector<HeaderField> headers{{"Host", "examplebucket.s3.amazonaws.com"},
                                         {"Range", "bytes=0-9"}};
  const auto added = sign_v4({"GET", "/test.txt", headers}, kDocumented, "us-east-1", "s3",
                             kEmptySha256, *parse_basic_time("20130524T000000Z"));
  EXPECT_THAT(header_of(added, "authorization"),
              HasSubstr("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST(SignatureV4, presigns_the_url_of_s3s_documentation) {
  const std::vector<HeaderField> headers{{"Host", "examplebucket.s3.amazonaws.com"}};
  const std::string target =
      presign_v4({"GET", "/test.txt", headers}, kDocumented, "us-east-1", "s3", seconds{86400},
                 *parse_basic_time("20130524T000000Z"));
  EXPECT_THAT(target,
              HasSubstr("X-Amz-Signature="
                        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

TEST(SignatureV4, what_we_sign_we_accept) {
  for (const char* const token : {"", "a/token+with=signs=="}) {
    Signed request;
    request.credentials.session_token = token;
    Signed presigned = request;
    request.sign();
    EXPECT_EQ(request.refusal(), std::nullopt);
    presigned.presign(seconds{60});
    EXPECT_EQ(presigned.refusal(), std::nullopt);
  }
}

TEST(SignatureV4, any_change_of_what_was_signed_is_refused) {
  Signed original;
  original.sign();
  const auto changed = [&](auto change) {
    Signed request = original;
    change(request);
    return request.refusal();
  };
  EXPECT_EQ(changed([](Signed&) {}), std::nullopt);
  constexpr auto kMismatch = ErrorKind::kSignatureDoesNotMatch;
  EXPECT_EQ(changed([](Signed& r) { r.method = "PUT"; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.target = "/b/K?versions=&prefix=a%2Fb"; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.target = "/b/k?versions=&prefix=a%2Fc"; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.target += "&x=1"; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.target = "/b/k"; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.value_of("Host") = "127.0.0.1:8091"; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.value_of("x-amz-meta-a") = "2"; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.headers.emplace_back("x-amz-meta-a", "1"); }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.payload_hash = kUnsignedPayload; }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.replace("authorization", "eu-west-3", "us-east-1"); }),
            kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.replace("authorization", "/s3/", "/glue/"); }), kMismatch);
  EXPECT_EQ(changed([](Signed& r) { r.credentials.secret_access_key = "Made up"; }), kMismatch);
}

TEST(SignatureV4, a_header_that_a_handler_would_read_cannot_be_slipped_in) {
  Signed request;
  request.sign();
  request.headers.emplace_back("X-AMZ-Acl", "public-read");
  EXPECT_EQ(request.refusal(), ErrorKind::kAccessDenied);
  request.headers.back() = {"X-Amzn-Trace-Id", "added by a proxy"};
  EXPECT_EQ(request.refusal(), std::nullopt);
}

TEST(SignatureV4, equal_forms_of_path_query_and_headers_are_equal) {
  Signed request;
  request.target = "/b/dt%3D1/a%20b";
  request.sign();
  request.target = "/b/dt=1/a%20b";
  request.value_of("x-amz-meta-a") = "  1\t";
  request.replace("authorization", ", SignedHeaders", ",SignedHeaders");
  request.replace("authorization", ", Signature", ",Signature");
  EXPECT_EQ(request.refusal(), std::nullopt);
}

TEST(SignatureV4, s3_paths_are_not_normalised) {
  Signed request;
  request.target = "/b/a/../c//d";
  request.sign();
  request.target = "/b/c/d";
  EXPECT_EQ(request.refusal(), ErrorKind::kSignatureDoesNotMatch);
}

TEST(SignatureV4, fifteen_minutes_of_skew_count_and_a_second_more_does_not) {
  for (const int sign : {-1, 1}) {
    Signed request;
    request.sign();
    request.now += sign * kSkewMax;
    EXPECT_EQ(request.refusal(), std::nullopt);
    request.now += sign * seconds{1};
    EXPECT_EQ(request.refusal(), ErrorKind::kRequestTimeTooSkewed);
  }
}

TEST(SignatureV4, a_presigned_url_ends_when_it_says) {
  Signed request;
  request.presign(kPresignedSecondsMax);
  const base::WallTime start = request.now;
  request.now = start + kPresignedSecondsMax;
  EXPECT_EQ(request.refusal(), std::nullopt);
  request.now += seconds{1};
  EXPECT_EQ(request.refusal(), ErrorKind::kRequestExpired);
  request.now = start - kSkewMax - seconds{1};
  EXPECT_EQ(request.refusal(), ErrorKind::kAccessDenied);
}

TEST(SignatureV4, expiry_is_from_1_to_604800_seconds) {
  for (const char* const value : {"0", "604801", "-1", "", "1h", "99999999999999999999"}) {
    Signed request;
    request.presign(seconds{60});
    request.target.replace(request.target.find("Expires=60"), 10, std::string("Expires=") + value);
    EXPECT_EQ(request.refusal(), ErrorKind::kMalformedQueryAuthorization) << value;
  }
}

TEST(SignatureV4, what_does_not_parse_is_refused_as_such) {
  const std::string good_signature(64, 'a');
  const std::string good =
      "AWS4-HMAC-SHA256 Credential=AKIA/20261129/eu-west-3/s3/aws4_request, "
      "SignedHeaders=host, Signature=" +
      good_signature;
  const auto kind_of = [](const std::string& authorization, const std::string& date) {
    const std::vector<HeaderField> headers{
        {"host", "h"}, {"authorization", authorization}, {"x-amz-date", date}};
    const auto parsed = parse_v4_header({"GET", "/", headers});
    return parsed ? std::nullopt : std::optional(parsed.error().kind);
  };
  const std::string date = "20261129T143000Z";
  EXPECT_EQ(kind_of(good, date), std::nullopt);
  EXPECT_EQ(kind_of("AWS AKIA:abc=", date), ErrorKind::kUnsupportedAuthorization);
  EXPECT_EQ(kind_of("AWS4-ECDSA-P256-SHA256 Credential=x", date),
            ErrorKind::kUnsupportedAuthorization);
  constexpr auto kMalformed = ErrorKind::kMalformedAuthorization;
  for (const char* const bad_date :
       {"", "20261130T000000Z", "20261129T143000", "2026-11-29T14:30:00Z", "20261329T143000Z",
        "20261129T250000Z"}) {
    EXPECT_EQ(kind_of(good, bad_date), kMalformed) << bad_date;
  }
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_EQ(kind_of(with("aws4_request", "aws5_request"), date), kMalformed);
  EXPECT_EQ(kind_of(with("/s3/", "//"), date), kMalformed);
  EXPECT_EQ(kind_of(with("AKIA/", ""), date), kMalformed);
  EXPECT_EQ(kind_of(with("=host", "=range"), date), kMalformed);
  EXPECT_EQ(kind_of(with("=host", "="), date), kMalformed);
  EXPECT_EQ(kind_of(with("Signature=a", "Signature=A"), date), kMalformed);
  EXPECT_EQ(kind_of(with("Signature=a", "Signature="), date), kMalformed);
  EXPECT_EQ(kind_of(good + ", Signature=" + good_signature, date), kMalformed);
  EXPECT_EQ(kind_of(good + ", More=1", date), kMalformed);
  EXPECT_EQ(kind_of("AWS4-HMAC-SHA256 ", date), kMalformed);
}

TEST(SignatureV4, two_authorization_headers_are_refused) {
  Signed request;
  request.sign();
  request.headers.emplace_back("Authorization", request.value_of("authorization"));
  EXPECT_EQ(request.refusal(), ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace ticklake::aws
