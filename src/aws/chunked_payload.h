#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/checksum.h"
#include "aws/hash.h"
#include "aws/service_error.h"
#include "base/bytes.h"

namespace ticklake::aws {

/// How a body is sent, by x-amz-content-sha256.
enum class PayloadForm : uint8_t {
  kHashed,                  ///< plain; the value is its SHA-256
  kUnsigned,                ///< plain; UNSIGNED-PAYLOAD
  kChunkedUnsignedTrailer,  ///< STREAMING-UNSIGNED-PAYLOAD-TRAILER
  kChunkedSigned,           ///< STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  kChunkedSignedTrailer,    ///< STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
};

/// kUnsupportedAuthorization for a form that is not served (AWS4-ECDSA…), kInvalidDigest for what
/// is no form and no SHA-256.
Answer<PayloadForm> parse_payload_form(std::string_view content_sha256);
constexpr bool is_chunked(PayloadForm form) { return form >= PayloadForm::kChunkedUnsignedTrailer; }
constexpr bool has_signed_chunks(PayloadForm form) { return form >= PayloadForm::kChunkedSigned; }

/// What the signatures of chunks go on from: those of the request's head.
struct ChunkSigning {
  Sha256Digest key{};          ///< v4_signing_key()
  std::string timestamp;       ///< of x-amz-date
  std::string scope;           ///< CredentialScope::text()
  std::string seed_signature;  ///< of the Authorization header
};

/// What the head of a request announces of its aws-chunked body.
struct ChunkedPayloadOptions {
  PayloadForm form = PayloadForm::kChunkedUnsignedTrailer;
  uint64_t decoded_bytes = 0;  ///< x-amz-decoded-content-length
  /// Of x-amz-trailer; needed by the forms that have a trailer.
  std::optional<ChecksumAlgorithm> trailer_checksum = {};
  /// Needed by the forms that have signed chunks.
  std::optional<ChunkSigning> signing = {};
};

/// Takes aws-chunked framing off a body (after HTTP's own), without I/O and in constant memory.
/// Source: AWS's "Signature calculations: transferring payload in multiple chunks" and "… with
/// trailing headers".
///
///     while (true) {
///       piece = decoder.next(wire);         // wire: what has arrived; next() takes from its front
///       if (!piece) …refuse…
///       if (piece->empty()) break;          // all of `wire` is taken
///     }
///     at the end of the body: decoder.finish()
///
/// Data is given out before the signature of its chunk was seen, so it counts for nothing until
/// finish() has succeeded. After an error the decoder is of no more use.
class ChunkedPayloadDecoder {
 public:
  explicit ChunkedPayloadDecoder(ChunkedPayloadOptions options);

  /// The next piece of data, which lies in `wire`; empty once all of `wire` is taken.
  Answer<base::ByteView> next(base::ByteView& wire);
  /// Whether the body was whole, and of the announced length.
  Answer<void> finish() const;

  /// The checksum of the trailer, once finish() has succeeded; none without a trailer.
  const std::optional<base::Bytes>& trailer_checksum() const { return checksum_value_; }

 private:
  enum class State : uint8_t { kHeader, kData, kDataEnd, kTrailer, kTrailerEnd, kEnd };

  Answer<void> take_line(base::ByteView& wire);
  Answer<void> handle_line(std::string_view line);
  Answer<void> start_chunk(std::string_view line);
  Answer<void> end_chunk();
  Answer<void> handle_trailer_line(std::string_view line);
  Answer<void> handle_checksum(std::string_view name, std::string_view value);
  Answer<void> handle_trailer_signature(std::string_view signature);
  bool has_trailer() const { return options_.form != PayloadForm::kChunkedSigned; }

  ChunkedPayloadOptions options_;
  State state_ = State::kHeader;
  std::string line_;  ///< the part of a line that has come so far
  uint64_t chunk_left_ = 0;
  bool is_last_chunk_ = false;
  uint64_t decoded_ = 0;
  std::string chunk_signature_;  ///< what the current chunk claims
  std::string previous_signature_;
  Sha256 chunk_hash_;
  std::optional<Checksum> checksum_;
  std::optional<base::Bytes> checksum_value_;
  std::string trailer_text_;  ///< what the trailer's signature covers
};

}  // namespace ticklake::aws
