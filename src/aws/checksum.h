#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

struct evp_md_ctx_st;  // OpenSSL's

namespace ticklake::aws {

/// The checksums of S3's objects.
enum class ChecksumAlgorithm : uint8_t { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256, kMd5 };

/// `CRC32`, `CRC64NVME`, … as x-amz-sdk-checksum-algorithm names it, in any case.
std::optional<ChecksumAlgorithm> find_checksum_algorithm(std::string_view name);
std::string_view name_of(ChecksumAlgorithm algorithm);
/// `x-amz-checksum-crc32`, …; for MD5 `content-md5`. In lower case.
std::string_view header_of(ChecksumAlgorithm algorithm);
/// By header_of(), in any case.
std::optional<ChecksumAlgorithm> find_checksum_header(std::string_view name);
size_t checksum_bytes(ChecksumAlgorithm algorithm);

/// CRC-64/NVME, going on from the checksum of what came before (0 at the start).
uint64_t crc64nvme(base::ByteView bytes, uint64_t previous = 0);

/// One checksum of bytes that come piece by piece.
class Checksum {
 public:
  explicit Checksum(ChecksumAlgorithm algorithm);

  ChecksumAlgorithm algorithm() const { return algorithm_; }
  void update(base::ByteView bytes);
  /// Big-endian for the CRCs. Called once, at the end.
  base::Bytes finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  ChecksumAlgorithm algorithm_;
  uint64_t crc_ = 0;
  std::unique_ptr<evp_md_ctx_st, Free> digest_;  ///< null for the CRCs
};

/// The bytes of a checksum as its header has it, in base64; none if it is not one of its length.
std::optional<base::Bytes> parse_checksum(ChecksumAlgorithm algorithm, std::string_view base64);

}  // namespace ticklake::aws
