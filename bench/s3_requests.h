#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/signature_v4.h"

namespace ticklake::bench {

/// Makes the heads of S3's requests, each signed (Signature V4) with its body's SHA-256.
class S3Requests {
 public:
  S3Requests(std::string address, std::string bucket, aws::Credentials credentials);

  std::string put(std::string_view key, std::string_view body_sha256, uint64_t bytes) const;
  std::string get(std::string_view key) const;
  /// `bytes` bytes from `first` on.
  std::string get(std::string_view key, uint64_t first, uint64_t bytes) const;
  /// A page of 1,000 keys under `prefix`: those after `start_after`, or from the token of the last
  /// page on.
  std::string list(std::string_view prefix, std::string_view start_after,
                   std::string_view token) const;

 private:
  std::string sign(std::string_view method, const std::string& target, std::string_view sha256,
                   std::optional<uint64_t> length, const std::string& range = {}) const;

  std::string address_, bucket_;
  aws::Credentials credentials_;
};

/// `<prefix>00012345`: the order of the keys is that of their numbers.
std::string numbered_key(std::string_view prefix, size_t number);

/// What a page of a listing says.
struct ListedPage {
  size_t keys = 0;
  std::string next_token;  ///< empty: it was the last one
};
ListedPage read_page(std::string_view xml);

}  // namespace ticklake::bench
