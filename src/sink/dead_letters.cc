#include "sink/dead_letters.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "kafka/admin.h"
#include "kafka/producer.h"

namespace ticklake::sink {
namespace {

constexpr std::chrono::milliseconds kDeliveryMax{5'000};
/// After a topic took nothing, its letters go to the lake at once for so long.
constexpr std::chrono::seconds kToLake{60};
constexpr std::chrono::seconds kRetryWait{1};
/// Of letters that are sent one by one, because together they failed: so many in a row that fail
/// say that the topic takes none.
constexpr int kFailuresMax = 3;
constexpr uint64_t kOverheadBytes = 256;
/// Twice what a producer sends at once.
constexpr const char* kTopicMessageBytes = "2097152";
constexpr uint64_t kTopicBytesMax = 16 << 20;
constexpr uint64_t kBytesMax = 64 << 20;

uint64_t size_of(const DeadLetter& letter) {
  return letter.value.size() + letter.reason.size() + kOverheadBytes;
}

bool any_below(const std::vector<DeadLetter>& letters, int32_t partition, int64_t end) {
  return std::ranges::any_of(letters, [&](const DeadLetter& letter) {
    return letter.partition == partition && letter.offset < end;
  });
}

}  // namespace

std::string dead_letter_topic(const std::string& topic) { return topic + ".dead-letter"; }

DeadLetters::DeadLetters(std::string brokers, kafka::ClientSettings settings,
                         lake::ObjectStore& store, const base::Clock& clock, Problems& problems)
    : brokers_(std::move(brokers)),
      settings_(std::move(settings)),
      store_(store),
      clock_(clock),
      problems_(problems) {}
DeadLetters::~DeadLetters() = default;

void DeadLetters::add(DeadLetter letter) {
  const std::lock_guard lock(mutex_);
  Waiting& waiting = waiting_[letter.topic];
  waiting.bytes += size_of(letter);
  bytes_ += size_of(letter);
  waiting.letters.push_back(std::move(letter));
  changed_.notify_all();
}

bool DeadLetters::are_settled(const kafka::TopicPartition& partition, int64_t end) const {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(partition.topic);
  if (found == waiting_.end()) return true;
  return !any_below(found->second.letters, partition.partition, end) &&
         !any_below(found->second.in_delivery, partition.partition, end);
}

bool DeadLetters::is_full(const std::string& topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(topic);
  if (found == waiting_.end()) return false;
  return found->second.bytes >= kTopicBytesMax || bytes_ >= kBytesMax;
}

bool DeadLetters::is_empty() const {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

uint64_t DeadLetters::kept() const {
  const std::lock_guard lock(mutex_);
  uint64_t count = 0;
  for (const auto& [topic, of_topic] : kept_)
    count += of_topic;
  return count;
}

uint64_t DeadLetters::kept(const std::string& topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(topic);
  return found == kept_.end() ? 0 : found->second;
}

base::Result<void> DeadLetters::count_kept() {
  TICKLAKE_ASSIGN(auto kept, count_kept_letters(store_));
  {
    const std::lock_guard lock(mutex_);
    kept_ = kept;
  }
  for (const auto& [topic, count] : kept)
    say_what_is_kept(topic, "");
  return {};
}

void DeadLetters::say_what_is_kept(const std::string& topic, const std::string& undelivered) {
  uint64_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    count = kept_[topic];
  }
  std::string what = fmt::format(
      "the topic did not take {} of its dead letters: kept in the "
      "lake, under _ticklake/dead-letters/{}",
      count, topic);
  if (!undelivered.empty()) what += " (" + undelivered + ")";
  problems_.set(dead_letter_topic(topic), what);
}

void DeadLetters::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (deliver_next()) continue;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kRetryWait, [this] {
      return std::ranges::any_of(waiting_, [](const auto& waiting) {
        return waiting.second.not_before == base::MonotonicTime{};
      });
    });
  }
}

bool DeadLetters::deliver_next() {
  std::string topic;
  Waiting* waiting = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const base::MonotonicTime now = clock_.monotonic_now();
    const auto due = std::ranges::find_if(
        waiting_, [&](const auto& candidate) { return candidate.second.not_before <= now; });
    if (due == waiting_.end()) return false;
    topic = due->first;
    waiting = &due->second;
    if (waiting->in_delivery.empty()) std::swap(waiting->in_delivery, waiting->letters);
  }
  const auto outcome = deliver(topic, waiting->in_delivery);
  if (!outcome) {
    problems_.set(dead_letter_topic(topic), "dead letters wait: " + to_line(outcome.error()));
  }
  const std::lock_guard lock(mutex_);
  if (!outcome) {
    waiting->not_before = clock_.monotonic_now() + kRetryWait;
    return true;
  }
  waiting->not_before = {};
  for (const DeadLetter& letter : waiting->in_delivery) {
    waiting->bytes -= size_of(letter);
    bytes_ -= size_of(letter);
  }
  waiting->in_delivery.clear();
  if (waiting->letters.empty()) waiting_.erase(topic);
  return true;
}

