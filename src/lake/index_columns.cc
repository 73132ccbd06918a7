#include "lake/index_columns.h"

#include <charconv>

#include "base/bytes.h"

namespace ticklake::lake {
namespace {

/// The part of `text` up to `end`, which is taken off its front with it.
std::string_view take_until(std::string_view& text, char end) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

base::WallTime time_of(int64_t ns) { return base::WallTime{std::chrono::nanoseconds(ns)}; }

}  // namespace

std::string fields_text(const HeaderFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text.append(name).append(": ").append(value).append("\n");
  return text;
}

HeaderFields parse_fields(std::string_view text) {
  HeaderFields fields;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view name = take_until(line, ':');
    if (line.starts_with(' ')) line.remove_prefix(1);
    fields.emplace_back(name, line);
  }
  return fields;
}

std::string checksum_text(const std::optional<ObjectChecksum>& checksum) {
  if (!checksum) return {};
  std::string text(aws::name_of(checksum->algorithm));
  text.append(" ").append(checksum->base64);
  if (checksum->is_composite) text += " composite";
  return text;
}

std::optional<ObjectChecksum> parse_checksum_text(std::string_view text) {
  const auto algorithm = aws::find_checksum_algorithm(take_until(text, ' '));
  if (!algorithm) return std::nullopt;
  const std::string_view base64 = take_until(text, ' ');
  return ObjectChecksum{*algorithm, std::string(base64), text == "composite"};
}

std::string part_bytes_text(const std::vector<uint64_t>& part_bytes) {
  std::string text;
  for (const uint64_t bytes : part_bytes) {
    if (!text.empty()) text += ' ';
    text += std::to_string(bytes);
  }
  return text;
}

std::vector<uint64_t> parse_part_bytes(std::string_view text) {
  std::vector<uint64_t> part_bytes;
  while (!text.empty()) {
    const std::string_view number = take_until(text, ' ');
    uint64_t bytes = 0;
    std::from_chars(number.data(), number.data() + number.size(), bytes);
    part_bytes.push_back(bytes);
  }
  return part_bytes;
}

ObjectEntry read_entry(const base::SqliteStatement& row, int first) {
  return {std::string(base::as_text(row.blob(first))), static_cast<uint64_t>(row.number(first + 1)),
          std::string(row.text(first + 2)), time_of(row.number(first + 3)),
          row.number(first + 4) == 0 ? ObjectPlace::kPlain : ObjectPlace::kEncoded};
}

ObjectHead read_head(const base::SqliteStatement& row, int first) {
  ObjectHead head;
  static_cast<ObjectEntry&>(head) = read_entry(row, first);
  head.metadata.content_type = row.text(first + 5);
  head.metadata.fields = parse_fields(row.text(first + 6));
  head.checksum = parse_checksum_text(row.text(first + 7));
  head.part_bytes = parse_part_bytes(row.text(first + 8));
  return head;
}

void bind_head(base::SqliteStatement& statement, int first, const ObjectHead& head) {
  statement.bind(first, base::as_bytes(head.key));
  statement.bind(first + 1, static_cast<int64_t>(head.bytes));
  statement.bind(first + 2, head.etag);
  statement.bind(first + 3, base::to_unix_ns(head.modified));
  statement.bind(first + 4, int64_t{head.place == ObjectPlace::kEncoded});
  statement.bind(first + 5, head.metadata.content_type);
  statement.bind(first + 6, fields_text(head.metadata.fields));
  statement.bind(first + 7, checksum_text(head.checksum));
  statement.bind(first + 8, part_bytes_text(head.part_bytes));
}

}  // namespace ticklake::lake
