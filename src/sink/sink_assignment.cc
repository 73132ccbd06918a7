#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kafka/topic_ids.h"
#include "lake/layout.h"
#include "sink/decoded_records.h"
#include "sink/places.h"
#include "sink/retry_wait.h"
#include "sink/sink.h"

namespace ticklake::sink {
namespace {

using kafka::TopicPartition;

constexpr std::chrono::seconds kGroupRetryWait{10};

/// Where a problem is that stops the reading of all topics.
constexpr const char* kWholeGroup = "Kafka";

/// The chain's offsets against the broker's log: nothing may lie between them.
base::Result<void> check_position(const TopicPartition& id, int64_t position,
                                  const kafka::Watermarks& log) {
  if (log.begin <= position && position <= log.end) return {};
  const bool is_lost = position < log.begin;
  return base::fail(
      base::ErrorCode::kCorrupt, fmt::format("cannot go on with {}", place_of(id)),
      is_lost ? fmt::format("the lake ends at offset {}, and the broker's log begins at {}: what "
                            "was between them is gone",
                            position, log.begin)
              : fmt::format("the lake ends at offset {}, and the broker's log at {}: it was cut",
                            position, log.end),
      is_lost ? "keep records longer in the broker; nothing was skipped in silence"
              : "restore the broker's log, or delete and make the topic again");
}

}  // namespace

base::Result<std::unique_ptr<Committer>> Sink::make_committer() {
  ReadRange read_range = [this](const lake::ChainId& chain, int64_t start, int64_t end,
                                const TakeRecords& take) {
    const auto consume = [&](std::span<const kafka::ConsumedRecord> records) {
      std::vector<table::SourceRecord> sources;
      sources.reserve(records.size());
      for (const kafka::ConsumedRecord& record : records) {
        sources.push_back(source_of(record));
      }
      return take(sources);
    };
    return kafka::read_range(options_.brokers, options_.settings, {chain.topic, chain.partition},
                             start, end, consume);
  };
  CommitterSeams seams{store_, clock_, log_, std::move(read_range), [this] { return may_write(); }};
  seams.decoding = [this] { return decoding_now(); };
  seams.decode = [this](const lake::RecordDecoding& decoding,
                        std::span<const table::SourceRecord> records,
                        const TakeRecords& take) { return decode(decoding, records, take); };
  return Committer::create(database_, std::move(seams), options_.flush, options_.encoding);
}

std::optional<int64_t> Sink::on_assigned(const TopicPartition& id) {
  if (!lake::is_sunk_topic(id.topic)) return std::nullopt;
  beat();
  paused_.erase(id);
  if (abandoned_.contains(id.topic)) {
    fail_partition(id, {base::ErrorCode::kUnavailable,
                        "is not read yet",
                        "other partitions of the topic failed",
                        {},
                        true});
    return std::nullopt;
  }
  auto partition = take_up(id);
  if (!partition) {
    fail_partition(id, partition.error());
    return std::nullopt;
  }
  const int64_t position = partition->position;
  log_.info("{}: reading from offset {}", place_of(id), position);
  problems_.clear(place_of(id));
  problems_.clear(kWholeGroup);
  {
    const std::lock_guard lock(mutex_);
    partitions_[id] = std::move(*partition);
  }
  note_name(id.topic);
  return position;
}

void Sink::try_again() {
  const base::MonotonicTime now = clock_.monotonic_now();
  if (consumer_ == nullptr) {
    if (now < next_start_) return;
    next_start_ = now + kGroupRetryWait;
    if (const auto started = start_consumer(); !started) {
      problems_.set(kWholeGroup, to_line(started.error()));
    }
    return;
  }
  if (now < next_retry_) return;
  std::optional<TopicPartition> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, partition] : partitions_) {
      if (!partition.error.empty() && partition.next_try <= now) due = id;
    }
  }
  // One at a time, and for a small part of the time only: each may wait for a broker, and the
  // others are to be read meanwhile.
  if (!due) return;
  const auto position = restart(*due);
  if (!position) {
    const base::MonotonicTime end = clock_.monotonic_now();
    next_retry_ = end + (end - now) * kReadingForEachWait;
    fail_partition(*due, position.error());
    return;
  }
  log_.info("{}: reading again, from offset {}", place_of(*due), *position);
  problems_.clear(place_of(*due));
  problems_.clear(flush_of(place_of(*due)));
  problems_.clear(due->topic);
  note_name(due->topic);
}

base::Result<int64_t> Sink::restart(const TopicPartition& id) {
  beat();
  if (abandoned_.contains(id.topic)) {
    TICKLAKE_ASSIGN(table::LiveTable* const table, table_of(id.topic));
    TICKLAKE_TRY(table->abandon(id.topic));
    abandoned_.erase(id.topic);
  }
  TICKLAKE_ASSIGN(Partition partition, take_up(id));
  const int64_t position = partition.position;
  TICKLAKE_TRY(consumer_->read_from(id, position, kAnswerWait));
  paused_.erase(id);
  const std::lock_guard lock(mutex_);
  // Only a flush shows that what failed does not fail again at the same record.
  partition.failures = partitions_[id].failures;
  partitions_[id] = std::move(partition);
  return position;
}

