#include "lake/layout.h"

#include <charconv>

#include <fmt/format.h>

namespace ticklake::lake {
namespace {

constexpr size_t kOffsetDigits = 20;

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
  return fmt::format("{}/dt={}/{}-{}-{}-{}{}{}.{}", chain.table(), dt, chain.topic, chain.partition,
                     start, end, qualifier.empty() ? "" : "-", qualifier, encoding_name(encoding));
}

}  // namespace ticklake::lake
