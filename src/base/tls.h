#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/file_system.h"
#include "base/result.h"

struct ssl_ctx_st;  // OpenSSL's, whose headers stay out of ours
struct ssl_st;

namespace ticklake::base {

/// PEM texts. A key has no password: there is nobody to type it at a restart.
struct TlsServerOptions {
  std::string certificate;  ///< the server's, and the chain behind it
  std::string key;
  /// Of those who sign clients' certificates; empty: none is asked for. Else a client without one
  /// is refused.
  std::string client_ca = {};

  bool operator==(const TlsServerOptions&) const = default;
};

struct TlsClientOptions {
  std::string ca = {};           ///< empty: those that the machine trusts
  std::string certificate = {};  ///< where the server asks for one
  std::string key = {};
  bool verifies_server = true;
  bool verifies_host = true;  ///< that the certificate is for the host that was dialled
};

/// What the TLS connections of one end share: 1.2 or later, without renegotiation or resumption,
/// so that each checks certificates. A copy is the same one; safe from any thread.
class TlsContext {
 public:
  /// kInvalidArgument says which text is no certificate or key, or that they are no pair.
  static Result<TlsContext> server(const TlsServerOptions& options);
  static Result<TlsContext> client(const TlsClientOptions& options);

 private:
  friend class TlsSession;
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}

  std::shared_ptr<ssl_ctx_st> context_;
  bool verifies_host_ = false;
};

/// One end of one TLS connection, without I/O: takes and gives the bytes of the wire and those
/// inside. After an error only take_output() is of use, for the alert that tells the peer.
class TlsSession {
 public:
  static TlsSession accept(const TlsContext& context);
  static TlsSession connect(const TlsContext& context, const std::string& host);
  TlsSession(TlsSession&&) noexcept = default;
  TlsSession& operator=(TlsSession&&) noexcept = default;

  /// What came from the peer.
  void feed(ByteView wire);
  bool has_output() const;
  /// What is to be sent to the peer.
  Bytes take_output();

  /// Goes on as far as the peer's bytes reach; true once it is done. kInvalidData if the peer does
  /// not speak TLS, or its certificate will not do.
  Result<bool> handshake();
  /// As many bytes as are there, 0 if more of the wire is needed. kUnavailable after the peer's
  /// last one.
  Result<size_t> read(std::span<std::byte> into);
  /// All of them, into the output; the handshake is done.
  Result<void> write(ByteView bytes);
  /// Tells the peer that nothing follows.
  void shut_down();

  /// The subject of the peer's certificate as RFC 2253 writes it and Java prints it: most specific
  /// first, for example "CN=alice,OU=desk,O=Example". None without a certificate.
  std::optional<std::string> peer_subject() const;

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  explicit TlsSession(const TlsContext& context);
  Error failure(const char* what) const;

  std::shared_ptr<ssl_ctx_st> context_;
  std::unique_ptr<ssl_st, Free> session_;
};

/// The text of a PEM file; at most 1 MiB.
Result<std::string> read_pem(FileSystem& files, const Path& path);

}  // namespace ticklake::base
