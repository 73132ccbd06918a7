#include "lake/layout.h"

#include <array>
#include <charconv>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace ticklake::lake {
namespace {

constexpr size_t kOffsetDigits = 20;

/// File systems take names of 255 bytes, and topics may have 249: what stands behind the topic (a
/// partition, two offsets, a qualifier, an ending) needs up to 68 of them.
constexpr size_t kTopicBytesInNameMax = 180;
constexpr size_t kTopicBytesKept = 140;

std::string hex_sha256(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest)
    hex += fmt::format("{:02x}", byte);
  return hex;
}

std::string topic_in_name(std::string_view topic) {
  if (topic.size() <= kTopicBytesInNameMax) return std::string(topic);
  return fmt::format("{}~{}", topic.substr(0, kTopicBytesKept), hex_sha256(topic).substr(0, 32));
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string table_name(std::string_view topic) {
  std::string name(topic);
  for (char& c : name) {
    if (!is_plain(c)) c = '_';
  }
  return name;
}

bool is_sunk_topic(std::string_view topic) {
  return !topic.empty() && !topic.starts_with("__") && !topic.ends_with(".dead-letter") &&
         table_name(topic) != kControlFolder;
}

std::string ChainId::prefix() const {
  return fmt::format("{}/{}/{}/{}/{}", kControlFolder, table(), topic, generation, partition);
}

std::string ChainId::text() const { return fmt::format("{}/{}", topic, partition); }

std::string record_key(const ChainId& chain, int64_t start) {
  return fmt::format("{}/{:020}.json", chain.prefix(), start);
}

std::string times_key(const ChainId& chain, int64_t start) {
  return fmt::format("{}/{:020}.times.parquet", chain.prefix(), start);
}

std::optional<int64_t> parse_record_name(std::string_view name) {
  if (name.size() != kOffsetDigits + 5 || !name.ends_with(".json")) return std::nullopt;
  const char* const end = name.data() + kOffsetDigits;
  int64_t start = 0;
  const auto [stop, error] = std::from_chars(name.data(), end, start);
  if (error != std::errc() || stop != end || start < 0) return std::nullopt;
  return start;
}

std::string data_key(const ChainId& chain, std::string_view dt, int64_t start, int64_t end,
                     Encoding encoding, std::string_view qualifier) {
  return fmt::format("{}/dt={}/{}-{}-{}-{}{}{}.{}", chain.table(), dt, topic_in_name(chain.topic),
                     chain.partition, start, end, qualifier.empty() ? "" : "-", qualifier,
                     encoding_name(encoding));
}

}  // namespace ticklake::lake
