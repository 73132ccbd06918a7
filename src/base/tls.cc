#include "base/tls.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/assert.h"
#include "base/tls_name.h"

namespace ticklake::base {
namespace {

constexpr uint64_t kPemBytesMax = uint64_t{1} << 20;

template <auto free>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Context = std::shared_ptr<SSL_CTX>;

Bio reader_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// OpenSSL's own words for what went wrong last.
std::string last_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason ? reason : "unknown";
}

tl::unexpected<Error> unusable(std::string what, std::string cause, std::string advice) {
  ERR_clear_error();
  return fail(ErrorCode::kInvalidArgument, std::move(what), std::move(cause), std::move(advice));
}

/// Never asks at the terminal, which OpenSSL would do by itself.
int no_password(char*, int, int, void*) { return -1; }

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method), SSL_CTX_free);
  TICKLAKE_ASSERT(context);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                         SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

Result<void> use_certificate(SSL_CTX* context, const std::string& text) {
  const Bio bio = reader_of(text);
  const Certificate own(PEM_read_bio_X509_AUX(bio.get(), nullptr, no_password, nullptr));
  if (!own) {
    return unusable("the TLS certificate cannot be read", last_reason(),
                    "give a PEM file: -----BEGIN CERTIFICATE-----");
  }
  if (SSL_CTX_use_certificate(context, own.get()) != 1) {
    return unusable("the TLS certificate cannot be used", last_reason(),
                    "a key of 2048 bits or more, or an elliptic curve, is needed");
  }
  SSL_CTX_clear_chain_certs(context);
  while (X509* const next = PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)) {
    SSL_CTX_add0_chain_cert(context, next);  // which owns it now
  }
  ERR_clear_error();
  return {};
}

Result<void> use_key(SSL_CTX* context, const std::string& text) {
  const Bio bio = reader_of(text);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) {
    return unusable("the TLS key cannot be read", last_reason(),
                    "give a PEM file without a password: openssl pkey -in KEY -out PLAIN");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return unusable("the TLS key is not that of the certificate", last_reason(),
                    "give the key that the certificate was made for");
  }
  return {};
}

/// Trusts the certificates in `text`; tells clients their names if `tells_names`.
Result<void> trust(SSL_CTX* context, const std::string& text, bool tells_names) {
  const Bio bio = reader_of(text);
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (const Certificate one{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
    X509_STORE_add_cert(store, one.get());
    if (tells_names) SSL_CTX_add_client_CA(context, one.get());
    ++count;
  }
  ERR_clear_error();
  if (count > 0) return {};
  return unusable("the CA certificates cannot be read", "there is none in the file",
                  "give a PEM file: -----BEGIN CERTIFICATE-----");
}

}  // namespace

Result<TlsContext> TlsContext::server(const TlsServerOptions& options) {
  Context context = make_context(TLS_server_method());
  TICKLAKE_TRY(use_certificate(context.get(), options.certificate));
  TICKLAKE_TRY(use_key(context.get(), options.key));
  if (!options.client_ca.empty()) {
    TICKLAKE_TRY(trust(context.get(), options.client_ca, true));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return TlsContext(std::move(context));
}

Result<TlsContext> TlsContext::client(const TlsClientOptions& options) {
  Context context = make_context(TLS_client_method());
  if (options.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    TICKLAKE_TRY(trust(context.get(), options.ca, false));
  }
  if (!options.certificate.empty()) {
    TICKLAKE_TRY(use_certificate(context.get(), options.certificate));
    TICKLAKE_TRY(use_key(context.get(), options.key));
  }
  SSL_CTX_set_verify(context.get(), options.verifies_server ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                     nullptr);
  TlsContext made(std::move(context));
  made.verifies_host_ = options.verifies_server && options.verifies_host;
  return made;
}

void TlsSession::Free::operator()(ssl_st* session) const { SSL_free(session); }

TlsSession::TlsSession(const TlsContext& context)
    : context_(context.context_), session_(SSL_new(context_.get())) {
  TICKLAKE_ASSERT(session_);
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  TICKLAKE_ASSERT(in && out);
  BIO_set_mem_eof_return(in, -1);  // an empty buffer is no end
  SSL_set_bio(session_.get(), in, out);
}

TlsSession TlsSession::accept(const TlsContext& context) {
  TlsSession session(context);
  SSL_set_accept_state(session.session_.get());
  return session;
}

TlsSession TlsSession::connect(const TlsContext& context, const std::string& host) {
  TlsSession session(context);
  SSL* const ssl = session.session_.get();
  SSL_set_connect_state(ssl);
  X509_VERIFY_PARAM* const checks = SSL_get0_param(ssl);
  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) == 1;
  if (!is_address) {
    ERR_clear_error();
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
    if (context.verifies_host_) SSL_set1_host(ssl, host.c_str());
  } else if (!context.verifies_host_) {
    X509_VERIFY_PARAM_set1_ip(checks, nullptr, 0);
  }
  return session;
}

