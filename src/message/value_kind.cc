#include "message/value_kind.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "message/wire_format.h"

namespace ticklake::message {
namespace {

/// So much of a text is looked at.
constexpr size_t kLookedAtMax = 4'096;
constexpr size_t kHeaderBytes = 5;

struct Signature {
  std::string_view bytes;
  const char* reason;
};

using namespace std::string_view_literals;

constexpr auto kSignatures = std::to_array<Signature>({
    {"\x1f\x8b"sv, "it is gzip: send it unpacked, or let the producer compress (compression.type)"},
    {"\x28\xb5\x2f\xfd"sv,
     "it is zstd: send it unpacked, or let the producer compress (compression.type)"},
    {"\x04\x22\x4d\x18"sv,
     "it is lz4: send it unpacked, or let the producer compress (compression.type)"},
    {"BZh"sv, "it is bzip2: send it unpacked"},
    {"PK\x03\x04"sv, "it is a zip file: send what is in it"},
    {"Obj\x01"sv, "it is an Avro container file: send each record as a message of its own"},
    {"PAR1"sv, "it is a Parquet file: ticklake feed replay reads such files"},
    {"\xff\xfe"sv, "it is UTF-16: send UTF-8"},
    {"\xfe\xff"sv, "it is UTF-16: send UTF-8"},
});

bool is_text(std::string_view value) {
  while (!value.empty()) {
    const base::Utf8Character character = base::first_utf8_character(value);
    if (character.bytes == 0) return false;
    const uint32_t c = character.code_point;
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) return false;
    value.remove_prefix(character.bytes);
  }
  return true;
}

/// The part that is looked at, not cut within a character.
std::string_view beginning_of(std::string_view value) {
  if (value.size() <= kLookedAtMax) return value;
  size_t end = kLookedAtMax;
  while (end > 0 && base::continues_utf8(value[end]))
    --end;
  return value.substr(0, end);
}

/// JSON or letters of which every other byte is zero.
bool looks_like_utf16(std::string_view value) {
  if (value.size() < 4 || value.size() % 2 != 0) return false;
  const auto zero = [&](size_t i) { return value[i] == '\0'; };
  const auto printable = [&](size_t i) { return value[i] >= 0x20 && value[i] < 0x7f; };
  return (zero(0) && printable(1) && zero(2) && printable(3)) ||
         (printable(0) && zero(1) && printable(2) && zero(3));
}

bool looks_like_csv(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  if (line.find_first_of("{}") != std::string_view::npos) return false;
  return std::ranges::any_of(
      ",;\t|"sv, [&](char separator) { return line.find(separator) != std::string_view::npos; });
}

bool is_json_scalar(std::string_view text) {
  if (text.starts_with('"')) return text.size() > 1 && text.ends_with('"');
  if (text == "true" || text == "false" || text == "null") return true;
  return text.find_first_not_of("-+.eE0123456789") == std::string_view::npos;
}

std::string reason_of_text(std::string_view text, std::string_view whole) {
  if (text.front() == '[') return "it is an array: --explode makes a row of each of its objects";
  if (text.front() == '<') return "it looks like XML: send JSON objects";
  const size_t last = whole.find_last_not_of(" \t\r\n");
  if (is_json_scalar(whole.substr(0, last + 1))) {
    return "it is not a JSON object, but a single value: send an object, {\"value\": …}";
  }
  if (looks_like_csv(text)) {
    return "it looks like CSV text: ticklake feed replay sends CSV files as JSON objects";
  }
  return "it is not a JSON object, but other text";
}

}  // namespace

std::string reason_of_kind(std::string_view value) {
  if (value.empty()) return "it is empty";
  for (const Signature& signature : kSignatures) {
    if (value.starts_with(signature.bytes)) return signature.reason;
  }
  if (looks_like_utf16(value)) return "it is UTF-16: send UTF-8";
  if (value.front() == kMagicByte && value.size() >= kHeaderBytes) {
    return "it starts with the schema registry's magic byte: give --schema-registry URL";
  }
  const std::string_view looked_at = beginning_of(value);
  if (!is_text(looked_at)) {
    const auto first = static_cast<unsigned char>(value.front());
    const bool is_map = (first & 0xf0u) == 0x80 || first == 0xde || first == 0xdf;
    return is_map ? "it is binary, perhaps MessagePack: send JSON, or Avro or Protobuf with a "
                    "schema registry"
                  : "it is binary: send JSON, or Avro or Protobuf with a schema registry";
  }
  const size_t start = looked_at.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "it is empty but for white space";
  return reason_of_text(looked_at.substr(start), value.substr(start));
}

}  // namespace ticklake::message
