#include "sink/dead_letters.h"

#include <array>
#include <stop_token>

#include "kafka/producer.h"

namespace ticklake::sink {
namespace {

constexpr std::chrono::milliseconds kDeliveryMax{10'000};
constexpr uint64_t kOverheadBytes = 256;

uint64_t size_of(const DeadLetters::Letter& letter) {
  return letter.value.size() + letter.reason.size() + kOverheadBytes;
}

}  // namespace

DeadLetters::DeadLetters(std::string brokers, kafka::ClientSettings settings)
    : brokers_(std::move(brokers)), settings_(std::move(settings)) {}
DeadLetters::~DeadLetters() = default;

void DeadLetters::add(Letter letter) {
  waiting_bytes_ += size_of(letter);
  ++count_;
  const std::lock_guard lock(mutex_);
  letters_.push_back(std::move(letter));
}

base::Result<void> DeadLetters::send(const Letter& letter) {
  const std::string topic = letter.topic + ".dead-letter";
  const std::string partition = std::to_string(letter.partition);
  const std::string offset = std::to_string(letter.offset);
  const std::array<kafka::RecordHeader, 4> headers = {{{"ticklake.error", letter.reason},
                                                       {"ticklake.topic", letter.topic},
                                                       {"ticklake.partition", partition},
                                                       {"ticklake.offset", offset}}};
  kafka::OutgoingRecord record;
  record.topic = topic;
  if (letter.key) record.key = *letter.key;
  record.value = letter.value;
  record.headers = headers;
  return producer_->produce(record, std::stop_token());
}

base::Result<void> DeadLetters::deliver() {
  std::deque<Letter> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  if (letters.empty()) return {};
  auto outcome = [&]() -> base::Result<void> {
    if (producer_ == nullptr) {
      kafka::ProducerOptions options;
      options.brokers = brokers_;
      options.client_id = "ticklake-sink";
      options.delivery_timeout = kDeliveryMax;
      options.settings = settings_;
      TICKLAKE_ASSIGN(producer_, kafka::Producer::start(options));
    }
    for (const Letter& letter : letters)
      TICKLAKE_TRY(send(letter));
    return producer_->flush(kDeliveryMax);
  }();
  if (!outcome) {
    producer_.reset();
    const std::lock_guard lock(mutex_);
    letters_.insert(letters_.begin(), std::make_move_iterator(letters.begin()),
                    std::make_move_iterator(letters.end()));
    base::Error error = std::move(outcome).error().within("deliver dead letters");
    error.retriable = true;
    return tl::unexpected(std::move(error));
  }
  for (const Letter& letter : letters)
    waiting_bytes_ -= size_of(letter);
  return {};
}

}  // namespace ticklake::sink
