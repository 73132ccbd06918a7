#include "base/tls.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/tls_name.h"

namespace ticklake::base {
namespace {

using NameParts = std::vector<std::pair<const char*, const char*>>;

/// A certificate that signs itself, and its key, as PEM.
class SelfSigned {
 public:
  explicit SelfSigned(const NameParts& name) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    for (const auto& [type, value] : name) {
      X509_NAME_add_entry_by_txt(subject, type, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(value), -1, -1, 0);
    }
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    X509_EXTENSION* const names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
    subject_ = to_rfc2253(subject);
    certificate_ = pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
    key_ = pem([&](BIO* bio) {
      return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  const std::string& certificate() const { return certificate_; }
  const std::string& key() const { return key_; }
  const std::string& subject() const { return subject_; }

 private:
  template <typename Write>
  static std::string pem(const Write& write) {
    BIO* const bio = BIO_new(BIO_s_mem());
    EXPECT_EQ(write(bio), 1);
    std::string text(BIO_ctrl_pending(bio), '\0');
    BIO_read(bio, text.data(), static_cast<int>(text.size()));
    BIO_free(bio);
    return text;
  }

  std::string certificate_, key_, subject_;
};

const NameParts kBroker{{"CN", "broker"}};

/// Carries what both say to the other until neither says more; true if both are through.
Result<bool> shake(TlsSession& client, TlsSession& server) {
  bool is_done = false;
  for (int round = 0; round < 10; ++round) {
    const auto ours = client.handshake();
    server.feed(client.take_output());
    const auto theirs = server.handshake();
    client.feed(server.take_output());
    if (!ours) return fail(ours.error());
    if (!theirs) return fail(theirs.error());
    is_done = *ours && *theirs;
  }
  return is_done;
}

std::string read_all(TlsSession& session) {
  std::array<std::byte, 100> room{};
  std::string text;
  for (auto size = session.read(room); size && *size > 0; size = session.read(room))
    text += as_text(ByteView(room).first(*size));
  return text;
}

TEST(Tls, carries_bytes_both_ways) {
  const SelfSigned pair(kBroker);
  const auto server_context = TlsContext::server({pair.certificate(), pair.key()});
  const auto client_context = TlsContext::client({.ca = pair.certificate()});
  ASSERT_TRUE(server_context && client_context);
  TlsSession server = TlsSession::accept(*server_context);
  TlsSession client = TlsSession::connect(*client_context, "127.0.0.1");
  const auto is_done = shake(client, server);
  ASSERT_TRUE(is_done) << to_text(is_done.error());
  EXPECT_TRUE(*is_done);
  EXPECT_FALSE(server.peer_subject());
  EXPECT_EQ(client.peer_subject(), "CN=broker");

  const std::string text(100'000, 'x');
  ASSERT_TRUE(client.write(as_bytes(text)));
  const Bytes wire = client.take_output();
  EXPECT_GT(wire.size(), text.size());
  server.feed(ByteView(wire).first(1000));
  EXPECT_EQ(read_all(server), "");  // no record is whole yet
  server.feed(ByteView(wire).subspan(1000));
  EXPECT_EQ(read_all(server), text);

  server.shut_down();
  client.feed(server.take_output());
  std::array<std::byte, 1> room{};
  EXPECT_EQ(client.read(room).error().code, ErrorCode::kUnavailable);
}

TEST(Tls, a_client_trusts_only_his_authority_and_the_host_that_he_dialled) {
  const SelfSigned pair(kBroker), other(kBroker);
  const auto server_context = TlsContext::server({pair.certificate(), pair.key()});
  const auto outcome = [&](const TlsClientOptions& options, const char* host) {
    const auto context = TlsContext::client(options);
    TlsSession client = TlsSession::connect(*context, host);
    TlsSession server = TlsSession::accept(*server_context);
    return shake(client, server);
  };
  EXPECT_TRUE(outcome({.ca = pair.certificate()}, "localhost"));
  EXPECT_FALSE(outcome({.ca = other.certificate()}, "localhost"));
  EXPECT_FALSE(outcome({}, "localhost"));
  EXPECT_FALSE(outcome({.ca = pair.certificate()}, "example.com"));
  EXPECT_FALSE(outcome({.ca = pair.certificate()}, "127.0.0.2"));
  EXPECT_TRUE(outcome({.ca = pair.certificate(), .verifies_host = false}, "example.com"));
  EXPECT_TRUE(outcome({.verifies_server = false}, "example.com"));
}

TEST(Tls, a_server_that_asks_for_certificates_learns_the_client) {
  const SelfSigned broker(kBroker), alice(NameParts{{"C", "DE"}, {"O", "desk"}, {"CN", "alice"}}),
      forger(NameParts{{"CN", "alice"}});
  const auto server_context = TlsContext::server(
      {.certificate = broker.certificate(), .key = broker.key(), .client_ca = alice.certificate()});
  const auto shake_as = [&](const SelfSigned* who, TlsSession& server) {
    TlsClientOptions options{.ca = broker.certificate()};
    if (who) options.certificate = who->certificate();
    if (who) options.key = who->key();
    const auto context = TlsContext::client(options);
    TlsSession client = TlsSession::connect(*context, "localhost");
    return shake(client, server);
  };
  TlsSession known = TlsSession::accept(*server_context);
  EXPECT_TRUE(shake_as(&alice, known));
  EXPECT_EQ(known.peer_subject(), "CN=alice,O=desk,C=DE");
  TlsSession unknown = TlsSession::accept(*server_context);
  EXPECT_FALSE(shake_as(nullptr, unknown));
  TlsSession forged = TlsSession::accept(*server_context);
  EXPECT_FALSE(shake_as(&forger, forged));
}

TEST(Tls, what_is_no_tls_is_said_to_be_none) {
  const SelfSigned pair(kBroker);
  const auto context = TlsContext::server({pair.certificate(), pair.key()});
  TlsSession server = TlsSession::accept(*context);
  server.feed(as_bytes(std::string_view("\0\0\0\x14\0\x12\0\3\0\0\0\1\0\4test", 18)));
  const auto shaken = server.handshake();
  ASSERT_FALSE(shaken);
  EXPECT_EQ(shaken.error().code, ErrorCode::kInvalidData);
  EXPECT_NE(shaken.error().cause.find("does not speak TLS"), std::string::npos)
      << shaken.error().cause;
}

TEST(TlsContext, says_what_does_not_fit) {
  const SelfSigned one(kBroker), other(kBroker);
  const auto what = [](const TlsServerOptions& options) {
    const auto context = TlsContext::server(options);
    return context ? "" : context.error().what;
  };
  EXPECT_EQ(what({one.certificate(), one.key()}), "");
  EXPECT_EQ(what({one.certificate(), other.key()}), "the TLS key is not that of the certificate");
  EXPECT_EQ(what({one.key(), one.key()}), "the TLS certificate cannot be read");
  EXPECT_EQ(what({one.certificate(), one.certificate()}), "the TLS key cannot be read");
  EXPECT_EQ(what({one.certificate(), one.key(), "nothing"}), "the CA certificates cannot be read");
}

TEST(TlsName, is_that_of_java) {
  EXPECT_EQ(SelfSigned({{"C", "DE"}, {"O", "Böhm, \"Söhne\" + Co"}, {"CN", " alice"}}).subject(),
            R"(CN=\ alice,O=Böhm\, \"Söhne\" \+ Co,C=DE)");
  // Attributes that RFC 2253 does not name: number and DER.
  EXPECT_EQ(SelfSigned({{"CN", "a"}, {"emailAddress", "a@b"}}).subject(),
            "1.2.840.113549.1.9.1=#1603614062,CN=a");
}

}  // namespace
}  // namespace ticklake::base
