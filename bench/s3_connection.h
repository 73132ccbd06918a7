#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::bench {

/// A connection to an S3 server that is kept, with one request at a time, and that costs its
/// process as little as can be: it neither blocks nor, where nobody asks for them, copies bodies
/// out of the kernel. Ends the program where the server does not answer as it should.
class S3Connection {
 public:
  /// `address`: HOST:PORT of IPv4.
  explicit S3Connection(const std::string& address);
  S3Connection(S3Connection&& other) noexcept;
  S3Connection(const S3Connection&) = delete;
  S3Connection& operator=(const S3Connection&) = delete;
  S3Connection& operator=(S3Connection&&) = delete;
  ~S3Connection();

  int descriptor() const { return socket_; }
  /// Begins to send; both must live until the answer is there. `keeps_body`: of the answer.
  void send(std::string_view head, std::string_view body, bool keeps_body);
  /// Goes on as far as it can: true once the answer is there, whole and with a status of 2xx.
  bool advance();
  /// Whether it waits to send, not to receive.
  bool is_sending() const { return sent_ < head_.size() + body_.size(); }
  /// Bytes of the answer's body.
  uint64_t answer_bytes() const { return answer_bytes_; }
  /// That body, if it is kept.
  const std::string& answer_body() const { return answer_body_; }

 private:
  bool send_more();
  bool receive_more();
  bool take_head();
  bool receive_body();
  bool receive_chunks();

  int socket_ = -1;
  std::string_view head_, body_;  ///< what is sent
  size_t sent_ = 0;
  bool keeps_body_ = false;
  bool has_head_ = false;  ///< of the answer
  bool is_chunked_ = false;
  uint64_t left_ = 0;  ///< of the answer's body
  uint64_t answer_bytes_ = 0;
  std::string answer_head_, answer_body_;
  std::vector<char> buffer_;
};

/// Says why on stderr and ends the program.
[[noreturn]] void fail(const std::string& what);

}  // namespace ticklake::bench
