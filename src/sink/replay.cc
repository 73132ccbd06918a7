#include "sink/replay.h"

#include <array>
#include <set>
#include <span>

#include <fmt/format.h>

#include "kafka/group_admin.h"
#include "kafka/transactional_producer.h"
#include "sink/letter_reader.h"
#include "sink/replays.h"

namespace ticklake::sink {
namespace {

constexpr uint64_t kBatchBytesMax = 8 << 20;
/// Kafka forgets the offsets of a group without members after seven days.
constexpr std::chrono::hours kOffsetsAgeMax{6 * 24};

std::string text_of(const DeadLetter& letter) {
  return fmt::format("{}/{}@{}", letter.topic, letter.partition, letter.offset);
}

class Replay {
 public:
  Replay(kafka::Admin& admin, lake::ObjectStore& store, const base::Clock& clock,
         const ReplayOptions& options)
      : admin_(admin), store_(store), clock_(clock), options_(options) {}

  base::Result<ReplayOutcome> run() {
    TICKLAKE_TRY(start());
    kafka::ReaderOptions reading;
    reading.brokers = options_.brokers;
    reading.settings = options_.settings;
    TICKLAKE_TRY(read_letters(admin_, std::move(reading), store_, options_.topic,
                              [this](const DeadLetter& letter, LetterPlace) -> base::Result<void> {
                                return take(letter);
                              }));
    TICKLAKE_TRY(send_all());
    return std::move(outcome_);
  }

 private:
  base::Result<void> start();
  base::Result<void> settle(const ReplayBatch& batch, int64_t committed);
  base::Result<void> take(const DeadLetter& letter);
  base::Result<void> send_all();
  base::Result<void> send(std::span<const DeadLetter> letters);
  base::Result<void> send_records(std::span<const DeadLetter> letters, int64_t number);

  kafka::Admin& admin_;
  lake::ObjectStore& store_;
  const base::Clock& clock_;
  const ReplayOptions& options_;
  std::string name_;  ///< of transactions and of the group
  std::unique_ptr<kafka::TransactionalProducer> producer_;
  Replays replays_;
  int32_t partitions_ = 0;
  std::set<LetterId> seen_;
  std::vector<DeadLetter> batch_;
  uint64_t batch_bytes_ = 0;
  ReplayOutcome outcome_;
};

base::Result<void> Replay::start() {
  TICKLAKE_ASSIGN(partitions_, admin_.partition_count(options_.topic));
  if (partitions_ == 0) {
    return base::fail(base::ErrorCode::kNotFound, "there is no topic " + options_.topic,
                      "its dead letters cannot be sent back",
                      "ticklake topic create " + options_.topic);
  }
  TICKLAKE_ASSIGN(name_, replay_name(store_, options_.topic, options_.seed));
  // First of all: from here on nobody else can send a batch that is still open.
  kafka::TransactionalProducerOptions producing;
  producing.brokers = options_.brokers;
  producing.client_id = "ticklake-replay";
  producing.settings = options_.settings;
  producing.transactional_id = name_;
  TICKLAKE_ASSIGN(producer_, kafka::TransactionalProducer::start(producing));
  TICKLAKE_ASSIGN(replays_, read_replays(store_, options_.topic));
  if (replays_.open.empty()) return {};
  TICKLAKE_ASSIGN(const auto offsets, kafka::group_offsets(admin_, name_));
  const auto found = offsets.find({options_.topic, 0});
  for (const ReplayBatch& batch : replays_.open)
    TICKLAKE_TRY(settle(batch, found == offsets.end() ? 0 : found->second));
  return {};
}

base::Result<void> Replay::settle(const ReplayBatch& batch, int64_t committed) {
  bool was_sent = committed > batch.number;
  if (!was_sent && clock_.wall_now() - batch.created > kOffsetsAgeMax) {
    was_sent = true;
    outcome_.notes.push_back(fmt::format(
        "{} letters of a replay that was stopped days ago count as sent: whether they were is not "
        "known any more",
        batch.letters.size()));
  }
  TICKLAKE_TRY(end_replay(store_, options_.topic, batch.number, was_sent));
  if (was_sent) replays_.sent.insert(batch.letters.begin(), batch.letters.end());
  return {};
}

base::Result<void> Replay::take(const DeadLetter& letter) {
  if (!options_.is_chosen(letter)) return {};
  if (!seen_.insert(id_of(letter)).second) return {};
  if (replays_.sent.contains(id_of(letter))) {
    ++outcome_.sent_before;
    return {};
  }
  batch_bytes_ += letter.value.size();
  batch_.push_back(letter);
  if (batch_.size() < kReplayLettersMax && batch_bytes_ < kBatchBytesMax) return {};
  return send_all();
}

base::Result<void> Replay::send_all() {
  TICKLAKE_TRY(send(batch_));
  batch_.clear();
  batch_bytes_ = 0;
  return {};
}

base::Result<void> Replay::send(std::span<const DeadLetter> letters) {
  if (letters.empty()) return {};
  ReplayBatch batch{replays_.next_number++, {}, clock_.wall_now()};
  for (const DeadLetter& letter : letters)
    batch.letters.push_back(id_of(letter));
  TICKLAKE_TRY(begin_replay(store_, options_.topic, batch));
  auto sent = send_records(letters, batch.number);
  if (sent) {
    outcome_.sent += letters.size();
    return end_replay(store_, options_.topic, batch.number, true);
  }
  if (sent.error().code != base::ErrorCode::kInvalidData) return sent;
  // One letter is too large, and took the others with it.
  TICKLAKE_TRY(end_replay(store_, options_.topic, batch.number, false));
  if (letters.size() > 1) {
    TICKLAKE_TRY(send(letters.first(letters.size() / 2)));
    return send(letters.subspan(letters.size() / 2));
  }
  outcome_.notes.push_back(text_of(letters.front()) + " was not sent: " + to_line(sent.error()));
  return {};
}

base::Result<void> Replay::send_records(std::span<const DeadLetter> letters, int64_t number) {
  std::vector<std::string> origins;
  std::vector<std::array<kafka::RecordHeader, 1>> headers;
  std::vector<kafka::OutgoingRecord> records;
  origins.reserve(letters.size());
  headers.reserve(letters.size());
  for (const DeadLetter& letter : letters) {
    origins.push_back(text_of(letter));
    headers.push_back({{{"ticklake.replay_of", origins.back()}}});
    kafka::OutgoingRecord record;
    record.topic = options_.topic;
    record.partition = letter.partition < partitions_ ? letter.partition : -1;
    if (letter.key) record.key = *letter.key;
    record.value = letter.value;
    record.headers = headers.back();
    records.push_back(record);
  }
  const kafka::GroupOffset past_batch{name_, {options_.topic, 0}, number + 1};
  auto sent = producer_->commit(records, options_.stop, past_batch);
  if (!sent && sent.error().code != base::ErrorCode::kInvalidData) {
    sent.error().advice = "run it again: it finds out what was sent, and sends the rest";
  }
  return sent;
}

}  // namespace

base::Result<ReplayOutcome> replay_letters(kafka::Admin& admin, lake::ObjectStore& store,
                                           const base::Clock& clock, const ReplayOptions& options) {
  return Replay(admin, store, clock, options).run();
}

}  // namespace ticklake::sink
