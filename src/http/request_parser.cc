#include "http/request_parser.h"

#include <algorithm>
#include <optional>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>

#include "base/assert.h"

namespace ticklake::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;
using BeastError = boost::system::error_code;

/// A client may send an empty line after a body (RFC 9112, 2.2).
constexpr size_t kEmptyLinesMax = 4;
/// "0", CR LF, CR LF: from where a chunk's line begins there are so many bytes to come at least.
/// Beast asserts that it was given them when it looks at the last line again.
constexpr size_t kChunkLineBytesMin = 5;
constexpr const char* kNoRequest = "this is no HTTP request";

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

tl::unexpected<Failure> refuse(std::string cause, int status = 400) {
  return tl::unexpected(bad_request(status, kNoRequest, std::move(cause)));
}

std::string cause_of(const BeastError& failed) {
  using beast::http::error;
  if (failed == error::bad_method) return "its method is no token";
  if (failed == error::bad_target) return "its target has a character that no target may have";
  if (failed == error::bad_version) return "its first line does not end with HTTP/1.1 or HTTP/1.0";
  if (failed == error::bad_field) return "the name of a field is no token";
  if (failed == error::bad_value) return "the value of a field has a character that is not allowed";
  if (failed == error::bad_line_ending) return "a line does not end with CR and LF";
  if (failed == error::bad_content_length) return "its Content-Length is no number of bytes";
  if (failed == error::multiple_content_length) return "it has more than one Content-Length";
  if (failed == error::bad_transfer_encoding)
    return "it has Transfer-Encoding twice, or beside Content-Length";
  if (failed == error::bad_chunk || failed == error::bad_chunk_extension)
    return "a chunk of its body does not begin with its size";
  return failed.message();
}

/// Collects what Beast finds, as views of what it was given.
class Collector final : public beast::http::basic_parser<true> {
 public:
  explicit Collector(std::vector<Field>& fields) : fields_(&fields) {
    header_limit(kHeadBytesMax + 1);
    body_limit(boost::none);  // who reads the body counts it
  }

  std::string_view method, target;
  int version = 11;
  size_t hosts = 0, lengths = 0;
  bool has_encoding = false;
  std::string_view host, length, encoding, expectation;
  std::string_view body;
  uint64_t chunk_left = 0;  ///< of the chunk whose line was read

 private:
  void on_request_impl(beast::http::verb, beast::string_view method_text,
                       beast::string_view target_text, int http_version, BeastError&) override {
    method = view_of(method_text);
    target = view_of(target_text);
    version = http_version;
  }
  void on_response_impl(int, beast::string_view, int, BeastError&) override {}
  void on_field_impl(field known, beast::string_view name, beast::string_view value,
                     BeastError&) override {
    // Beast up to 1.85 tells of a trailer's fields here too; they are not the head's.
    if (is_head_done_) return;
    fields_->push_back({view_of(name), view_of(value)});
    if (known == field::host) {
      ++hosts;
      host = view_of(value);
    } else if (known == field::content_length) {
      ++lengths;
      length = view_of(value);
    } else if (known == field::transfer_encoding) {
      encoding = view_of(value);
      has_encoding = true;
    } else if (known == field::expect) {
      expectation = view_of(value);
    }
  }
  /// Beast's since 1.86; what a trailer says is of no use to anyone here.
  void on_trailer_field_impl(field, beast::string_view, beast::string_view, BeastError&) {}
  void on_header_impl(BeastError&) override { is_head_done_ = true; }
  void on_body_init_impl(const boost::optional<uint64_t>&, BeastError&) override {}
  size_t on_body_impl(beast::string_view data, BeastError&) override {
    body = view_of(data);
    return data.size();
  }
  void on_chunk_header_impl(uint64_t size, beast::string_view, BeastError&) override {
    chunk_left = size;
  }
  size_t on_chunk_body_impl(uint64_t, beast::string_view data, BeastError&) override {
    chunk_left -= data.size();
    body = view_of(data);
    return data.size();
  }
  void on_finish_impl(BeastError&) override {}

