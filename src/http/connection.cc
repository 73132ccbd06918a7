#include "http/connection.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "http/response_head.h"

namespace ticklake::http {
namespace {

/// Read at once of a body that is at least so large.
constexpr size_t kBodyBufferBytes = 128 * 1024;
/// What a client has to send of a body within request_time_max.
constexpr uint64_t kBodyStepBytes = 64 * 1024;
/// What a client has to take of an answer within write_time_max.
constexpr size_t kSliceBytes = 512 * 1024;
/// A file up to here is read and goes out with its head in one call of the system.
constexpr size_t kSmallFileBytes = 32 * 1024;
/// Rest of a body that is read for the sake of the connection, when nobody wants it.
constexpr uint64_t kDrainBytesMax = 256 * 1024;
/// For clients who still send when the answer has ended: closing with unread bytes would reset the
/// connection, and they would not see the answer.
constexpr std::chrono::milliseconds kLingerTime{2'000};

base::ByteView view_of(const std::string& text) { return base::as_bytes(text); }

base::Error client_is_gone() {
  return {base::ErrorCode::kUnavailable, "the client is gone", {}, {}, false};
}

Failure internal_error(std::string cause) {
  return {500, {base::ErrorCode::kIo, "the request failed", std::move(cause), {}, true}};
}

std::string reason_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception without a text";
  }
}

}  // namespace

/// Frames what a BodyStream writes.
class Connection::Writer final : public BodyWriter {
 public:
  Writer(Connection& connection, bool is_chunked, std::optional<uint64_t> length)
      : connection_(connection), is_chunked_(is_chunked), left_(length) {}

  Task<base::Result<void>> write(base::Fragment part) override {
    const size_t size = base::size_of(part);
    if (left_ && size > *left_) {
      co_return base::fail(base::ErrorCode::kInvalidArgument, "a body is longer than it said");
    }
    if (left_) *left_ -= size;
    for (size_t from = 0; from < size; from += kSliceBytes) {
      const base::Fragment slice = base::part_of(part, from, std::min(kSliceBytes, size - from));
      TICKLAKE_CO_TRY(co_await write_slice(slice));
    }
    co_return base::Result<void>();
  }

  /// All was written that was promised.
  bool is_complete() const { return left_.value_or(0) == 0; }

 private:
  Task<base::Result<void>> write_slice(base::Fragment slice) {
    if (!is_chunked_) {
      const std::array<base::Fragment, 1> parts{slice};
      co_return co_await connection_.write_parts(parts);
    }
    const std::string line = fmt::format("{:x}\r\n", base::size_of(slice));
    const std::array<base::Fragment, 3> parts{view_of(line), slice, base::as_bytes("\r\n")};
    co_return co_await connection_.write_parts(parts);
  }

  Connection& connection_;
  bool is_chunked_;
  std::optional<uint64_t> left_;
};

Connection::Connection(Transport& transport, const Site& site, Runtime& runtime)
    : transport_(transport),
      site_(site),
      runtime_(runtime),
      peer_(transport.peer()),
      parser_(peer_) {}

Task<void> Connection::run() {
  while (keeps_alive_) {
    // Not in the condition: g++ 12 awaits the right side of && also when the left one is false.
    if (!co_await read_head()) break;
    Response response = co_await respond();
    co_await send(std::move(response));
    if (keeps_alive_) co_await drain();
  }
  if (!is_broken_) co_await linger();
}

Task<void> Connection::refuse() {
  keeps_alive_ = false;
  // Named: g++ 12 destroys twice what stands in braces within the call that is awaited.
  const Failure failure{
      503,
      {base::ErrorCode::kUnavailable, "too many connections",
       fmt::format("{} are open", site_.limits.connections_max), "try again later", true}};
  co_await send(answer_failure(failure));
  if (!is_broken_) co_await linger();
}

