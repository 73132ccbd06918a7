#include "aws/chunked_payload.h"

#include <gtest/gtest.h>

#include "aws/signature_v4.h"
#include "base/base64.h"
#include "base/random.h"

namespace ticklake::aws {
namespace {

struct Decoded {
  std::string data;
  std::optional<ErrorKind> refusal;
};

/// `cut` says how many bytes arrive at a time.
Decoded decode(ChunkedPayloadOptions options, std::string_view body, size_t cut = SIZE_MAX) {
  ChunkedPayloadDecoder decoder(std::move(options));
  Decoded out;
  while (!body.empty()) {
    const std::string_view arrived = body.substr(0, cut);
    body.remove_prefix(arrived.size());
    base::ByteView wire = base::as_bytes(arrived);
    while (true) {
      const auto piece = decoder.next(wire);
      if (!piece) return {out.data, piece.error().kind};
      if (piece->empty()) break;
      out.data += base::as_text(*piece);
    }
    EXPECT_TRUE(wire.empty());
  }
  const auto finished = decoder.finish();
  if (!finished) out.refusal = finished.error().kind;
  return out;
}

std::string base64_of(ChecksumAlgorithm algorithm, std::string_view text) {
  Checksum checksum(algorithm);
  checksum.update(base::as_bytes(text));
  return base::to_base64(checksum.finish());
}

// The example of AWS's documentation: 66,560 times 'a' in chunks of 64 KiB.
ChunkedPayloadOptions documented(PayloadForm form, std::string_view seed) {
  const CredentialScope scope{"20130524", "us-east-1", "s3"};
  ChunkedPayloadOptions options;
  options.form = form;
  options.decoded_bytes = 66'560;
  options.signing = ChunkSigning{v4_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", scope),
                                 "20130524T000000Z", scope.text(), std::string(seed)};
  return options;
}

std::string chunk(size_t size, std::string_view signature) {
  char head[32];
  std::snprintf(head, sizeof head, "%zx", size);
  return std::string(head)
      .append(";chunk-signature=")
      .append(signature)
      .append("\r\n")
      .append(std::string(size, 'a'))
      .append(size > 0 ? "\r\n" : "");
}

constexpr std::string_view kSeed =
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const std::string kFirst =
    chunk(65'536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
const std::string kSecond =
    chunk(1'024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
const std::string kLast =
    chunk(0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9") + "\r\n";

TEST(SignedChunks, the_example_of_awss_documentation_is_read) {
  const auto options = documented(PayloadForm::kChunkedSigned, kSeed);
  for (const size_t cut : {SIZE_MAX, size_t{1}, size_t{7}, size_t{4096}}) {
    const Decoded decoded = decode(options, kFirst + kSecond + kLast, cut);
    EXPECT_EQ(decoded.refusal, std::nullopt);
    EXPECT_EQ(decoded.data, std::string(66'560, 'a'));
  }
}

TEST(SignedChunks, a_chunk_that_is_replayed_reordered_cut_or_changed_is_refused) {
  const auto options = documented(PayloadForm::kChunkedSigned, kSeed);
  const auto refusal = [&](const std::string& body) { return decode(options, body).refusal; };
  constexpr auto kMismatch = ErrorKind::kSignatureDoesNotMatch;
  constexpr auto kIncomplete = ErrorKind::kIncompleteBody;
  EXPECT_EQ(refusal(kSecond + kSecond + kLast), kMismatch);
  EXPECT_EQ(refusal(kSecond + kFirst + kLast), kMismatch);
  EXPECT_EQ(refusal(kFirst + kFirst + kLast), kIncomplete);  // more than was announced
  EXPECT_EQ(refusal(kFirst + kLast), kIncomplete);
  EXPECT_EQ(refusal(kFirst + kSecond), kIncomplete);
  EXPECT_EQ(refusal((kFirst + kSecond + kLast).substr(0, 70'000 / 2)), kIncomplete);
  EXPECT_EQ(refusal(kFirst + kSecond + kLast.substr(0, kLast.size() - 2)), kIncomplete);
  EXPECT_EQ(refusal(""), kIncomplete);
  std::string changed = kFirst + kSecond + kLast;
  changed[1'000] = 'b';
  EXPECT_EQ(refusal(changed), kMismatch);
  EXPECT_EQ(refusal(kFirst + kSecond + kLast + "0"), ErrorKind::kMalformedChunk);
  auto wrong_seed = options;
  wrong_seed.signing->seed_signature.back() = '0';
  EXPECT_EQ(decode(wrong_seed, kFirst + kSecond + kLast).refusal, kMismatch);
}

TEST(SignedChunks, their_last_one_must_be_signed_too) {
  const auto options = documented(PayloadForm::kChunkedSigned, kSeed);
  EXPECT_EQ(decode(options, kFirst + kSecond + chunk(0, std::string(64, '0')) + "\r\n").refusal,
            ErrorKind::kSignatureDoesNotMatch);
  EXPECT_EQ(decode(options, kFirst + kSecond + "0\r\n\r\n").refusal, ErrorKind::kMalformedChunk);
}

TEST(SignedTrailer, the_example_of_awss_documentation_is_read_and_its_trailer_is_checked) {
  auto options = documented(PayloadForm::kChunkedSignedTrailer,
                            "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  options.trailer_checksum = ChecksumAlgorithm::kCrc32c;
  const std::string chunks =
      chunk(65'536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2") +
      chunk(1'024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7") +
      chunk(0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
  const std::string checksum = "x-amz-checksum-crc32c:sOO8/Q==";
  const std::string signature =
      "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
  for (const char* const between : {"\r\n", "\n\r\n"}) {
    for (const size_t cut : {SIZE_MAX, size_t{1}}) {
      const Decoded decoded =
          decode(options, chunks + checksum + between + signature + "\r\n\r\n", cut);
      EXPECT_EQ(decoded.refusal, std::nullopt);
      EXPECT_EQ(decoded.data.size(), 66'560u);
    }
  }
  const auto refusal = [&](const std::string& trailer) {
    return decode(options, chunks + trailer).refusal;
  };
  EXPECT_EQ(refusal(checksum + "\r\n\r\n"), ErrorKind::kIncompleteBody);
  EXPECT_EQ(refusal(signature + "\r\n\r\n"), ErrorKind::kMalformedTrailer);
  EXPECT_EQ(refusal("x-amz-checksum-crc32c:AAAAAA==\r\n" + signature + "\r\n\r\n"),
            ErrorKind::kBadDigest);
  EXPECT_EQ(refusal(checksum + "\r\nx-amz-trailer-signature:" + std::string(64, '0') + "\r\n\r\n"),
            ErrorKind::kSignatureDoesNotMatch);
  EXPECT_EQ(refusal(checksum + "\r\n" + signature + "\r\nmore:1\r\n"),
            ErrorKind::kMalformedTrailer);
}

TEST(UnsignedTrailer, every_checksum_that_clients_send_is_checked_at_any_cut) {
  const std::string text = "0123456789\r\n0123456789";
  for (const auto algorithm :
       {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kCrc64Nvme,
        ChecksumAlgorithm::kSha1, ChecksumAlgorithm::kSha256}) {
    const std::string name(header_of(algorithm));
    const std::string body = "A\r\n0123456789\r\nc\r\n\r\n0123456789\r\n0\r\n" + name + ":" +
                             base64_of(algorithm, text) + "\r\n\r\n";
    const ChunkedPayloadOptions options{
        PayloadForm::kChunkedUnsignedTrailer, text.size(), algorithm, {}};
    for (size_t cut = 1; cut <= body.size(); ++cut) {
      const Decoded decoded = decode(options, body, cut);
      ASSERT_EQ(decoded.refusal, std::nullopt) << name << " cut at " << cut;
      ASSERT_EQ(decoded.data, text);
    }
    auto other = options;
    other.decoded_bytes = 11;
    const std::string wrong =
        "b\r\n0123456789x\r\n0\r\n" + name + ":" + base64_of(algorithm, "0123456789y") + "\r\n\r\n";
    EXPECT_EQ(decode(other, wrong).refusal, ErrorKind::kBadDigest);
  }
}

TEST(UnsignedTrailer, an_empty_object_is_an_object) {
  const ChunkedPayloadOptions options{
      PayloadForm::kChunkedUnsignedTrailer, 0, ChecksumAlgorithm::kCrc32, {}};
  EXPECT_EQ(decode(options, "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n").refusal, std::nullopt);
  const ChunkedPayloadOptions without{PayloadForm::kChunkedUnsignedTrailer, 0, {}, {}};
  EXPECT_EQ(decode(without, "0\r\n\r\n").refusal, std::nullopt);
}

TEST(UnsignedTrailer, what_is_malformed_is_refused_as_what_it_is) {
  const ChunkedPayloadOptions options{
      PayloadForm::kChunkedUnsignedTrailer, 5, ChecksumAlgorithm::kCrc32, {}};
  const auto refusal = [&](const std::string& body) { return decode(options, body).refusal; };
  const std::string good =
      "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + base64_of(ChecksumAlgorithm::kCrc32, "hello") +
      "\r\n\r\n";
  EXPECT_EQ(refusal(good), std::nullopt);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(refusal(good.substr(0, size)), ErrorKind::kIncompleteBody) << size;
  }
  EXPECT_EQ(refusal("6\r\nhello!\r\n0\r\n"), ErrorKind::kIncompleteBody);
  EXPECT_EQ(refusal("4\r\nhell\r\n0\r\n"), ErrorKind::kIncompleteBody);
  EXPECT_EQ(refusal("ffffffffffffffff\r\n"), ErrorKind::kIncompleteBody);
  EXPECT_EQ(refusal("fffffffffffffffff\r\n"), ErrorKind::kMalformedChunk);
  EXPECT_EQ(refusal("-1\r\n"), ErrorKind::kMalformedChunk);
  EXPECT_EQ(refusal("5;x=1\r\nhello\r\n"), ErrorKind::kMalformedChunk);
  EXPECT_EQ(refusal("5\nhello\r\n"), ErrorKind::kMalformedChunk);
  EXPECT_EQ(refusal("5\r\nhello!\r\n"), ErrorKind::kMalformedChunk);
  EXPECT_EQ(refusal(std::string(1'000'000, '0')), ErrorKind::kMalformedChunk);
  EXPECT_EQ(refusal("5\r\nhello\r\n0\r\n\r\n"), ErrorKind::kMalformedTrailer);
  EXPECT_EQ(refusal("5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:AAAAAA==\r\n\r\n"),
            ErrorKind::kMalformedTrailer);
  EXPECT_EQ(refusal("5\r\nhello\r\n0\r\nno colon\r\n\r\n"), ErrorKind::kMalformedTrailer);
  EXPECT_EQ(refusal("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n"),
            ErrorKind::kInvalidDigest);
  EXPECT_EQ(refusal(good + "\r\n"), ErrorKind::kMalformedChunk);
}

TEST(PayloadForm, is_told_by_x_amz_content_sha256) {
  EXPECT_EQ(parse_payload_form("UNSIGNED-PAYLOAD"), PayloadForm::kUnsigned);
  EXPECT_EQ(parse_payload_form(kEmptySha256), PayloadForm::kHashed);
  EXPECT_EQ(parse_payload_form("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            PayloadForm::kChunkedUnsignedTrailer);
  EXPECT_EQ(parse_payload_form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), PayloadForm::kChunkedSigned);
  EXPECT_EQ(parse_payload_form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            PayloadForm::kChunkedSignedTrailer);
  EXPECT_EQ(parse_payload_form("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD").error().kind,
            ErrorKind::kUnsupportedAuthorization);
  EXPECT_EQ(parse_payload_form("abc").error().kind, ErrorKind::kInvalidDigest);
  EXPECT_EQ(parse_payload_form("").error().kind, ErrorKind::kInvalidDigest);
}

}  // namespace
}  // namespace ticklake::aws