  std::vector<Field>* fields_;
  bool is_head_done_ = false;
};

tl::expected<void, Failure> check_framing(const Collector& found) {
  if (found.has_encoding) {
    if (found.lengths > 0) return refuse("it has Transfer-Encoding and Content-Length");
    if (found.version < 11) return refuse("Transfer-Encoding is not for HTTP/1.0");
    if (!equal_without_case(found.encoding, "chunked")) {
      return tl::unexpected(bad_request(501, "the request's Transfer-Encoding is not supported",
                                        "it is '" + std::string(found.encoding) + "'",
                                        "send it as chunked"));
    }
  }
  if (found.lengths > 1) return refuse("it has more than one Content-Length");
  const bool is_number =
      std::ranges::all_of(found.length, [](char c) { return c >= '0' && c <= '9'; });
  if (found.lengths == 1 && !is_number) return refuse("its Content-Length is no number of bytes");
  if (found.hosts > 1) return refuse("it has more than one Host");
  if (found.hosts == 0 && found.version >= 11) return refuse("it has no Host");
  if (!found.expectation.empty() && !equal_without_case(found.expectation, "100-continue")) {
    return tl::unexpected(bad_request(417, "the request's Expect cannot be met",
                                      "it is '" + std::string(found.expectation) + "'",
                                      "100-continue is the only one"));
  }
  return {};
}

}  // namespace

/// Beast's parsers are good for one message each.
struct RequestParser::Framing {
  std::optional<Collector> collector;
};

RequestParser::RequestParser(const Peer& peer)
    : peer_(peer), framing_(std::make_unique<Framing>()) {
  begin();
}
RequestParser::~RequestParser() = default;

void RequestParser::begin() {
  request_.head_.clear();
  request_.fields_.clear();
  request_.parameters_.clear();
  request_.attachment_.reset();
  request_.method_ = request_.target_ = request_.path_ = request_.query_ = request_.host_ = {};
  request_.content_length_.reset();
  request_.expects_continue_ = request_.keeps_alive_ = false;
  request_.peer_ = &peer_;
  framing_->collector.emplace(request_.fields_);
  head_start_ = line_start_ = scanned_ = lines_ = 0;
}

tl::expected<size_t, Failure> RequestParser::read_head(base::ByteView bytes) {
  const std::string_view text = base::as_text(bytes);
  const auto is_complete = find_end(text);
  if (!is_complete) return tl::unexpected(is_complete.error());
  if (!*is_complete) return size_t{0};
  const size_t end = line_start_;
  request_.head_.assign(text.substr(head_start_, end - head_start_));
  if (auto parsed = parse_head(); !parsed) return tl::unexpected(std::move(parsed.error()));
  return end;
}

/// Looks at each line once, however many pieces it comes in; true behind the empty line.
tl::expected<bool, Failure> RequestParser::find_end(std::string_view text) {
  while (true) {
    const size_t line_feed = text.find('\n', scanned_);
    const size_t end = std::min(line_feed, text.size());
    if (lines_ == 0 && end - line_start_ > kTargetBytesMax + 64) {
      return tl::unexpected(bad_request(414, "the request's target is too long",
                                        fmt::format("at most {} bytes", kTargetBytesMax)));
    }
    if (end - head_start_ > kHeadBytesMax - 1) {
      return tl::unexpected(bad_request(431, "the request's head is too large",
                                        fmt::format("at most {} bytes", kHeadBytesMax)));
    }
    scanned_ = end;
    if (line_feed == std::string_view::npos) return false;
    if (line_feed == line_start_ || text[line_feed - 1] != '\r')
      return refuse("a line does not end with CR and LF");
    const std::string_view line = text.substr(line_start_, line_feed - 1 - line_start_);
    scanned_ = line_start_ = line_feed + 1;
    if (line.empty() && lines_ > 0) return true;
    if (line.empty()) {
      head_start_ = line_start_;
      if (head_start_ > 2 * kEmptyLinesMax) return refuse("it begins with empty lines");
      continue;
    }
    if (auto good = check_line(line); !good) return tl::unexpected(std::move(good.error()));
    ++lines_;
  }
}

