#include "aws/chunked_payload.h"

#include <algorithm>
#include <charconv>

#include "aws/request_view.h"
#include "aws/signature_v4.h"
#include "base/assert.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kChunkSignature = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";
constexpr size_t kSignatureCharacters = 64;
/// A size of 16 digits with its signature, or a trailer with the longest checksum, has half of it.
constexpr size_t kLineBytesMax = 256;

bool is_sha256(std::string_view text) {
  return text.size() == kSignatureCharacters && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

tl::unexpected<ServiceError> incomplete() {
  return refuse(ErrorKind::kIncompleteBody,
                "You did not provide the number of bytes specified by the "
                "x-amz-decoded-content-length HTTP header.");
}

tl::unexpected<ServiceError> wrong_signature(const char* of) {
  return refuse(ErrorKind::kSignatureDoesNotMatch, std::string("The signature we calculated for ") +
                                                       of + " does not match the one in the body.");
}

tl::unexpected<ServiceError> malformed_chunk(const char* why) {
  return refuse(ErrorKind::kMalformedChunk,
                std::string("The aws-chunked body is malformed: ") + why);
}

tl::unexpected<ServiceError> malformed_trailer(const std::string& why) {
  return refuse(ErrorKind::kMalformedTrailer, "The trailer of the body is malformed: " + why);
}

std::string chunk_signature(const ChunkSigning& signing, std::string_view previous,
                            const Sha256Digest& data) {
  const std::string text = std::string("AWS4-HMAC-SHA256-PAYLOAD\n")
                               .append(signing.timestamp)
                               .append("\n")
                               .append(signing.scope)
                               .append("\n")
                               .append(previous)
                               .append("\n")
                               .append(kEmptySha256)
                               .append("\n")
                               .append(to_hex(data));
  return to_hex(hmac_sha256(signing.key, text));
}

std::string trailer_signature(const ChunkSigning& signing, std::string_view previous,
                              std::string_view trailer) {
  const std::string text = std::string("AWS4-HMAC-SHA256-TRAILER\n")
                               .append(signing.timestamp)
                               .append("\n")
                               .append(signing.scope)
                               .append("\n")
                               .append(previous)
                               .append("\n")
                               .append(sha256_hex(trailer));
  return to_hex(hmac_sha256(signing.key, text));
}

}  // namespace

Answer<PayloadForm> parse_payload_form(std::string_view content_sha256) {
  if (content_sha256 == kUnsignedPayload) return PayloadForm::kUnsigned;
  if (content_sha256 == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    return PayloadForm::kChunkedUnsignedTrailer;
  }
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return PayloadForm::kChunkedSigned;
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    return PayloadForm::kChunkedSignedTrailer;
  }
  if (is_sha256(content_sha256)) return PayloadForm::kHashed;
  if (content_sha256.starts_with("STREAMING-")) {
    return refuse(ErrorKind::kUnsupportedAuthorization,
                  "x-amz-content-sha256: " + std::string(content_sha256) +
                      " is not supported; use a form with AWS4-HMAC-SHA256.");
  }
  return refuse(ErrorKind::kInvalidDigest,
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- form, or a valid "
                "SHA-256 value.");
}

ChunkedPayloadDecoder::ChunkedPayloadDecoder(ChunkedPayloadOptions options)
    : options_(std::move(options)) {
  TICKLAKE_ASSERT(is_chunked(options_.form));
  TICKLAKE_ASSERT(!has_signed_chunks(options_.form) || options_.signing);
  if (options_.signing) previous_signature_ = options_.signing->seed_signature;
  if (has_trailer() && options_.trailer_checksum) checksum_.emplace(*options_.trailer_checksum);
}

Answer<base::ByteView> ChunkedPayloadDecoder::next(base::ByteView& wire) {
  while (!wire.empty()) {
    if (state_ != State::kData) {
      TICKLAKE_TRY(take_line(wire));
      continue;
    }
    const base::ByteView data = wire.first(std::min<uint64_t>(wire.size(), chunk_left_));
    wire = wire.subspan(data.size());
    chunk_left_ -= data.size();
    decoded_ += data.size();
    if (has_signed_chunks(options_.form)) chunk_hash_.update(data);
    if (checksum_) checksum_->update(data);
    if (chunk_left_ == 0) state_ = State::kDataEnd;
    return data;
  }
  return base::ByteView{};
}

Answer<void> ChunkedPayloadDecoder::take_line(base::ByteView& wire) {
  if (state_ == State::kEnd) return malformed_chunk("there is more after its end");
  const std::string_view text = base::as_text(wire);
  const size_t newline = text.find('\n');
  const std::string_view part = text.substr(0, newline);
  if (line_.size() + part.size() > kLineBytesMax) return malformed_chunk("a line is too long");
  line_ += part;
  if (newline == std::string_view::npos) {
    wire = {};
    return {};
  }
  wire = wire.subspan(newline + 1);
  // What a trailer's signature covers ends in LF, and some clients send that before CRLF.
  const bool has_return = line_.ends_with('\r');
  if (!has_return && state_ != State::kTrailer) return malformed_chunk("a line has no CRLF");
  if (has_return) line_.pop_back();
  const std::string line = std::exchange(line_, {});
  return handle_line(line);
}

