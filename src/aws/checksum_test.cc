#include "aws/checksum.h"

#include <gtest/gtest.h>

#include "aws/hash.h"
#include "base/base64.h"
#include "base/random.h"

namespace ticklake::aws {
namespace {

constexpr ChecksumAlgorithm kAll[] = {ChecksumAlgorithm::kCrc32,     ChecksumAlgorithm::kCrc32c,
                                      ChecksumAlgorithm::kCrc64Nvme, ChecksumAlgorithm::kSha1,
                                      ChecksumAlgorithm::kSha256,    ChecksumAlgorithm::kMd5};

std::string hex_of(ChecksumAlgorithm algorithm, std::string_view text) {
  Checksum checksum(algorithm);
  checksum.update(base::as_bytes(text));
  return to_hex(checksum.finish());
}

TEST(Checksum, is_what_each_algorithms_standard_says_of_its_check_text) {
  constexpr std::string_view kText = "123456789";
  EXPECT_EQ(hex_of(ChecksumAlgorithm::kCrc32, kText), "cbf43926");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::kCrc32c, kText), "e3069283");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::kCrc64Nvme, kText), "ae8b14860a799888");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::kSha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::kSha256, ""), kEmptySha256);
  EXPECT_EQ(hex_of(ChecksumAlgorithm::kMd5, ""), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Checksum, does_not_depend_on_how_the_bytes_are_cut) {
  base::Random random(1);
  base::Bytes bytes(10'000);
  for (std::byte& byte : bytes)
    byte = static_cast<std::byte>(random.next());
  for (const ChecksumAlgorithm algorithm : kAll) {
    Checksum whole(algorithm);
    whole.update(bytes);
    Checksum cut(algorithm);
    for (base::ByteView rest = bytes; !rest.empty();) {
      const auto piece = rest.first(std::min<size_t>(rest.size(), random.below(100)));
      cut.update(piece);
      rest = rest.subspan(piece.size());
    }
    EXPECT_EQ(whole.finish(), cut.finish()) << name_of(algorithm);
  }
}

TEST(Checksum, is_found_by_its_name_and_its_header_in_any_case) {
  EXPECT_EQ(find_checksum_algorithm("crc64nvme"), ChecksumAlgorithm::kCrc64Nvme);
  EXPECT_EQ(find_checksum_header("X-Amz-Checksum-CRC32C"), ChecksumAlgorithm::kCrc32c);
  EXPECT_EQ(find_checksum_header("x-amz-checksum-type"), std::nullopt);
  for (const ChecksumAlgorithm algorithm : kAll) {
    EXPECT_EQ(find_checksum_algorithm(name_of(algorithm)), algorithm);
    EXPECT_EQ(find_checksum_header(header_of(algorithm)), algorithm);
  }
}

TEST(Checksum, a_header_of_another_length_is_no_checksum) {
  for (const ChecksumAlgorithm algorithm : kAll) {
    const std::string text = base::to_base64(Checksum(algorithm).finish());
    EXPECT_TRUE(parse_checksum(algorithm, text)) << name_of(algorithm);
    EXPECT_FALSE(parse_checksum(algorithm, text.substr(4)));
    EXPECT_FALSE(parse_checksum(algorithm, text + "AAAA"));
    EXPECT_FALSE(parse_checksum(algorithm, std::string(text.size(), '!')));
  }
  EXPECT_FALSE(parse_checksum(ChecksumAlgorithm::kCrc32, "AAAAAAAA"));
}

}  // namespace
}  // namespace ticklake::aws
