#include "broker/tls_transport.h"

#include <algorithm>
#include <utility>

namespace ticklake::broker {
namespace {

/// Encrypted at a time, so that a large answer does not stand twice in memory.
constexpr size_t kSliceBytes = 256 * 1024;

using Post = std::function<void(std::function<void()>)>;

/// shared_ptr: what is pending in the transport below keeps it alive.
class TlsStream : public std::enable_shared_from_this<TlsStream> {
 public:
  TlsStream(std::unique_ptr<Transport> wire, const base::TlsContext& context,
            Transport::Room wire_room, Post post)
      : wire_(std::move(wire)),
        wire_room_(std::move(wire_room)),
        post_(std::move(post)),
        session_(base::TlsSession::accept(context)) {}

  void read_some(Transport::Room room, Transport::ReadDone done);
  void write(std::vector<base::Fragment> parts, Transport::WriteDone done);
  void close();

  const Transport& wire() const { return *wire_; }
  std::optional<std::string> peer_subject() const { return session_.peer_subject(); }

 private:
  void pull();
  void read_wire();
  void pump();
  void encrypt_slice();
  base::Result<void> encrypt(const base::Fragment& slice);
  void fail_read(base::Error error);

  std::unique_ptr<Transport> wire_;
  Transport::Room wire_room_;
  Post post_;
  base::TlsSession session_;
  bool is_open_ = false;  ///< the handshake is done
  Transport::Room room_;
  Transport::ReadDone read_done_;
  /// Told to the reader once the alert about it is out.
  std::optional<base::Error> failure_;
  std::vector<base::Fragment> parts_;  ///< still to be encrypted, the last one first
  Transport::WriteDone write_done_;
  bool is_writing_ = false;
  bool is_closed_ = false;
};

void TlsStream::read_some(Transport::Room room, Transport::ReadDone done) {
  room_ = std::move(room);
  read_done_ = std::move(done);
  // Something may have been decrypted already, for which no more has to come.
  if (!is_open_) return read_wire();
  post_([self = shared_from_this()] { self->pull(); });
}

void TlsStream::read_wire() {
  wire_->read_some(wire_room_, [self = shared_from_this()](base::Result<size_t> size) {
    if (!size) return self->fail_read(std::move(size.error()));
    self->session_.feed(self->wire_room_().first(*size));
    self->pull();
  });
}

/// Gives the reader what is there, or asks the client for more.
void TlsStream::pull() {
  if (is_closed_)
    return fail_read({base::ErrorCode::kUnavailable, "the connection is closed", {}, {}, false});
  base::Result<size_t> got{0};
  if (!is_open_) {
    const auto is_done = session_.handshake();
    if (is_done) {
      is_open_ = *is_done;
    } else {
      got = base::fail(is_done.error());
    }
  }
  if (is_open_) got = session_.read(room_());
  if (!got) failure_ = std::move(got.error());
  pump();
  if (failure_) {
    if (!is_writing_) fail_read(*failure_);
    return;
  }
  if (*got == 0) return read_wire();
  room_ = nullptr;
  std::exchange(read_done_, nullptr)(*got);
}

void TlsStream::fail_read(base::Error error) {
  room_ = nullptr;
  if (const auto done = std::exchange(read_done_, nullptr)) done(base::fail(std::move(error)));
}

void TlsStream::write(std::vector<base::Fragment> parts, Transport::WriteDone done) {
  parts_ = std::move(parts);
  std::ranges::reverse(parts_);
  write_done_ = std::move(done);
  pump();
}

/// Sends what is encrypted, then encrypts more.
void TlsStream::pump() {
  if (is_writing_) return;
  if (!session_.has_output() && write_done_) encrypt_slice();
  if (!session_.has_output()) return;
  is_writing_ = true;
  const auto output = std::make_shared<base::Bytes>(session_.take_output());
  wire_->write({base::Fragment(*output)}, [self = shared_from_this(),
                                           output](base::Result<void> written) {
    self->is_writing_ = false;
    if (self->failure_) return self->fail_read(*self->failure_);
    if (!written || (self->write_done_ && self->parts_.empty() && !self->session_.has_output())) {
      // A flight of the handshake has nobody who waits for it.
      const auto done = std::exchange(self->write_done_, nullptr);
      if (done) done(std::move(written));
      return;
    }
    self->pump();
  });
}

void TlsStream::encrypt_slice() {
  size_t left = kSliceBytes;
  while (!parts_.empty() && left > 0) {
    base::Fragment& part = parts_.back();
    const size_t size = std::min(base::size_of(part), left);
    if (const auto written = encrypt(base::part_of(part, 0, size)); !written) {
      parts_.clear();
      post_([self = shared_from_this(), error = written.error()] {
        if (const auto done = std::exchange(self->write_done_, nullptr)) done(base::fail(error));
      });
      return;
    }
    left -= size;
    part = base::part_of(part, size, base::size_of(part) - size);
    if (base::size_of(part) == 0) parts_.pop_back();
  }
}

base::Result<void> TlsStream::encrypt(const base::Fragment& slice) {
  if (const auto* const view = std::get_if<base::ByteView>(&slice)) return session_.write(*view);
  const auto bytes = std::make_unique_for_overwrite<std::byte[]>(base::size_of(slice));
  const std::span<std::byte> plain(bytes.get(), base::size_of(slice));
  TICKLAKE_TRY(base::copy_to(plain, slice));
  return session_.write(plain);
}

void TlsStream::close() {
  if (is_closed_) return;
  is_closed_ = true;
  if (is_open_ && !is_writing_) {
    session_.shut_down();
    // It goes if the socket takes it at once; nobody waits for it.
    const auto output = std::make_shared<base::Bytes>(session_.take_output());
    wire_->write({base::Fragment(*output)},
                 [self = shared_from_this(), output](const base::Result<void>&) {});
  }
  wire_->close();
}

class TlsTransport final : public Transport {
 public:
  explicit TlsTransport(std::shared_ptr<TlsStream> stream) : stream_(std::move(stream)) {}

  void read_some(Room room, ReadDone done) override {
    stream_->read_some(std::move(room), std::move(done));
  }
  void write(std::vector<base::Fragment> parts, WriteDone done) override {
    stream_->write(std::move(parts), std::move(done));
  }
  void close() override { stream_->close(); }
  std::optional<Principal> principal() const override {
    auto subject = stream_->peer_subject();
    if (!subject) return std::nullopt;
    return Principal{"User", std::move(*subject)};
  }
  std::string client_host() const override { return stream_->wire().client_host(); }
  base::Endpoint local() const override { return stream_->wire().local(); }

 private:
  std::shared_ptr<TlsStream> stream_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(std::unique_ptr<Transport> wire,
                                              const base::TlsContext& context,
                                              Transport::Room wire_room, Post post) {
  return std::make_unique<TlsTransport>(
      std::make_shared<TlsStream>(std::move(wire), context, std::move(wire_room), std::move(post)));
}

}  // namespace ticklake::broker
