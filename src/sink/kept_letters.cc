#include "sink/kept_letters.h"

#include <charconv>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/bytes.h"
#include "lake/layout.h"

namespace ticklake::sink {
namespace {

constexpr std::string_view kFolder = "dead-letters";  // no table's: those have no '-'
constexpr std::string_view kEnding = ".jsonl";

std::string folder() { return fmt::format("{}/{}", lake::kControlFolder, kFolder); }

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

}  // namespace

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
        fmt::format("{}/{}/{}/{}/{:020}-{}{}", folder(), of_part.front()->topic, part.first,
                    part.second, of_part.front()->offset, of_part.size(), kEnding),
        lines));
  }
  return {};
}

base::Result<std::map<std::string, uint64_t>> count_kept_letters(lake::ObjectStore& store) {
  std::map<std::string, uint64_t> counts;
  TICKLAKE_ASSIGN(const std::vector<std::string> topics, store.list_names(folder()));
  for (const std::string& topic : topics) {
    TICKLAKE_ASSIGN(const std::vector<lake::ObjectInfo> objects,
                    store.list(folder() + "/" + topic));
    uint64_t count = 0;
    for (const lake::ObjectInfo& object : objects)
      count += count_in(object.key);
    if (count > 0) counts[topic] = count;
  }
  return counts;
}

}  // namespace ticklake::sink
