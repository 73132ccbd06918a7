#include "kafka/scram.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.h"
#include "base/base64.h"

namespace ticklake::kafka {
namespace {

constexpr std::string_view kClientKey = "Client Key";
constexpr std::string_view kServerKey = "Server Key";

const EVP_MD* digest_of(ScramMechanism mechanism) {
  return mechanism == ScramMechanism::kSha256 ? EVP_sha256() : EVP_sha512();
}

const unsigned char* raw(base::ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

base::Bytes hash(ScramMechanism mechanism, base::ByteView bytes) {
  base::Bytes digest(scram_key_bytes(mechanism));
  const int status =
      EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, digest_of(mechanism), nullptr);
  TICKLAKE_ASSERT(status == 1);
  return digest;
}

bool is_same(base::ByteView one, base::ByteView other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

base::Bytes exclusive_or(base::ByteView one, base::ByteView other) {
  TICKLAKE_ASSERT(one.size() == other.size());
  base::Bytes result(one.begin(), one.end());
  for (size_t i = 0; i < result.size(); ++i)
    result[i] ^= other[i];
  return result;
}

tl::unexpected<base::Error> malformed(const char* message, const char* cause) {
  return base::fail(base::ErrorCode::kInvalidData,
                    std::string("malformed SCRAM message: ") + message, cause);
}

/// Takes "x=VALUE" up to the next comma off the front; none if it is another attribute.
std::optional<std::string_view> take_attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  const size_t comma = std::min(text.find(',', 2), text.size());
  const std::string_view value = text.substr(2, comma - 2);
  text.remove_prefix(std::min(comma + 1, text.size()));
  return value;
}

/// saslname of RFC 5802: ',' and '=' stand escaped.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '=') {
      text += "=3D";
    } else if (c == ',') {
      text += "=2C";
    } else {
      text += c;
    }
  }
  return text;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    if (text.front() != '=') {
      if (text.front() == '\0') return std::nullopt;
      name += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (!text.starts_with("=2C") && !text.starts_with("=3D")) return std::nullopt;
    name += text[1] == '2' ? ',' : '=';
    text.remove_prefix(3);
  }
  return name;
}