/// False when there is no request to be answered; what could not be read was answered.
Task<bool> Connection::read_head() {
  input_.take(std::exchange(piece_bytes_, 0));
  input_.rest();
  parser_.begin();
  has_request_ = must_continue_ = false;
  stop_source_.reset();
  begin_wait(Phase::kIdle, site_.limits.idle_time_max);
  while (true) {
    if (!input_.empty()) {
      if (phase_ == Phase::kIdle) begin_wait(Phase::kHead, site_.limits.request_time_max);
      const auto size = parser_.read_head(input_.view());
      if (!size) {
        co_await send(answer_failure(size.error()));
        co_return false;
      }
      if (*size > 0) {
        input_.take(*size);
        break;
      }
    } else if (is_stopping_) {
      co_return false;
    }
    const auto got = co_await read_more(std::min(2 * input_.view().size(), 2 * kHeadBytesMax));
    if (got && *got > 0) continue;
    if (is_late_ && phase_ == Phase::kHead) {
      const Failure late = bad_request(408, "the request did not come to its end in time");
      co_await send(answer_failure(late));
    } else if (!got && !is_late_) {
      is_broken_ = true;
    }
    co_return false;
  }
  begin_body();
  co_return true;
}

void Connection::begin_body() {
  end_wait();
  if (peer_.is_encrypted && !is_peer_known_) peer_ = transport_.peer();
  is_peer_known_ = true;
  has_request_ = true;
  must_continue_ = parser_.request().expects_continue();
  body_bytes_ = 0;
  body_bytes_max_ = UINT64_MAX;
  body_step_end_ = kBodyStepBytes;
  body_time_left_ = site_.limits.request_time_max;
}

/// Not yet sent: an answer is a value until all that can refuse it was asked.
Task<Response> Connection::respond() {
  std::optional<Response> response;
  std::exception_ptr thrown;
  try {
    Response answered = co_await route();
    response.emplace(std::move(answered));
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) {
    const std::string reason = reason_of(thrown);
    runtime_.logger().error("a handler failed: {}", reason);
    co_return answer_failure(internal_error(reason));
  }
  if (failure_) co_return answer_failure(*failure_);
  co_return std::move(*response);
}

Task<Response> Connection::route() {
  Request& request = parser_.request();
  if (auto refused = site_.policy(request)) co_return std::move(*refused);
  const auto found = site_.router.find(request);
  if (!found) {
    Response response = answer_failure(found.error());
    if (response.status == 405)
      response.fields.add("Allow", site_.router.allowed_methods(request.raw_path()));
    co_return response;
  }
  const Route& route = **found;
  if (auto refused = route.policy(request)) co_return std::move(*refused);
  body_bytes_max_ = route.body_bytes_max;
  if (request.content_length().value_or(0) > body_bytes_max_)
    co_return answer_failure(body_too_large());
  if (const auto* const plain = std::get_if<0>(&route.handler)) co_return (*plain)(request);
  co_return co_await std::get<1>(route.handler)(*this);
}

Failure Connection::body_too_large() const {
  return bad_request(413, "the request's body is too large",
                     fmt::format("at most {} bytes", body_bytes_max_));
}

const Request& Connection::request() const { return parser_.request(); }

Task<base::Result<base::ByteView>> Connection::read_body() {
  input_.take(std::exchange(piece_bytes_, 0));
  while (!failure_) {
    const auto piece = parser_.read_body(input_.view());
    if (!piece) {
      failure_ = piece.error();
      break;
    }
    if (!piece->data.empty()) {
      body_bytes_ += piece->data.size();
      piece_bytes_ = piece->taken;
      if (body_bytes_ <= body_bytes_max_) co_return piece->data;
      failure_ = body_too_large();
      break;
    }
    input_.take(piece->taken);
    if (parser_.is_body_done()) co_return base::ByteView{};
    if (std::exchange(must_continue_, false) && input_.empty()) {
      TICKLAKE_CO_TRY(co_await tell_to_continue());
    }
    co_await wait_for_body();
  }
  co_return base::fail(failure_->error);
}

/// Until there is more of it, or a failure.
Task<void> Connection::wait_for_body() {
  if (body_bytes_ >= body_step_end_) {
    body_step_end_ = body_bytes_ + kBodyStepBytes;
    body_time_left_ = site_.limits.request_time_max;
  }
  const base::MonotonicTime begin = runtime_.now();
  begin_wait(Phase::kBody, body_time_left_);
  const uint64_t length = parser_.request().content_length().value_or(kBodyBufferBytes);
  const auto got = co_await read_more(std::min<uint64_t>(length, kBodyBufferBytes));
  const bool is_late = is_late_;
  end_wait();
  body_time_left_ -= std::chrono::duration_cast<std::chrono::milliseconds>(runtime_.now() - begin);
  if (got && *got > 0) co_return;
  if (is_late) {
    failure_ = bad_request(408, "the request's body did not come in time");
  } else {
    has_left_ = true;
    is_broken_ = is_broken_ || !got;
    failure_ = bad_request(
        400, "the request's body is incomplete",
        fmt::format("the client closed the connection after {} bytes of it", body_bytes_));
  }
}

