#include "sink/letter_reader.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "kafka/topic_admin.h"
#include "sink/dead_letters.h"

namespace ticklake::sink {
namespace {

constexpr std::chrono::milliseconds kPollWait{100};
/// The broker gave nothing for so long, though there is more.
constexpr int kEmptyPollsMax = 300;

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || stop != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

/// As Kafka prints a topic's id; anybody may have written the header.
bool is_topic_id(std::string_view text) {
  constexpr size_t kIdBytesMax = 22;
  return text.size() <= kIdBytesMax && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

/// Up to where each partition that has anything is read.
base::Result<std::map<int32_t, int64_t>> ends_of(kafka::Admin& admin, const std::string& topic,
                                                 int32_t partitions) {
  std::map<int32_t, int64_t> ends;
  for (int32_t partition = 0; partition < partitions; ++partition) {
    TICKLAKE_ASSIGN(const kafka::Watermarks log, admin.watermarks(topic, partition));
    if (log.begin < log.end) ends[partition] = log.end;
  }
  return ends;
}

base::Result<void> read_topic(kafka::Admin& admin, kafka::ReaderOptions options,
                              const std::string& topic, const TakeLetter& take) {
  options.topic = dead_letter_topic(topic);
  TICKLAKE_ASSIGN(const int32_t partitions, admin.partition_count(options.topic));
  TICKLAKE_ASSIGN(auto ends, ends_of(admin, options.topic, partitions));
  if (ends.empty()) return {};
  TICKLAKE_ASSIGN(const auto reader, kafka::RecordReader::start(options, admin));
  for (int empty_polls = 0; !ends.empty();) {
    TICKLAKE_ASSIGN(const auto record, reader->next(kPollWait));
    if (!record) {
      if (reader->is_at_end()) return {};
      if (++empty_polls < kEmptyPollsMax) continue;
      return base::fail({base::ErrorCode::kTimeout,
                         "cannot read " + options.topic,
                         "the broker gave no record for 30 s",
                         {},
                         true});
    }
    empty_polls = 0;
    const auto end = ends.find(record->partition);
    if (end == ends.end()) continue;
    const bool is_new = record->offset >= end->second;
    if (record->offset + 1 >= end->second) ends.erase(end);
    if (is_new) continue;
    if (const auto letter = letter_of(topic, *record)) {
      TICKLAKE_TRY(take(*letter, LetterPlace::kTopic));
    }
  }
  return {};
}

}  // namespace

std::optional<DeadLetter> letter_of(const std::string& topic, const kafka::ReadRecord& record) {
  DeadLetter letter;
  letter.topic = topic;
  std::optional<int32_t> partition;
  std::optional<int64_t> offset;
  for (const kafka::RecordHeader& header : record.headers) {
    const std::string_view text = header.value.value_or("");
    if (header.key == "ticklake.error") letter.reason = text;
    if (header.key == "ticklake.topic_id" && is_topic_id(text)) letter.generation = text;
    if (header.key == "ticklake.partition") partition = number_in<int32_t>(text);
    if (header.key == "ticklake.offset") offset = number_in<int64_t>(text);
    if (header.key == "ticklake.topic" && text != topic) return std::nullopt;
  }
  if (!partition || !offset) return std::nullopt;
  letter.partition = *partition;
  letter.offset = *offset;
  if (record.key) letter.key = *record.key;
  letter.value = record.value.value_or("");
  return letter;
}

base::Result<std::set<std::string>> topics_with_letters(const kafka::Admin& admin,
                                                        lake::ObjectStore& store) {
  std::set<std::string> topics;
  TICKLAKE_ASSIGN(const auto all, kafka::list_topics(admin));
  const std::string ending = dead_letter_topic("");
  for (const kafka::TopicDescription& topic : all) {
    if (topic.name.size() <= ending.size() || !topic.name.ends_with(ending)) continue;
    topics.insert(topic.name.substr(0, topic.name.size() - ending.size()));
  }
  TICKLAKE_ASSIGN(const auto kept, store.list_names(kept_letters_folder()));
  topics.insert(kept.begin(), kept.end());
  return topics;
}

base::Result<void> read_letters(kafka::Admin& admin, kafka::ReaderOptions options,
                                lake::ObjectStore& store, const std::string& topic,
                                const TakeLetter& take) {
  TICKLAKE_TRY(read_topic(admin, std::move(options), topic, take));
  TICKLAKE_ASSIGN(const auto keys, list_kept_letters(store, topic));
  for (const std::string& key : keys) {
    TICKLAKE_ASSIGN(const auto letters, read_kept_letters(store, key));
    for (const DeadLetter& letter : letters)
      TICKLAKE_TRY(take(letter, LetterPlace::kLake));
  }
  return {};
}

}  // namespace ticklake::sink
