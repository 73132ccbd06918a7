#include "sink/replays.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "lake/json_members.h"

namespace ticklake::sink {
namespace {

using Json = nlohmann::json;

constexpr int64_t kFormat = 1;
constexpr int kDepthMax = 4;
constexpr size_t kGenerationBytesMax = 64;
constexpr size_t kDigits = 20;
constexpr uint64_t kOutcomeBytesMax = 4'096;
constexpr std::string_view kOutcomeEnding = ".outcome.json";

std::string folder_of(const std::string& topic) {
  return kept_letters_folder() + "/" + topic + "/replayed";
}
std::string batch_name(int64_t number) { return fmt::format("{:020}.json", number); }
std::string outcome_name(int64_t number) { return fmt::format("{:020}{}", number, kOutcomeEnding); }

tl::unexpected<base::Error> corrupt(std::string cause) {
  return base::fail(base::ErrorCode::kCorrupt, "a replay of dead letters cannot be read",
                    std::move(cause), "restore the lake's _ticklake folder from a backup");
}

/// The number in "<20 digits>.json"; none for any other name.
std::optional<int64_t> number_in(std::string_view name) {
  int64_t number = 0;
  if (name.size() != kDigits + 5 || !name.ends_with(".json")) return std::nullopt;
  const char* const end = name.data() + kDigits;
  const auto [stop, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

base::Result<ReplayBatch> read_batch(lake::ObjectStore& store, const std::string& topic,
                                     int64_t number) {
  const std::string key = folder_of(topic) + "/" + batch_name(number);
  TICKLAKE_ASSIGN(const std::string text, store.get(key, kReplayBytesMax));
  auto batch = parse_replay_batch(text);
  if (!batch) return tl::unexpected(std::move(batch).error().within(key));
  if (batch->number != number) return corrupt(key + " has another number");
  return batch;
}

std::string outcome_json(bool was_sent) { return Json({{"sent", was_sent}}).dump() + "\n"; }

base::Result<bool> read_outcome(lake::ObjectStore& store, const std::string& key) {
  TICKLAKE_ASSIGN(const std::string text, store.get(key, kOutcomeBytesMax));
  const auto json = lake::parse_object(text, kDepthMax);
  const Json* const sent = json ? lake::find_member(*json, "sent") : nullptr;
  if (sent == nullptr || !sent->is_boolean()) return corrupt(key + " does not say it");
  return sent->get<bool>();
}

}  // namespace

std::string to_json(const ReplayBatch& batch) {
  Json letters = Json::array();
  for (const LetterId& id : batch.letters)
    letters.push_back({id.generation, id.partition, id.offset});
  const Json json = {{"format", kFormat},
                     {"number", batch.number},
                     {"created_us", base::to_unix_us(batch.created)},
                     {"letters", std::move(letters)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<ReplayBatch> parse_replay_batch(std::string_view text) {
  if (text.size() > kReplayBytesMax) return corrupt("it is too large");
  const auto json = lake::parse_object(text, kDepthMax);
  if (!json || lake::whole_member(*json, "format") != kFormat) {
    return corrupt("it is not a JSON object of a format that this version knows");
  }
  const auto number = lake::whole_member(*json, "number");
  const auto created = lake::whole_member(*json, "created_us");
  const Json* const letters = lake::find_member(*json, "letters");
  if (!number || !created || *created > INT64_MAX / 1'000 || letters == nullptr ||
      !letters->is_array() || letters->size() > kReplayLettersMax) {
    return corrupt("its number, time or letters are not there");
  }
  ReplayBatch batch{*number, {}, base::WallTime(std::chrono::microseconds(*created))};
  for (const Json& item : *letters) {
    if (!item.is_array() || item.size() != 3 || !item[0].is_string() ||
        !item[1].is_number_integer() || !item[2].is_number_integer()) {
      return corrupt("a letter is no generation, partition and offset");
    }
    const Json named = {{"partition", item[1]}, {"offset", item[2]}};
    const auto partition = lake::whole_member(named, "partition");
    const auto offset = lake::whole_member(named, "offset");
    auto generation = item[0].get<std::string>();
    if (!partition || *partition > INT32_MAX || !offset ||
        generation.size() > kGenerationBytesMax) {
      return corrupt("a letter is out of range");
    }
    batch.letters.push_back({std::move(generation), static_cast<int32_t>(*partition), *offset});
  }
  return batch;
}

base::Result<Replays> read_replays(lake::ObjectStore& store, const std::string& topic) {
  Replays replays;
  TICKLAKE_ASSIGN(const auto names, store.list_names(folder_of(topic)));
  for (const std::string& name : names) {
    const auto number = number_in(name);
    if (!number) continue;
    TICKLAKE_ASSIGN(ReplayBatch batch, read_batch(store, topic, *number));
    replays.next_number = std::max(replays.next_number, *number + 1);
    const std::string outcome = outcome_name(*number);
    if (!std::ranges::binary_search(names, outcome)) {
      replays.open.push_back(std::move(batch));
      continue;
    }
    TICKLAKE_ASSIGN(const bool was_sent, read_outcome(store, folder_of(topic) + "/" + outcome));
    if (was_sent) replays.sent.insert(batch.letters.begin(), batch.letters.end());
  }
  return replays;
}

base::Result<std::string> replay_name(lake::ObjectStore& store, const std::string& topic,
                                      uint64_t seed) {
  const std::string key = folder_of(topic) + "/name";
  auto there = store.get(key, kOutcomeBytesMax);
  if (!there && there.error().code == base::ErrorCode::kNotFound) {
    auto put = store.put_if_absent(key, fmt::format("{:016x}", seed));
    if (!put && put.error().code != base::ErrorCode::kAlreadyExists) {
      return tl::unexpected(std::move(put).error());
    }
    there = store.get(key, kOutcomeBytesMax);
  }
  if (!there) return tl::unexpected(std::move(there).error());
  return fmt::format("ticklake-replay.{}.{}", topic, *there);
}

base::Result<void> begin_replay(lake::ObjectStore& store, const std::string& topic,
                                const ReplayBatch& batch) {
  return store.put_if_absent(folder_of(topic) + "/" + batch_name(batch.number), to_json(batch));
}

base::Result<void> end_replay(lake::ObjectStore& store, const std::string& topic, int64_t number,
                              bool was_sent) {
  const std::string key = folder_of(topic) + "/" + outcome_name(number);
  auto put = store.put_if_absent(key, outcome_json(was_sent));
  if (put || put.error().code != base::ErrorCode::kAlreadyExists) return put;
  TICKLAKE_ASSIGN(const bool there, read_outcome(store, key));
  return there == was_sent ? base::Result<void>() : put;
}

}  // namespace ticklake::sink
