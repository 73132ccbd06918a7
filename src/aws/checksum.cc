#include "aws/checksum.h"

#include <array>

#include <openssl/evp.h>
#include <zlib.h>

#include "aws/request_view.h"
#include "base/assert.h"
#include "base/base64.h"
#include "base/crc32c.h"

namespace ticklake::aws {
namespace {

struct Row {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  size_t bytes;
};

constexpr auto kRows = std::to_array<Row>({
    {ChecksumAlgorithm::kCrc32, "CRC32", "x-amz-checksum-crc32", 4},
    {ChecksumAlgorithm::kCrc32c, "CRC32C", "x-amz-checksum-crc32c", 4},
    {ChecksumAlgorithm::kCrc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", 8},
    {ChecksumAlgorithm::kSha1, "SHA1", "x-amz-checksum-sha1", 20},
    {ChecksumAlgorithm::kSha256, "SHA256", "x-amz-checksum-sha256", 32},
    {ChecksumAlgorithm::kMd5, "MD5", "content-md5", 16},
});

const Row& row_of(ChecksumAlgorithm algorithm) {
  const auto& row = kRows[static_cast<size_t>(algorithm)];
  TICKLAKE_ASSERT(row.algorithm == algorithm);
  return row;
}

const EVP_MD* digest_of(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kSha1: return EVP_sha1();
    case ChecksumAlgorithm::kSha256: return EVP_sha256();
    case ChecksumAlgorithm::kMd5: return EVP_md5();
    default: return nullptr;
  }
}

// CRC-64/NVME (NVM Express NVM Command Set Specification, "64b CRC"), reflected; all ones go in and
// out. Eight tables take eight bytes at a time.
constexpr uint64_t kCrc64Polynomial = 0x9a6c9329ac4bc9b5;
using Crc64Tables = std::array<std::array<uint64_t, 256>, 8>;

constexpr Crc64Tables make_crc64_tables() {
  Crc64Tables tables{};
  for (uint64_t byte = 0; byte < 256; ++byte) {
    uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kCrc64Polynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t table = 1; table < 8; ++table) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint64_t before = tables[table - 1][byte];
      tables[table][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}
constexpr Crc64Tables kCrc64Tables = make_crc64_tables();

uint32_t crc32_of(base::ByteView bytes, uint32_t previous) {
  return static_cast<uint32_t>(
      ::crc32_z(previous, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::optional<ChecksumAlgorithm> find_checksum_algorithm(std::string_view name) {
  for (const Row& row : kRows) {
    if (is_same_ignoring_case(row.name, name)) return row.algorithm;
  }
  return std::nullopt;
}

std::string_view name_of(ChecksumAlgorithm algorithm) { return row_of(algorithm).name; }

std::string_view header_of(ChecksumAlgorithm algorithm) { return row_of(algorithm).header; }

std::optional<ChecksumAlgorithm> find_checksum_header(std::string_view name) {
  for (const Row& row : kRows) {
    if (is_same_ignoring_case(row.header, name)) return row.algorithm;
  }
  return std::nullopt;
}

size_t checksum_bytes(ChecksumAlgorithm algorithm) { return row_of(algorithm).bytes; }

uint64_t crc64nvme(base::ByteView bytes, uint64_t previous) {
  uint64_t crc = ~previous;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i)
      crc ^= kCrc64Tables[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; left > 0; ++at, --left)
    crc = (crc >> 8) ^ kCrc64Tables[0][(crc ^ std::to_integer<uint64_t>(*at)) & 0xff];
  return ~crc;
}

void Checksum::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Checksum::Checksum(ChecksumAlgorithm algorithm) : algorithm_(algorithm) {
  const EVP_MD* const digest = digest_of(algorithm);
  if (!digest) return;
  digest_.reset(EVP_MD_CTX_new());
  TICKLAKE_ASSERT(digest_);
  const int status = EVP_DigestInit_ex(digest_.get(), digest, nullptr);
  TICKLAKE_ASSERT(status == 1);
}

void Checksum::update(base::ByteView bytes) {
  if (bytes.empty()) return;
  if (digest_) {
    const int status = EVP_DigestUpdate(digest_.get(), bytes.data(), bytes.size());
    TICKLAKE_ASSERT(status == 1);
  } else if (algorithm_ == ChecksumAlgorithm::kCrc32) {
    crc_ = crc32_of(bytes, static_cast<uint32_t>(crc_));
  } else if (algorithm_ == ChecksumAlgorithm::kCrc32c) {
    crc_ = base::crc32c(bytes, static_cast<uint32_t>(crc_));
  } else {
    crc_ = crc64nvme(bytes, crc_);
  }
}

base::Bytes Checksum::finish() {
  base::Bytes bytes(checksum_bytes(algorithm_));
  if (digest_) {
    const int status =
        EVP_DigestFinal_ex(digest_.get(), reinterpret_cast<unsigned char*>(bytes.data()), nullptr);
    TICKLAKE_ASSERT(status == 1);
  } else if (bytes.size() == 4) {
    base::store_big_endian(bytes.data(), static_cast<uint32_t>(crc_));
  } else {
    base::store_big_endian(bytes.data(), crc_);
  }
  return bytes;
}

std::optional<base::Bytes> parse_checksum(ChecksumAlgorithm algorithm, std::string_view base64) {
  if (base64.size() != (checksum_bytes(algorithm) + 2) / 3 * 4) return std::nullopt;
  auto bytes = base::from_base64(base64);
  if (!bytes || bytes->size() != checksum_bytes(algorithm)) return std::nullopt;
  return bytes;
}

}  // namespace ticklake::aws