Answer<void> ChunkedPayloadDecoder::handle_line(std::string_view line) {
  switch (state_) {
    case State::kHeader: return start_chunk(line);
    case State::kDataEnd:
      if (!line.empty()) return malformed_chunk("a chunk is longer than its size");
      return end_chunk();
    case State::kTrailer: return handle_trailer_line(line);
    case State::kTrailerEnd:
      if (!line.empty()) return malformed_trailer("there is more after its signature.");
      state_ = State::kEnd;
      return {};
    case State::kData:
    case State::kEnd: break;
  }
  TICKLAKE_ASSERT(false);
}

Answer<void> ChunkedPayloadDecoder::start_chunk(std::string_view line) {
  const auto [end, error] =
      std::from_chars(line.data(), line.data() + line.size(), chunk_left_, 16);
  if (error != std::errc{}) return malformed_chunk("a chunk has no size");
  const std::string_view extension = line.substr(static_cast<size_t>(end - line.data()));
  if (has_signed_chunks(options_.form)) {
    if (!extension.starts_with(kChunkSignature) ||
        extension.size() != kChunkSignature.size() + kSignatureCharacters) {
      return malformed_chunk("a chunk has no signature");
    }
    chunk_signature_ = extension.substr(kChunkSignature.size());
  } else if (!extension.empty()) {
    return malformed_chunk("a chunk's size is followed by something else");
  }
  if (chunk_left_ > options_.decoded_bytes - decoded_) return incomplete();
  is_last_chunk_ = chunk_left_ == 0;
  if (!is_last_chunk_) {
    state_ = State::kData;
    return {};
  }
  if (decoded_ != options_.decoded_bytes) return incomplete();
  // Without a trailer the last chunk's empty data ends as the others' does.
  if (!has_trailer()) {
    state_ = State::kDataEnd;
    return {};
  }
  return end_chunk();
}

Answer<void> ChunkedPayloadDecoder::end_chunk() {
  if (has_signed_chunks(options_.form)) {
    const std::string expected =
        chunk_signature(*options_.signing, previous_signature_, chunk_hash_.finish());
    if (!is_same_secret(expected, chunk_signature_)) return wrong_signature("a chunk");
    previous_signature_ = std::move(chunk_signature_);
  }
  state_ = !is_last_chunk_ ? State::kHeader : has_trailer() ? State::kTrailer : State::kEnd;
  return {};
}

Answer<void> ChunkedPayloadDecoder::handle_trailer_line(std::string_view line) {
  const bool is_signed = options_.form == PayloadForm::kChunkedSignedTrailer;
  if (line.empty()) {
    if (is_signed) return {};  // before the signature's line
    if (options_.trailer_checksum && !checksum_value_) {
      return malformed_trailer("the announced header is missing.");
    }
    state_ = State::kEnd;
    return {};
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return malformed_trailer("a line has no colon.");
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' '))
    value.remove_prefix(1);
  if (is_signed && is_same_ignoring_case(name, kTrailerSignature)) {
    return handle_trailer_signature(value);
  }
  return handle_checksum(name, value);
}

Answer<void> ChunkedPayloadDecoder::handle_checksum(std::string_view name, std::string_view value) {
  if (!checksum_ || !is_same_ignoring_case(name, header_of(*options_.trailer_checksum))) {
    return malformed_trailer(std::string(name) + " was not announced by x-amz-trailer.");
  }
  if (checksum_value_) return malformed_trailer(std::string(name) + " is there twice.");
  const auto claimed = parse_checksum(*options_.trailer_checksum, value);
  if (!claimed) {
    return refuse(ErrorKind::kInvalidDigest,
                  "Value for " + lower_case(name) + " trailing header is invalid.");
  }
  checksum_value_ = checksum_->finish();
  if (*checksum_value_ != *claimed) {
    return refuse(ErrorKind::kBadDigest,
                  "The " + std::string(name_of(*options_.trailer_checksum)) +
                      " you specified did not match the calculated checksum.");
  }
  trailer_text_.append(lower_case(name)).append(":").append(value).append("\n");
  return {};
}

Answer<void> ChunkedPayloadDecoder::handle_trailer_signature(std::string_view signature) {
  if (options_.trailer_checksum && !checksum_value_) {
    return malformed_trailer("the announced header is missing.");
  }
  const std::string expected =
      trailer_signature(*options_.signing, previous_signature_, trailer_text_);
  if (!is_same_secret(expected, signature)) return wrong_signature("the trailer");
  state_ = State::kTrailerEnd;
  return {};
}

Answer<void> ChunkedPayloadDecoder::finish() const {
  // All is verified once the trailer's signature is; the empty line after it says no more.
  const bool is_whole = state_ == State::kEnd || (state_ == State::kTrailerEnd && line_.empty());
  if (!is_whole) return incomplete();
  return {};
}

}  // namespace ticklake::aws