Task<base::Result<void>> Connection::tell_to_continue() {
  const std::array<base::Fragment, 1> parts{base::as_bytes("HTTP/1.1 100 Continue\r\n\r\n")};
  co_return co_await write_parts(parts);
}

std::stop_token Connection::stop_token() {
  if (!stop_source_) stop_source_.emplace();
  if (is_stopping_ || has_left_ || is_broken_) stop_source_->request_stop();
  return stop_source_->get_token();
}

void Connection::request_stop() {
  if (stop_source_) stop_source_->request_stop();
}

Task<bool> Connection::sleep(std::chrono::milliseconds duration, std::stop_token woken) {
  const std::stop_token stop = stop_token();
  std::stop_source either;
  const auto wake = [&either] { either.request_stop(); };
  const std::stop_callback on_stop(stop, wake);
  const std::stop_callback on_woken(std::move(woken), wake);
  std::stop_token ended = either.get_token();
  co_await runtime_.sleep(duration, std::move(ended));
  co_return !stop.stop_requested();
}

Task<void> Connection::run_beside(std::function<void()>& work) {
  co_await runtime_.run_beside(work);
}

Response Connection::answer_failure(const Failure& failure) {
  return site_.answer_failure(failure, has_request_ ? &parser_.request() : nullptr);
}

bool Connection::may_keep_alive(const Response& response) const {
  if (response.closes || is_stopping_ || has_left_ || failure_ || !has_request_) return false;
  if (!keeps_alive_ || !parser_.request().keeps_alive()) return false;
  if (parser_.is_body_done()) return true;
  // Whether the client sends its body after this answer is its choice, and nobody can tell that
  // body from the next request.
  if (must_continue_) return false;
  const auto length = parser_.request().content_length();
  return !length || *length - body_bytes_ <= kDrainBytesMax;
}

Task<void> Connection::send(Response response) {
  end_wait();
  const Request* const request = has_request_ ? &parser_.request() : nullptr;
  const bool is_head = request && request->method() == "HEAD";
  if (!is_head && !read_small_file(response)) {
    response = answer_failure(internal_error("the file of the answer cannot be read"));
  }
  if (site_.complete) site_.complete(request, response);
  const Version version = request ? request->version() : Version::kHttp11;
  const BodyFraming framing = framing_of(response, version);
  keeps_alive_ = may_keep_alive(response) && framing != BodyFraming::kUntilClose;
  output_.clear();
  append_head(response, framing, version, keeps_alive_, runtime_.date(), output_);
  base::Result<void> sent;
  if (is_head || framing == BodyFraming::kNone) {
    const std::array<base::Fragment, 1> parts{view_of(output_)};
    sent = co_await write_parts(parts);
  } else {
    sent = co_await write_body(response, framing == BodyFraming::kChunked);
  }
  if (!sent) {
    is_broken_ = true;
    keeps_alive_ = false;
  }
}

/// Puts the bytes in the place of a small file; false if that cannot be done.
bool Connection::read_small_file(Response& response) {
  const auto* const region = std::get_if<base::FileRegion>(&response.body);
  if (!region || region->size > kSmallFileBytes) return true;
  small_body_.resize(region->size);
  const std::span<std::byte> into(reinterpret_cast<std::byte*>(small_body_.data()), region->size);
  if (const auto copied = base::copy_to(into, *region); !copied) {
    runtime_.logger().error("an answer failed: {}", base::to_line(copied.error()));
    return false;
  }
  response.body = view_of(small_body_);
  return true;
}