void TlsSession::feed(ByteView wire) {
  BIO* const in = SSL_get_rbio(session_.get());
  const int taken = BIO_write(in, wire.data(), static_cast<int>(wire.size()));
  TICKLAKE_ASSERT(wire.empty() || taken == static_cast<int>(wire.size()));
}

bool TlsSession::has_output() const { return BIO_ctrl_pending(SSL_get_wbio(session_.get())) > 0; }

Bytes TlsSession::take_output() {
  BIO* const out = SSL_get_wbio(session_.get());
  Bytes wire(BIO_ctrl_pending(out));
  if (!wire.empty()) BIO_read(out, wire.data(), static_cast<int>(wire.size()));
  return wire;
}

Error TlsSession::failure(const char* what) const {
  const long verdict = SSL_get_verify_result(session_.get());
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const bool is_no_tls =
      reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
      reason == SSL_R_HTTPS_PROXY_REQUEST || reason == SSL_R_UNEXPECTED_MESSAGE ||
      reason == SSL_R_RECORD_LENGTH_MISMATCH || reason == SSL_R_PACKET_LENGTH_TOO_LONG;
  std::string cause = last_reason();
  if (is_no_tls) cause = "the other side does not speak TLS (" + cause + ")";
  if (verdict != X509_V_OK) cause = X509_verify_cert_error_string(verdict);
  return {ErrorCode::kInvalidData, what, std::move(cause), {}, false};
}

Result<bool> TlsSession::handshake() {
  ERR_clear_error();
  const int status = SSL_do_handshake(session_.get());
  if (status == 1) return true;
  const int error = SSL_get_error(session_.get(), status);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return false;
  return fail(failure("the TLS handshake failed"));
}

Result<size_t> TlsSession::read(std::span<std::byte> into) {
  ERR_clear_error();
  const int size = static_cast<int>(std::min<size_t>(into.size(), 1 << 30));
  const int got = SSL_read(session_.get(), into.data(), size);
  if (got > 0) return static_cast<size_t>(got);
  switch (SSL_get_error(session_.get(), got)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return size_t{0};
    case SSL_ERROR_ZERO_RETURN:
      return fail(ErrorCode::kUnavailable, "the other side closed the TLS connection");
    default: return fail(failure("the TLS connection broke"));
  }
}

Result<void> TlsSession::write(ByteView bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const int size = static_cast<int>(std::min<size_t>(bytes.size(), 1 << 30));
    const int written = SSL_write(session_.get(), bytes.data(), size);
    if (written <= 0) return fail(failure("the TLS connection broke"));
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

void TlsSession::shut_down() {
  ERR_clear_error();
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

std::optional<std::string> TlsSession::peer_subject() const {
  const X509* const certificate = SSL_get0_peer_certificate(session_.get());
  if (!certificate) return std::nullopt;
  return to_rfc2253(X509_get_subject_name(certificate));
}

Result<std::string> read_pem(FileSystem& files, const Path& path) {
  return read_text(files, path, kPemBytesMax);
}

}  // namespace ticklake::base