/// What Beast would take.
tl::expected<void, Failure> RequestParser::check_line(std::string_view line) const {
  if (lines_ == 0) return {};
  if (lines_ > kFieldsMax) {
    return tl::unexpected(
        bad_request(431, "the request has too many fields", fmt::format("at most {}", kFieldsMax)));
  }
  if (line.front() == ' ' || line.front() == '\t')
    return refuse("a field goes on over a second line");
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse("a field has no colon");
  if (colon > 0 && (line[colon - 1] == ' ' || line[colon - 1] == '\t'))
    return refuse("there is a blank before the colon of a field");
  if (line.find('\r') != std::string_view::npos) return refuse("a CR stands alone");
  return {};
}

tl::expected<void, Failure> RequestParser::parse_head() {
  Collector& found = *framing_->collector;
  BeastError error;
  found.put(boost::asio::const_buffer(request_.head_.data(), request_.head_.size()), error);
  if (error) return refuse(cause_of(error));
  if (auto good = check_framing(found); !good) return good;
  TICKLAKE_ASSERT(found.is_header_done());
  request_.method_ = found.method;
  request_.target_ = found.target;
  request_.host_ = found.host;
  request_.version_ = found.version < 11 ? Version::kHttp10 : Version::kHttp11;
  request_.keeps_alive_ = found.keep_alive();
  if (!found.chunked()) request_.content_length_ = found.content_length().value_or(0);
  request_.expects_continue_ =
      !found.expectation.empty() && found.version >= 11 && request_.content_length_.value_or(1) > 0;
  return split_target();
}

tl::expected<void, Failure> RequestParser::split_target() {
  std::string_view rest = request_.target_;
  if (rest.size() > kTargetBytesMax) {
    return tl::unexpected(bad_request(414, "the request's target is too long",
                                      fmt::format("at most {} bytes", kTargetBytesMax)));
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_without_case(rest.substr(0, scheme.size()), scheme)) continue;
    rest.remove_prefix(scheme.size());
    const size_t end = std::min(rest.find_first_of("/?"), rest.size());
    request_.host_ = rest.substr(0, end);  // it counts, not the field (RFC 9112, 3.2.2)
    rest.remove_prefix(end);
    if (rest.empty() || rest.front() == '?') {
      request_.path_ = "/";
      request_.query_ = rest.substr(rest.empty() ? 0 : 1);
      return {};
    }
  }
  const bool is_asterisk = rest == "*" && request_.method_ == "OPTIONS";
  if (!rest.starts_with('/') && !is_asterisk) return refuse("its target does not begin with /");
  const size_t mark = rest.find('?');
  request_.path_ = rest.substr(0, mark);
  request_.query_ = mark == std::string_view::npos ? "" : rest.substr(mark + 1);
  return {};
}

tl::expected<RequestParser::Piece, Failure> RequestParser::read_body(base::ByteView bytes) {
  Collector& collector = *framing_->collector;
  Piece piece;
  collector.body = {};
  while (!collector.is_done() && collector.body.empty()) {
    const base::ByteView rest = bytes.subspan(piece.taken);
    if (rest.empty()) break;
    const bool is_at_line = collector.chunked() && collector.chunk_left == 0;
    if (is_at_line && rest.size() < kChunkLineBytesMin) break;
    BeastError error;
    piece.taken += collector.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    if (error == beast::http::error::need_more) {
      if (bytes.size() - piece.taken > kChunkLineBytesMax)
        return refuse("a chunk's line is too long");
      break;
    }
    if (error) return refuse(cause_of(error));
  }
  piece.data = base::as_bytes(collector.body);
  return piece;
}

bool RequestParser::is_body_done() const { return framing_->collector->is_done(); }

}  // namespace ticklake::http