Task<base::Result<void>> Connection::write_body(Response& response, bool is_chunked) {
  if (auto* const stream = std::get_if<BodyStream>(&response.body))
    co_return co_await write_stream(*stream, is_chunked);
  base::Fragment body;
  if (const auto* const text = std::get_if<std::string>(&response.body)) body = view_of(*text);
  if (const auto* const view = std::get_if<base::ByteView>(&response.body)) body = *view;
  if (const auto* const region = std::get_if<base::FileRegion>(&response.body)) body = *region;
  const size_t size = base::size_of(body);
  size_t sent = std::min(kSliceBytes, size);
  const std::array<base::Fragment, 2> first{view_of(output_), base::part_of(body, 0, sent)};
  TICKLAKE_CO_TRY(co_await write_parts(first));
  while (sent < size) {
    const size_t step = std::min(kSliceBytes, size - sent);
    const std::array<base::Fragment, 1> next{base::part_of(body, sent, step)};
    TICKLAKE_CO_TRY(co_await write_parts(next));
    sent += step;
  }
  co_return base::Result<void>();
}

Task<base::Result<void>> Connection::write_stream(BodyStream& stream, bool is_chunked) {
  // The client may wait for the head alone, as of a stream of events.
  const std::array<base::Fragment, 1> head{view_of(output_)};
  TICKLAKE_CO_TRY(co_await write_parts(head));
  Writer writer(*this, is_chunked, stream.length);
  std::exception_ptr thrown;
  base::Result<void> written;
  try {
    written = co_await stream.write(writer);
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown) written = base::fail(base::ErrorCode::kIo, "an answer failed", reason_of(thrown));
  if (written && !writer.is_complete())
    written = base::fail(base::ErrorCode::kInvalidArgument, "a body is shorter than it said");
  if (!written) {
    if (!is_broken_) runtime_.logger().warn("cut off: {}", base::to_line(written.error()));
    co_return written;
  }
  if (!is_chunked) co_return base::Result<void>();
  const std::array<base::Fragment, 1> end{base::as_bytes("0\r\n\r\n")};
  co_return co_await write_parts(end);
}

Task<base::Result<void>> Connection::write_parts(std::span<const base::Fragment> parts) {
  if (is_broken_) co_return base::fail(client_is_gone());
  begin_wait(Phase::kWrite, site_.limits.write_time_max);
  auto written = co_await transport_.write(parts);
  end_wait();
  if (!written) is_broken_ = true;
  co_return written;
}

Task<base::Result<size_t>> Connection::read_more(size_t size) {
  if (is_broken_) co_return base::fail(client_is_gone());
  const auto got = co_await transport_.read_some(input_.room(size));
  if (got) input_.fill(*got);
  co_return got;
}

/// Reads what is left of the body, so that the next request can be read.
Task<void> Connection::drain() {
  body_bytes_max_ = body_bytes_ + kDrainBytesMax;
  while (keeps_alive_) {
    const auto piece = co_await read_body();
    if (piece && piece->empty()) co_return;
    if (!piece) keeps_alive_ = false;
  }
}

Task<void> Connection::linger() {
  begin_wait(Phase::kLinger, kLingerTime);
  co_await transport_.shut_down();
  input_.take(input_.view().size());
  while (!is_late_ && !is_stopping_) {
    const auto got = co_await transport_.read_some(input_.room(InputBuffer::kRestingBytes));
    if (!got || *got == 0) break;
  }
  end_wait();
}

void Connection::begin_wait(Phase phase, std::chrono::milliseconds time_max) {
  phase_ = phase;
  is_late_ = false;
  deadline_ = runtime_.now() + time_max;
}

void Connection::end_wait() {
  phase_ = Phase::kHandler;
  deadline_.reset();
}

void Connection::look_after(base::MonotonicTime now) {
  if (deadline_ && now >= *deadline_) {
    is_late_ = true;
    deadline_.reset();
    transport_.cancel();
  } else if (phase_ == Phase::kHandler && stop_source_ && !has_left_ &&
             transport_.has_client_left()) {
    has_left_ = true;
    request_stop();
  }
}

void Connection::stop() {
  is_stopping_ = true;
  request_stop();
  if (phase_ == Phase::kIdle || phase_ == Phase::kLinger) transport_.cancel();
}

void Connection::abort() {
  is_broken_ = true;
  stop();
  transport_.cancel();
}

}  // namespace ticklake::http
