#include "aws/session_token.h"

#include <memory>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "base/assert.h"
#include "base/base64.h"

namespace ticklake::aws {
namespace {

using Json = nlohmann::json;

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
/// In front of each token, and under its seal: another format gets another number.
constexpr std::byte kFormat{1};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

int64_t seconds_of(base::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string to_json(const SessionClaims& claims) {
  return Json{{"key", claims.access_key_id},
              {"secret", claims.secret_access_key},
              {"issued", seconds_of(claims.issued)},
              {"expires", seconds_of(claims.expires)},
              {"kind", static_cast<int>(claims.kind)},
              {"name", claims.identity_name},
              {"id", claims.identity_id},
              {"session", claims.session_name},
              {"policy", claims.policy},
              {"arns", claims.policy_arns}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What was sealed here is what to_json() wrote.
SessionClaims read_claims(std::string_view text) {
  const Json json = Json::parse(text);
  const auto time = [&](const char* member) {
    return base::WallTime{std::chrono::seconds{json.at(member).get<int64_t>()}};
  };
  return {json.at("key").get<std::string>(),
          json.at("secret").get<std::string>(),
          time("issued"),
          time("expires"),
          static_cast<PrincipalKind>(json.at("kind").get<int>()),
          json.at("name").get<std::string>(),
          json.at("id").get<std::string>(),
          json.at("session").get<std::string>(),
          json.at("policy").get<std::string>(),
          json.at("arns").get<std::vector<std::string>>()};
}

}  // namespace

std::string seal_session_token(const SessionClaims& claims, const SessionKey& key,
                               const base::SecretRandom& random) {
  const std::string text = to_json(claims);
  base::Bytes token(1 + kNonceBytes + text.size() + kTagBytes);
  token[0] = kFormat;
  const std::span<std::byte> nonce = std::span(token).subspan(1, kNonceBytes);
  std::byte* const sealed = nonce.data() + kNonceBytes;
  random(nonce);
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  const bool is_sealed =
      cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw(key.data()),
                         raw(nonce.data())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, raw(token.data()), 1) == 1 &&
      EVP_EncryptUpdate(cipher.get(), raw(sealed), &size,
                        reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), raw(sealed) + size, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, sealed + text.size()) == 1;
  TICKLAKE_ASSERT(is_sealed);
  return base::to_base64(token);
}

std::optional<SessionClaims> open_session_token(std::string_view token, const SessionKey& key) {
  if (token.size() > kSessionTokenBytesMax) return std::nullopt;
  auto bytes = base::from_base64(token);
  if (!bytes || bytes->size() < 1 + kNonceBytes + kTagBytes || bytes->front() != kFormat) {
    return std::nullopt;
  }
  const base::ByteView nonce = base::ByteView(*bytes).subspan(1, kNonceBytes);
  const base::ByteView sealed =
      base::ByteView(*bytes).subspan(1 + kNonceBytes, bytes->size() - 1 - kNonceBytes - kTagBytes);
  std::byte* const tag = bytes->data() + bytes->size() - kTagBytes;
  std::string text(sealed.size() + kTagBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(text.data());
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  int rest = 0;
  const bool is_whole =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw(key.data()),
                         raw(nonce.data())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, raw(bytes->data()), 1) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out, &size, raw(sealed.data()),
                        static_cast<int>(sealed.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out + size, &rest) == 1;
  if (!is_whole) return std::nullopt;
  text.resize(static_cast<size_t>(size + rest));
  try {
    return read_claims(text);
  } catch (const Json::exception&) {  // of nlohmann's only: a format that we never wrote
    return std::nullopt;
  }
}

}  // namespace ticklake::aws
