#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

struct evp_md_ctx_st;  // OpenSSL's, whose headers stay out of ours

namespace ticklake::aws {

using Sha256Digest = std::array<std::byte, 32>;
using Sha1Digest = std::array<std::byte, 20>;

/// SHA-256 of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  void update(base::ByteView bytes);
  /// The digest of all so far; the next update() starts anew.
  Sha256Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  void start();
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256Digest sha256(std::string_view text);
Sha256Digest hmac_sha256(base::ByteView key, std::string_view text);
Sha1Digest hmac_sha1(base::ByteView key, std::string_view text);

/// In lower case, two digits a byte.
std::string to_hex(base::ByteView bytes);
inline std::string sha256_hex(std::string_view text) { return to_hex(sha256(text)); }

/// SHA-256 of nothing, in hex.
inline constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Whether the texts are the same, in a time that tells nothing of where they differ.
bool is_same_secret(std::string_view one, std::string_view other);

}  // namespace ticklake::aws
