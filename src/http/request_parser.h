#pragma once

#include <cstddef>
#include <memory>

#include <tl/expected.hpp>

#include "base/bytes.h"
#include "http/failure.h"
#include "http/request.h"

namespace ticklake::http {

/// Longest target that is read. Presigned URLs with a session token come to some 4 KiB.
inline constexpr size_t kTargetBytesMax = 16 * 1024;
/// Longest head: request line, fields, and the empty line after them.
inline constexpr size_t kHeadBytesMax = 32 * 1024;
inline constexpr size_t kFieldsMax = 200;
/// Longest line with the size of a chunk, and longest trailer.
inline constexpr size_t kChunkLineBytesMax = 4 * 1024;

/// Reads requests of HTTP/1.1 and 1.0 from bytes, without I/O (RFC 9112; Beast's parser). What two
/// servers could understand differently is refused, for so requests are smuggled past a proxy:
/// Content-Length beside Transfer-Encoding or twice, line ends that are not CR LF, folded lines,
/// blanks before a colon, control characters, encodings besides chunked.
///
/// read_head() until it gives a size, then read_body() until it gives the last piece, then begin().
class RequestParser {
 public:
  /// `peer` must outlive the parser.
  explicit RequestParser(const Peer& peer);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Forgets the request; the next one follows.
  void begin();

  /// How many of the first bytes are the head; 0 if more are needed: then call again with the same
  /// bytes and more. After a Failure the connection is of no further use.
  tl::expected<size_t, Failure> read_head(base::ByteView bytes);
  /// Valid when the head was read.
  Request& request() { return request_; }
  const Request& request() const { return request_; }

  struct Piece {
    size_t taken = 0;     ///< bytes that are done with, once `data` is
    base::ByteView data;  ///< of the body, part of the bytes that were given
  };
  /// The next piece of the body. If it is empty and the body is not done, more bytes are needed:
  /// then call again with those that were not taken, and more.
  tl::expected<Piece, Failure> read_body(base::ByteView bytes);
  bool is_body_done() const;

 private:
  struct Framing;

  tl::expected<bool, Failure> find_end(std::string_view text);
  tl::expected<void, Failure> check_line(std::string_view line) const;
  tl::expected<void, Failure> parse_head();
  tl::expected<void, Failure> split_target();

  Request request_;
  const Peer& peer_;
  std::unique_ptr<Framing> framing_;
  size_t head_start_ = 0;  ///< behind empty lines
  size_t line_start_ = 0;  ///< of the line whose end was not seen yet
  size_t scanned_ = 0;     ///< no line ends before
  size_t lines_ = 0;
};

}  // namespace ticklake::http