base::Result<void> DeadLetters::deliver(const std::string& topic,
                                        std::span<const DeadLetter> letters) {
  const auto refusal = refusals_.find(topic);
  if (refusal != refusals_.end() && clock_.monotonic_now() < refusal->second.until) {
    return keep(topic, letters, refusal->second.why);
  }
  std::vector<DeadLetter> refused;
  const auto sent = send(letters, refused);
  if (sent && refused.empty()) {
    refusals_.erase(topic);
    const std::lock_guard lock(mutex_);
    if (!kept_.contains(topic)) problems_.clear(dead_letter_topic(topic));
    return {};
  }
  if (sent) return keep(topic, refused, "larger than a record may be");
  // One letter that the broker refuses takes with it all that were sent together.
  const base::ErrorCode code = sent.error().code;
  if (code == base::ErrorCode::kInvalidData || code == base::ErrorCode::kIo) {
    return send_one_by_one(topic, letters);
  }
  refusals_[topic] = {clock_.monotonic_now() + kToLake, to_line(sent.error())};
  return keep(topic, letters, to_line(sent.error()));
}

base::Result<void> DeadLetters::send_one_by_one(const std::string& topic,
                                                std::span<const DeadLetter> letters) {
  int failures = 0;
  for (size_t i = 0; i < letters.size(); ++i) {
    std::vector<DeadLetter> refused;
    const auto sent = send(letters.subspan(i, 1), refused);
    if (sent && refused.empty()) {
      failures = 0;
      continue;
    }
    const std::string why = sent ? "larger than a record may be" : to_line(sent.error());
    if (++failures < kFailuresMax) {
      TICKLAKE_TRY(keep(topic, letters.subspan(i, 1), why));
      continue;
    }
    refusals_[topic] = {clock_.monotonic_now() + kToLake, why};
    return keep(topic, letters.subspan(i), why);
  }
  return {};
}

base::Result<void> DeadLetters::start_producer() {
  if (producer_ != nullptr) return {};
  kafka::ProducerOptions options;
  options.brokers = brokers_;
  options.client_id = "ticklake-sink";
  options.delivery_timeout = kDeliveryMax;
  options.settings = settings_;
  TICKLAKE_ASSIGN(producer_, kafka::Producer::start(options));
  return {};
}

/// Made here, for a broker may not make topics by itself or give them one copy, and with configs of
/// its own: whatever the broker's are, a letter fits that is a little larger than its record, and
/// needs no key.
base::Result<void> DeadLetters::ensure_topic(const std::string& topic) {
  if (topics_there_.contains(topic)) return {};
  TICKLAKE_ASSIGN(const auto admin, kafka::Admin::start(brokers_, kDeliveryMax, settings_));
  TICKLAKE_TRY(admin->ensure_topic({.name = topic,
                                    .configs = {{"cleanup.policy", "delete"},
                                                {"max.message.bytes", kTopicMessageBytes},
                                                {"message.timestamp.type", "LogAppendTime"}}}));
  topics_there_.insert(topic);
  return {};
}

base::Result<void> DeadLetters::send(std::span<const DeadLetter> letters,
                                     std::vector<DeadLetter>& refused) {
  auto outcome = [&]() -> base::Result<void> {
    TICKLAKE_TRY(ensure_topic(dead_letter_topic(letters.front().topic)));
    TICKLAKE_TRY(start_producer());
    for (const DeadLetter& letter : letters) {
      const std::string topic = dead_letter_topic(letter.topic);
      const std::string partition = std::to_string(letter.partition);
      const std::string offset = std::to_string(letter.offset);
      const std::array<kafka::RecordHeader, 5> headers = {
          {{"ticklake.error", letter.reason},
           {"ticklake.topic", letter.topic},
           {"ticklake.partition", partition},
           {"ticklake.offset", offset},
           {"ticklake.topic_id", letter.generation}}};
      kafka::OutgoingRecord record;
      record.topic = topic;
      if (letter.key) record.key = *letter.key;
      record.value = letter.value;
      record.headers = headers;
      auto produced = producer_->produce(record, std::stop_token());
      if (produced) continue;
      // Of the letter alone: the client found it too large before it sent anything.
      if (produced.error().code != base::ErrorCode::kInvalidData) return produced;
      refused.push_back(letter);
    }
    return producer_->flush(kDeliveryMax + kRetryWait);
  }();
  if (!outcome) {
    producer_.reset();
    topics_there_.clear();
  }
  return outcome;
}

base::Result<void> DeadLetters::keep(const std::string& topic, std::span<const DeadLetter> letters,
                                     const std::string& undelivered) {
  TICKLAKE_TRY(keep_letters(store_, letters, undelivered));
  {
    const std::lock_guard lock(mutex_);
    kept_[topic] += letters.size();
  }
  say_what_is_kept(topic, undelivered);
  return {};
}

}  // namespace ticklake::sink
