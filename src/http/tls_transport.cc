#include "http/tls_transport.h"

#include <algorithm>
#include <array>
#include <vector>

namespace ticklake::http {
namespace {

/// Read of the wire at once; two records.
constexpr size_t kWireBytes = 32 * 1024;
/// Encrypted at once, so that a large answer does not stand in memory twice.
constexpr size_t kSliceBytes = 128 * 1024;
/// Smaller parts are put together, so that a head and a small body are one record.
constexpr size_t kSmallBytes = 16 * 1024;

class TlsTransport final : public Transport {
 public:
  TlsTransport(std::unique_ptr<Transport> wire, const base::TlsContext& context)
      : wire_(std::move(wire)), session_(base::TlsSession::accept(context)), room_(kWireBytes) {}

  Task<base::Result<size_t>> read_some(std::span<std::byte> into) override;
  Task<base::Result<void>> write(std::span<const base::Fragment> parts) override;
  void cancel() override { wire_->cancel(); }
  Task<void> shut_down() override;
  bool has_client_left() override { return wire_->has_client_left(); }
  Peer peer() const override {
    Peer peer = wire_->peer();
    peer.is_encrypted = true;
    if (is_open_) peer.certificate_subject = session_.peer_subject();
    return peer;
  }

 private:
  base::Result<size_t> decrypt(std::span<std::byte> into);
  Task<base::Result<void>> send_output();
  Task<base::Result<void>> send_plain();

  std::unique_ptr<Transport> wire_;
  base::TlsSession session_;
  std::vector<std::byte> room_;
  std::vector<std::byte> plain_;  ///< small parts that wait to be encrypted
  bool is_open_ = false;          ///< the handshake is done
};

/// What is there already: 0 if more of the wire is needed.
base::Result<size_t> TlsTransport::decrypt(std::span<std::byte> into) {
  if (!is_open_) {
    TICKLAKE_ASSIGN(is_open_, session_.handshake());
    if (!is_open_) return size_t{0};
  }
  return session_.read(into);
}

Task<base::Result<size_t>> TlsTransport::read_some(std::span<std::byte> into) {
  while (true) {
    auto got = decrypt(into);
    // Flights of the handshake, and the alert that says what is wrong.
    TICKLAKE_CO_TRY(co_await send_output());
    if (!got && got.error().code == base::ErrorCode::kUnavailable) co_return size_t{0};
    if (!got || *got > 0) co_return got;
    TICKLAKE_CO_ASSIGN(const size_t size, co_await wire_->read_some(room_));
    if (size == 0) co_return size_t{0};
    session_.feed(std::span(room_).first(size));
  }
}

Task<base::Result<void>> TlsTransport::write(std::span<const base::Fragment> parts) {
  for (const base::Fragment& part : parts) {
    const size_t size = base::size_of(part);
    for (size_t from = 0; from < size;) {
      const size_t step = std::min(kSliceBytes, size - from);
      const auto* const view = std::get_if<base::ByteView>(&part);
      if (view && step >= kSmallBytes) {
        TICKLAKE_CO_TRY(co_await send_plain());
        TICKLAKE_CO_TRY(session_.write(view->subspan(from, step)));
        TICKLAKE_CO_TRY(co_await send_output());
      } else {
        const size_t end = plain_.size();
        plain_.resize(end + step);
        TICKLAKE_CO_TRY(
            base::copy_to(std::span(plain_).subspan(end), base::part_of(part, from, step)));
        if (plain_.size() >= kSmallBytes) TICKLAKE_CO_TRY(co_await send_plain());
      }
      from += step;
    }
  }
  co_return co_await send_plain();
}

Task<base::Result<void>> TlsTransport::send_plain() {
  if (plain_.empty()) co_return base::Result<void>();
  const auto encrypted = session_.write(plain_);
  plain_.clear();
  TICKLAKE_CO_TRY(encrypted);
  co_return co_await send_output();
}

Task<base::Result<void>> TlsTransport::send_output() {
  if (!session_.has_output()) co_return base::Result<void>();
  const base::Bytes output = session_.take_output();
  const std::array<base::Fragment, 1> parts{base::ByteView(output)};
  co_return co_await wire_->write(parts);
}

Task<void> TlsTransport::shut_down() {
  if (is_open_) {
    session_.shut_down();
    const auto ignored = co_await send_output();  // the client may be gone already
  }
  co_await wire_->shut_down();
}

}  // namespace

std::unique_ptr<Transport> make_tls_transport(std::unique_ptr<Transport> wire,
                                              const base::TlsContext& context) {
  return std::make_unique<TlsTransport>(std::move(wire), context);
}

}  // namespace ticklake::http
