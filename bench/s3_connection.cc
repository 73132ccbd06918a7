#include "bench/s3_connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aws/request_view.h"

namespace ticklake::bench {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
/// Thrown away by the kernel in one call.
constexpr size_t kDiscardBytes = 4 * 1024 * 1024;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kChunksEnd = "0\r\n\r\n";

/// The value of a field of a head; empty if it is not there.
std::string_view field_of(std::string_view head, std::string_view name) {
  while (true) {
    const size_t end = head.find("\r\n");
    if (end == std::string_view::npos || end == 0) return {};
    const std::string_view line = head.substr(0, end);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos && aws::is_same_ignoring_case(line.substr(0, colon), name))
      return line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
    head.remove_prefix(end + 2);
  }
}

std::string without_chunks(std::string_view wire) {
  std::string body;
  while (true) {
    const size_t line = wire.find("\r\n");
    const size_t bytes = std::strtoull(std::string(wire.substr(0, line)).c_str(), nullptr, 16);
    if (bytes == 0) return body;
    body += wire.substr(line + 2, bytes);
    wire.remove_prefix(line + 2 + bytes + 2);
  }
}

}  // namespace

void fail(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  std::exit(1);
}

S3Connection::S3Connection(const std::string& address) : buffer_(kBufferBytes) {
  const size_t colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
  if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1)
    fail("not an address: " + address);
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    fail("cannot connect to " + address + ": " + std::strerror(errno));
}

S3Connection::S3Connection(S3Connection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}

S3Connection::~S3Connection() {
  if (socket_ >= 0) ::close(socket_);
}

void S3Connection::send(std::string_view head, std::string_view body, bool keeps_body) {
  head_ = head;
  body_ = body;
  sent_ = 0;
  keeps_body_ = keeps_body;
  has_head_ = is_chunked_ = false;
  left_ = answer_bytes_ = 0;
  answer_head_.clear();
  answer_body_.clear();
}

bool S3Connection::advance() {
  if (is_sending() && !send_more()) return false;
  return receive_more();
}

bool S3Connection::send_more() {
  while (is_sending()) {
    const std::string_view head = head_.substr(std::min(sent_, head_.size()));
    const std::string_view body = body_.substr(sent_ > head_.size() ? sent_ - head_.size() : 0);
    std::array<iovec, 2> parts{{{const_cast<char*>(head.data()), head.size()},
                                {const_cast<char*>(body.data()), body.size()}}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return false;
    if (sent < 0) fail(std::string("cannot send: ") + std::strerror(errno));
    sent_ += static_cast<size_t>(sent);
  }
  return true;
}

bool S3Connection::receive_more() {
  while (!has_head_) {
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) fail("the server closed the connection: " + answer_head_);
    answer_head_.append(buffer_.data(), static_cast<size_t>(got));
    has_head_ = take_head();
  }
  return is_chunked_ ? receive_chunks() : receive_body();
}

/// What came behind the head is the beginning of the body.
bool S3Connection::take_head() {
  const size_t end = answer_head_.find(kHeadEnd);
  if (end == std::string::npos) return false;
  answer_body_ = answer_head_.substr(end + kHeadEnd.size());
  answer_head_.resize(end + kHeadEnd.size());
  if (!answer_head_.starts_with("HTTP/1.1 2"))
    fail("the server answers " + answer_head_ + answer_body_);
  answer_bytes_ = answer_body_.size();
  const std::string length(field_of(answer_head_, "content-length"));
  is_chunked_ = field_of(answer_head_, "transfer-encoding") == "chunked";
  const uint64_t bytes = std::strtoull(length.c_str(), nullptr, 10);
  if (!is_chunked_ && answer_bytes_ > bytes) fail("the answer is longer than it said");
  left_ = bytes - answer_bytes_;
  if (is_chunked_) keeps_body_ = true;
  return true;
}

bool S3Connection::receive_body() {
  while (left_ > 0) {
    const size_t most = std::min<uint64_t>(left_, keeps_body_ ? buffer_.size() : kDiscardBytes);
    const ssize_t got = keeps_body_ ? ::recv(socket_, buffer_.data(), most, MSG_DONTWAIT)
                                    : ::recv(socket_, nullptr, most, MSG_DONTWAIT | MSG_TRUNC);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) fail("the server closed the connection within an answer");
    if (keeps_body_) answer_body_.append(buffer_.data(), static_cast<size_t>(got));
    left_ -= static_cast<size_t>(got);
    answer_bytes_ += static_cast<size_t>(got);
  }
  return true;
}

bool S3Connection::receive_chunks() {
  while (!answer_body_.ends_with(kChunksEnd)) {
    const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) fail("the server closed the connection within an answer");
    answer_body_.append(buffer_.data(), static_cast<size_t>(got));
  }
  answer_body_ = without_chunks(answer_body_);
  answer_bytes_ = answer_body_.size();
  return true;
}

}  // namespace ticklake::bench
