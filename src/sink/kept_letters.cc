#include "sink/kept_letters.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/bytes.h"
#include "lake/json_members.h"
#include "lake/layout.h"

namespace ticklake::sink {
namespace {

constexpr std::string_view kFolder = "dead-letters";  // no table's: those have no '-'
constexpr std::string_view kEnding = ".jsonl";
/// Twice what waits for delivery at most, in Base64.
constexpr uint64_t kObjectBytesMax = 256 << 20;
constexpr size_t kTopicBytesMax = 249;
constexpr int kDepthMax = 2;

std::string line_of(const DeadLetter& letter, const std::string& undelivered) {
  nlohmann::json json = {{"topic", letter.topic},
                         {"partition", letter.partition},
                         {"offset", letter.offset},
                         {"error", letter.reason},
                         {"undelivered", undelivered},
                         {"key_base64", nullptr},
                         {"value_base64", base::to_base64(base::as_bytes(letter.value))}};
  if (letter.key) json["key_base64"] = base::to_base64(base::as_bytes(*letter.key));
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// The count in "<offset>-<count>.jsonl"; 0 for any other name.
uint64_t count_in(std::string_view key) {
  const size_t dash = key.rfind('-');
  if (dash == std::string_view::npos || !key.ends_with(kEnding)) return 0;
  const std::string_view digits = key.substr(dash + 1, key.size() - kEnding.size() - dash - 1);
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return error == std::errc() && end == digits.data() + digits.size() ? count : 0;
}

tl::unexpected<base::Error> corrupt(const std::string& cause) {
  return base::fail(base::ErrorCode::kCorrupt, "a dead letter in the lake cannot be read", cause,
                    "restore the lake's _ticklake folder from a backup");
}

/// A member in Base64, as bytes.
std::optional<std::string> bytes_member(const nlohmann::json& json, const char* name) {
  const auto text = lake::text_member(json, name, kObjectBytesMax);
  if (!text) return std::nullopt;
  const auto bytes = base::from_base64(*text);
  return bytes ? std::optional(std::string(base::as_text(*bytes))) : std::nullopt;
}

}  // namespace

std::string kept_letters_folder() { return fmt::format("{}/{}", lake::kControlFolder, kFolder); }

base::Result<void> keep_letters(lake::ObjectStore& store, std::span<const DeadLetter> letters,
                                const std::string& undelivered) {
  // One object a partition: letters of several come mixed.
  std::map<std::pair<std::string, int32_t>, std::vector<const DeadLetter*>> parts;
  for (const DeadLetter& letter : letters)
    parts[{letter.generation, letter.partition}].push_back(&letter);
  for (const auto& [part, of_part] : parts) {
    std::string lines;
    for (const DeadLetter* letter : of_part)
      lines += line_of(*letter, undelivered);
    TICKLAKE_TRY(store.put(
        fmt::format("{}/{}/{}/{}/{:020}-{}{}", kept_letters_folder(), of_part.front()->topic,
                    part.first, part.second, of_part.front()->offset, of_part.size(), kEnding),
        lines));
  }
  return {};
}

base::Result<std::map<std::string, uint64_t>> count_kept_letters(lake::ObjectStore& store) {
  std::map<std::string, uint64_t> counts;
  TICKLAKE_ASSIGN(const std::vector<std::string> topics, store.list_names(kept_letters_folder()));
  for (const std::string& topic : topics) {
    TICKLAKE_ASSIGN(const std::vector<lake::ObjectInfo> objects,
                    store.list(kept_letters_folder() + "/" + topic));
    uint64_t count = 0;
    for (const lake::ObjectInfo& object : objects)
      count += count_in(object.key);
    if (count > 0) counts[topic] = count;
  }
  return counts;
}

base::Result<DeadLetter> parse_kept_letter(std::string_view line) {
  const auto json = lake::parse_object(line, kDepthMax);
  if (!json) return corrupt("it is not a JSON object");
  auto topic = lake::text_member(*json, "topic", kTopicBytesMax);
  const auto partition = lake::whole_member(*json, "partition");
  const auto offset = lake::whole_member(*json, "offset");
  if (!topic || topic->empty() || !partition || *partition > INT32_MAX || !offset) {
    return corrupt("it does not say which record it was");
  }
  auto reason = lake::text_member(*json, "error", kObjectBytesMax);
  if (!reason) return corrupt("\"error\" is no text");
  auto value = bytes_member(*json, "value_base64");
  if (!value) return corrupt("\"value_base64\" is no Base64");
  const nlohmann::json* const key = lake::find_member(*json, "key_base64");
  std::optional<std::string> key_bytes;
  if (key == nullptr) return corrupt("\"key_base64\" is not there");
  if (!key->is_null()) {
    key_bytes = bytes_member(*json, "key_base64");
    if (!key_bytes) return corrupt("\"key_base64\" is no Base64");
  }
  return DeadLetter{std::move(*topic),
                    {},
                    static_cast<int32_t>(*partition),
                    *offset,
                    std::move(key_bytes),
                    std::move(*value),
                    std::move(*reason)};
}

base::Result<std::vector<std::string>> list_kept_letters(lake::ObjectStore& store,
                                                         const std::string& topic) {
  TICKLAKE_ASSIGN(const auto objects, store.list(kept_letters_folder() + "/" + topic));
  std::vector<std::string> keys;
  for (const lake::ObjectInfo& object : objects)
    if (count_in(object.key) > 0) keys.push_back(object.key);
  return keys;
}

base::Result<std::vector<DeadLetter>> read_kept_letters(lake::ObjectStore& store,
                                                        const std::string& key) {
  TICKLAKE_ASSIGN(const std::string text, store.get(key, kObjectBytesMax));
  // .../<topic>/<generation>/<partition>/<name>
  std::string_view folder(key);
  for (int i = 0; i < 2; ++i)
    folder = folder.substr(0, folder.rfind('/'));
  const std::string generation(folder.substr(folder.rfind('/') + 1));
  std::vector<DeadLetter> letters;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    auto letter = parse_kept_letter(std::string_view(text).substr(begin, end - begin));
    if (!letter) return tl::unexpected(std::move(letter).error().within(key));
    letter->generation = generation;
    letters.push_back(std::move(*letter));
    begin = end + 1;
  }
  return letters;
}

}  // namespace ticklake::sink