void Sink::leave_group(const base::Error& error) {
  problems_.set(kWholeGroup, to_line(error));
  std::unique_ptr<kafka::Consumer> leaving;
  std::vector<TopicPartition> ids;
  {
    const std::lock_guard lock(mutex_);
    leaving = std::move(consumer_);
    for (const auto& [id, partition] : partitions_)
      ids.push_back(id);
  }
  leaving.reset();
  for (const TopicPartition& id : ids)
    on_revoked(id);
  next_start_ = clock_.monotonic_now() + kGroupRetryWait;
}

base::Result<Sink::Partition> Sink::take_up(const TopicPartition& id) {
  Partition partition;
  TICKLAKE_ASSIGN(const base::Uuid topic_id, kafka::fetch_topic_id(options_.brokers, id.topic,
                                                                   kAnswerWait, options_.security));
  partition.chain = {id.topic, topic_id.is_zero() ? "0" : topic_id.text(), id.partition};
  TICKLAKE_ASSIGN(partition.table, table_of(id.topic));
  for (const auto& [chain, error] : partition.table->broken()) {
    if (chain == partition.chain) return tl::unexpected(error);
  }
  TICKLAKE_ASSIGN(const table::CommittedRange range,
                  recovery_->catch_up(*partition.table, partition.chain));
  if (!range.records.empty()) {
    TICKLAKE_TRY(partition.table->adopt(range));
    tell_committed(*partition.table, std::span(&range, 1));
  }
  partition.durable = range.end;
  partition.position = range.end;
  TICKLAKE_ASSIGN(const kafka::Watermarks log, consumer_->watermarks(id, kAnswerWait));
  partition.log_start = log.begin;
  partition.log_end = log.end;
  // A chain that has not begun takes the log as it is; one that has must find its own end in it.
  if (range.end == 0) {
    partition.position = log.begin;
  } else {
    TICKLAKE_TRY(check_position(id, range.end, log));
  }
  return partition;
}

void Sink::note_name(const std::string& topic) {
  note_shared_table(topic);
  const auto table = table_of(topic);
  if (!table || (*table)->name() == lake::table_name(topic)) return;
  problems_.set("topic " + topic,
                "SQL takes its name for another table's: its table is " + (*table)->name());
}

void Sink::note_shared_table(const std::string& topic) {
  const std::string folder = lake::table_name(topic);
  std::set<std::string> topics;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, partition] : partitions_) {
      if (lake::table_name(id.topic) == folder) topics.insert(id.topic);
    }
  }
  if (topics.size() < 2) return;
  problems_.set(fmt::format("topics {}", fmt::join(topics, ", ")),
                fmt::format("their names come to one table, {}: the rows of all of them are in it, "
                            "and _topic tells whose each is",
                            folder));
}

void Sink::on_revoked(const TopicPartition& id) {
  table::LiveTable* table = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = partitions_.find(id);
    if (found == partitions_.end()) return;
    table = found->second.table;
    partitions_.erase(found);
  }
  paused_.erase(id);
  problems_.clear(place_of(id));
  problems_.clear(flush_of(place_of(id)));
  release(id);
  log_.info("{}: given back to the group", place_of(id));
  // Its next owner reads on from the lake's end, so what is only here goes.
  if (table != nullptr) forget(*table, id);
}

void Sink::forget(table::LiveTable& table, const TopicPartition& id) {
  const auto forgotten = table.forget(id.topic, id.partition);
  if (forgotten) return;
  problems_.set(place_of(id), "its rows cannot be removed: " + to_line(forgotten.error()));
}

void Sink::fail_partition(const TopicPartition& id, const base::Error& error) {
  const std::string line = to_line(error);
  problems_.set(place_of(id), "is not read: " + line);
  table::LiveTable* table = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Partition& partition = partitions_[id];
    partition.error = line;
    partition.next_try = clock_.monotonic_now() + retry_wait(++partition.failures);
    table = partition.table;
  }
  if (table != nullptr) forget(*table, id);
}

void Sink::refuse_topic(const std::string& topic, const std::string& reason) {
  std::vector<TopicPartition> ids;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, partition] : partitions_) {
      if (id.topic == topic) ids.push_back(id);
    }
  }
  if (ids.empty()) problems_.set(topic, "is not read: " + reason);
  for (const TopicPartition& id : ids) {
    fail_partition(id, {base::ErrorCode::kPermission, "cannot read the topic", reason,
                        "allow this client's user to read it", true});
  }
}

void Sink::stop_topic(const std::string& topic, const base::Error& error) {
  table::LiveTable* table = nullptr;
  const std::string line = to_line(error);
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, partition] : partitions_) {
      if (id.topic != topic) continue;
      table = partition.table;
      partition.error = line;
      partition.next_try = clock_.monotonic_now() + retry_wait(++partition.failures);
      problems_.set(place_of(id), "is not read: " + line);
    }
  }
  // Which of the records became rows is not known: all hot rows go, and are read again from where
  // the files end. Until they are gone, nothing of the topic is read.
  if (table != nullptr && !table->abandon(topic)) abandoned_.insert(topic);
}

}  // namespace ticklake::sink
