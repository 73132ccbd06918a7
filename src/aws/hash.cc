#include "aws/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.h"

namespace ticklake::aws {
namespace {

template <size_t kSize>
std::array<std::byte, kSize> hmac(const EVP_MD* digest, base::ByteView key, std::string_view text) {
  std::array<std::byte, kSize> code;
  // OpenSSL takes a null key for "the one of before".
  const void* const key_data = key.empty() ? static_cast<const void*>("") : key.data();
  const auto* const made = HMAC(digest, key_data, static_cast<int>(key.size()),
                                reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                                reinterpret_cast<unsigned char*>(code.data()), nullptr);
  TICKLAKE_ASSERT(made);
  return code;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  TICKLAKE_ASSERT(context_);
  start();
}

void Sha256::start() {
  const int status = EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  TICKLAKE_ASSERT(status == 1);
}

void Sha256::update(base::ByteView bytes) {
  const int status = EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  TICKLAKE_ASSERT(status == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  const int status =
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  TICKLAKE_ASSERT(status == 1);
  start();
  return digest;
}

Sha256Digest sha256(std::string_view text) {
  Sha256Digest digest;
  const int status =
      EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                 EVP_sha256(), nullptr);
  TICKLAKE_ASSERT(status == 1);
  return digest;
}

Sha256Digest hmac_sha256(base::ByteView key, std::string_view text) {
  return hmac<std::tuple_size_v<Sha256Digest>>(EVP_sha256(), key, text);
}

Sha1Digest hmac_sha1(base::ByteView key, std::string_view text) {
  return hmac<std::tuple_size_v<Sha1Digest>>(EVP_sha1(), key, text);
}

std::string to_hex(base::ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

bool is_same_secret(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace ticklake::aws