bool is_nonce(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::string_view name_of(ScramMechanism mechanism) {
  return mechanism == ScramMechanism::kSha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";
}

std::optional<ScramMechanism> find_scram_mechanism(std::string_view name) {
  for (const auto mechanism : {ScramMechanism::kSha256, ScramMechanism::kSha512}) {
    if (name_of(mechanism) == name) return mechanism;
  }
  return std::nullopt;
}

std::optional<ScramMechanism> find_scram_mechanism(int8_t number) {
  if (number != 1 && number != 2) return std::nullopt;
  return static_cast<ScramMechanism>(number);
}

size_t scram_key_bytes(ScramMechanism mechanism) {
  return mechanism == ScramMechanism::kSha256 ? 32 : 64;
}

base::Bytes scram_hmac(ScramMechanism mechanism, base::ByteView key, base::ByteView text) {
  base::Bytes digest(scram_key_bytes(mechanism));
  const auto* const made =
      HMAC(digest_of(mechanism), key.data(), static_cast<int>(key.size()), raw(text), text.size(),
           reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  TICKLAKE_ASSERT(made);
  return digest;
}

base::Bytes salted_password(ScramMechanism mechanism, std::string_view password,
                            base::ByteView salt, int32_t iterations) {
  base::Bytes salted(scram_key_bytes(mechanism));
  const int status = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                       raw(salt), static_cast<int>(salt.size()), iterations,
                                       digest_of(mechanism), static_cast<int>(salted.size()),
                                       reinterpret_cast<unsigned char*>(salted.data()));
  TICKLAKE_ASSERT(status == 1);
  return salted;
}

ScramCredential scram_credential(ScramMechanism mechanism, base::ByteView salted_password,
                                 base::ByteView salt, int32_t iterations) {
  const base::Bytes client_key = scram_hmac(mechanism, salted_password, base::as_bytes(kClientKey));
  return {{salt.begin(), salt.end()},
          hash(mechanism, client_key),
          scram_hmac(mechanism, salted_password, base::as_bytes(kServerKey)),
          iterations};
}

bool is_password_of(ScramMechanism mechanism, const ScramCredential& credential,
                    std::string_view password) {
  const base::Bytes salted =
      salted_password(mechanism, password, credential.salt, credential.iterations);
  const ScramCredential made =
      scram_credential(mechanism, salted, credential.salt, credential.iterations);
  return is_same(made.stored_key, credential.stored_key);
}

base::Result<ScramClientFirst> ScramClientFirst::parse(std::string_view text) {
  ScramClientFirst message;
  const std::string_view whole = text;
  if (text.starts_with("p=")) {
    return malformed("the client's first", "it asks for channel binding, which is not offered");
  }
  if (!text.starts_with("n,") && !text.starts_with("y,")) {
    return malformed("the client's first", "it has no GS2 header");
  }
  text.remove_prefix(2);
  if (const auto name = take_attribute(text, 'a')) {
    auto authorization_id = unescaped(*name);
    if (!authorization_id) return malformed("the client's first", "bad authorization id");
    message.authorization_id = std::move(*authorization_id);
  } else if (text.starts_with(",")) {
    text.remove_prefix(1);
  } else {
    return malformed("the client's first", "bad GS2 header");
  }
  message.gs2_header = whole.substr(0, whole.size() - text.size());
  message.bare = text;
  const auto name = take_attribute(text, 'n');
  auto user = name ? unescaped(*name) : std::nullopt;
  if (!user || user->empty()) return malformed("the client's first", "bad user name");
  message.user = std::move(*user);
  const auto nonce = take_attribute(text, 'r');
  if (!nonce || !is_nonce(*nonce)) return malformed("the client's first", "bad nonce");
  message.nonce = *nonce;
  message.is_delegation_token = text == "tokenauth=true" || text.starts_with("tokenauth=true,");
  return message;
}

base::Result<ScramServerFirst> ScramServerFirst::parse(std::string_view text) {
  ScramServerFirst message;
  const auto nonce = take_attribute(text, 'r');
  if (!nonce || !is_nonce(*nonce)) return malformed("the server's first", "bad nonce");
  message.nonce = *nonce;
  const auto salt = take_attribute(text, 's');
  auto salt_bytes = salt ? base::from_base64(*salt) : std::nullopt;
  if (!salt_bytes || salt_bytes->empty()) return malformed("the server's first", "bad salt");
  message.salt = std::move(*salt_bytes);
  const auto iterations = take_attribute(text, 'i').value_or("");
  const auto [end, error] =
      std::from_chars(iterations.data(), iterations.data() + iterations.size(), message.iterations);
  if (error != std::errc{} || end != iterations.data() + iterations.size() ||
      message.iterations <= 0) {
    return malformed("the server's first", "bad iteration count");
  }
  return message;
}

std::string ScramServerFirst::text() const {
  return "r=" + nonce + ",s=" + base::to_base64(salt) + ",i=" + std::to_string(iterations);
}

base::Result<ScramClientFinal> ScramClientFinal::parse(std::string_view text) {
  ScramClientFinal message;
  const size_t proof_at = text.rfind(",p=");
  if (proof_at == std::string_view::npos) return malformed("the client's final", "no proof");
  message.without_proof = text.substr(0, proof_at);
  auto proof = base::from_base64(text.substr(proof_at + 3));
  if (!proof) return malformed("the client's final", "bad proof");
  message.proof = std::move(*proof);
  std::string_view signed_part = text.substr(0, proof_at);
  const auto channel = take_attribute(signed_part, 'c');
  const auto header = channel ? base::from_base64(*channel) : std::nullopt;
  if (!header) return malformed("the client's final", "bad channel binding");
  message.gs2_header = base::as_text(*header);
  const auto nonce = take_attribute(signed_part, 'r');
  if (!nonce || !is_nonce(*nonce)) return malformed("the client's final", "bad nonce");
  message.nonce = *nonce;
  return message;
}

std::string scram_auth_message(std::string_view client_first_bare, std::string_view server_first,
                               std::string_view client_final_without_proof) {
  return std::string(client_first_bare)
      .append(",")
      .append(server_first)
      .append(",")
      .append(client_final_without_proof);
}

bool is_proof_of(ScramMechanism mechanism, const ScramCredential& credential,
                 std::string_view auth_message, base::ByteView proof) {
  if (proof.size() != scram_key_bytes(mechanism)) return false;
  const base::Bytes signature =
      scram_hmac(mechanism, credential.stored_key, base::as_bytes(auth_message));
  return is_same(hash(mechanism, exclusive_or(proof, signature)), credential.stored_key);
}

ScramClient::ScramClient(ScramMechanism mechanism, std::string user, std::string password,
                         std::string nonce)
    : mechanism_(mechanism),
      user_(std::move(user)),
      password_(std::move(password)),
      nonce_(std::move(nonce)) {}

std::string ScramClient::first_bare() const { return "n=" + escaped(user_) + ",r=" + nonce_; }

std::string ScramClient::first() const { return "n,," + first_bare(); }

base::Result<std::string> ScramClient::final(std::string_view server_first) {
  // A server that asks for much more would only keep us busy.
  constexpr int32_t kIterationsAccepted = 1'000'000;
  TICKLAKE_ASSIGN(const ScramServerFirst server, ScramServerFirst::parse(server_first));
  if (!server.nonce.starts_with(nonce_) || server.nonce == nonce_) {
    return malformed("the server's first", "its nonce does not go on with ours");
  }
  if (server.iterations < kScramIterationsMin || server.iterations > kIterationsAccepted) {
    return malformed("the server's first", "too few iterations, or absurdly many");
  }
  const base::Bytes salted = salted_password(mechanism_, password_, server.salt, server.iterations);
  const std::string without_proof = "c=biws,r=" + server.nonce;
  const std::string auth_message = scram_auth_message(first_bare(), server_first, without_proof);
  const ScramCredential credential =
      scram_credential(mechanism_, salted, server.salt, server.iterations);
  const auto sign = [&](const base::Bytes& key) {
    return scram_hmac(mechanism_, key, base::as_bytes(auth_message));
  };
  server_signature_ = base::to_base64(sign(credential.server_key));
  const base::Bytes client_key = scram_hmac(mechanism_, salted, base::as_bytes(kClientKey));
  const base::Bytes proof = exclusive_or(client_key, sign(credential.stored_key));
  return without_proof + ",p=" + base::to_base64(proof);
}

base::Result<void> ScramClient::check(std::string_view server_final) const {
  if (!server_signature_.empty() && server_final == "v=" + server_signature_) return {};
  const bool is_refusal = server_final.starts_with("e=");
  return base::fail(
      base::ErrorCode::kPermission,
      is_refusal ? "authentication failed" : "the broker cannot be trusted",
      is_refusal ? std::string(server_final.substr(2))
                 : "it does not show that it knows the password",
      is_refusal ? "check the user name and the password" : "check the address of the broker");
}

}  // namespace ticklake::kafka
