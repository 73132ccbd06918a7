#include <algorithm>

#include <fmt/format.h>

#include "sink/decoded_records.h"
#include "sink/places.h"
#include "sink/retry_wait.h"
#include "sink/sink.h"

namespace ticklake::sink {

using kafka::ConsumedRecord;
using kafka::TopicPartition;
using table::SourceRecord;

void Sink::take(std::span<const ConsumedRecord> records) {
  while (!records.empty()) {
    size_t count = 1;
    while (count < records.size() && records[count].topic == records[0].topic)
      ++count;
    take_run(records.first(count));
    records = records.subspan(count);
  }
}

void Sink::take_run(std::span<const ConsumedRecord> run) {
  const std::string topic(run.front().topic);
  table::LiveTable* const table = choose(topic, run);
  if (table == nullptr) return;
  const base::MonotonicTime begun = clock_.monotonic_now();
  for (const ConsumedRecord* const record : chosen_) {
    const auto added = add_decoded(decoder_, source_of(*record), records_);
    origins_.resize(records_.size(), record);
    if (!added) {
      if (append_decoded(*table, topic)) {
        hold({topic, record->partition}, record->offset, added.error());
        const base::MonotonicTime end = clock_.monotonic_now();
        next_held_try_ = end + (end - begun) * kReadingForEachWait;
      }
      return;
    }
    if (decoder_.bytes() >= kDecodedBytesMax && !append_decoded(*table, topic)) return;
  }
  append_decoded(*table, topic);
}

/// Those of the run that are to be read now, into chosen_; null if none is.
table::LiveTable* Sink::choose(const std::string& topic, std::span<const ConsumedRecord> run) {
  chosen_.clear();
  table::LiveTable* table = nullptr;
  const std::lock_guard lock(mutex_);
  const auto held = held_.find(topic);
  if (held != held_.end() && held->second.is_waiting) return nullptr;
  const Partition* partition = nullptr;
  int32_t looked_up = -1;
  for (const ConsumedRecord& record : run) {
    if (record.partition != looked_up) {
      const auto found = partitions_.find({topic, record.partition});
      partition = found == partitions_.end() ? nullptr : &found->second;
      looked_up = record.partition;
    }
    if (partition == nullptr || !partition->error.empty()) continue;
    if (record.offset < partition->position) continue;
    table = partition->table;
    chosen_.push_back(&record);
  }
  return table;
}

/// Whether what was decoded is in SQL; its partitions' positions are after it then.
bool Sink::append_decoded(table::LiveTable& table, const std::string& topic) {
  const auto appended = append(table, topic, records_, origins_);
  if (!appended) {
    stop_topic(topic, appended.error());
  } else {
    const std::lock_guard lock(mutex_);
    Partition* partition = nullptr;
    int32_t looked_up = -1;
    for (const ConsumedRecord* const origin : origins_) {
      if (origin->partition != looked_up) {
        const auto found = partitions_.find({topic, origin->partition});
        partition = found == partitions_.end() ? nullptr : &found->second;
        looked_up = origin->partition;
      }
      if (partition != nullptr) partition->position = origin->offset + 1;
    }
    const auto held = held_.find(topic);
    if (held != held_.end()) {
      const auto at = partitions_.find({topic, held->second.partition});
      if (at != partitions_.end() && at->second.position > held->second.offset) {
        held_.erase(held);
        problems_.clear(topic);
      }
    }
  }
  records_.clear();
  origins_.clear();
  decoder_.clear();
  return appended.has_value();
}

void Sink::add_dead_letters(std::vector<DeadLetter> letters) {
  for (DeadLetter& letter : letters) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = partitions_.find({letter.topic, letter.partition});
      if (found != partitions_.end()) letter.generation = found->second.chain.generation;
    }
    dead_letters_.add(std::move(letter));
  }
}

base::Result<void> Sink::append(table::LiveTable& table, const std::string& topic,
                                std::span<const SourceRecord> records,
                                std::span<const ConsumedRecord* const> origins) {
  while (!records.empty()) {
    const uint64_t there = table.active_size(topic).records;
    const uint64_t room = options_.flush.rows_max > there ? options_.flush.rows_max - there : 1;
    size_t count = std::min<uint64_t>(records.size(), room);
    // The rows of one record stay in one segment.
    while (count < records.size() && records[count].is_of_the_same_record(records[count - 1]))
      ++count;
    TICKLAKE_TRY(append_part(table, topic, records.first(count), origins.first(count)));
    records = records.subspan(count);
    origins = origins.subspan(count);
    if (table.active_size(topic).records >= options_.flush.rows_max) {
      TICKLAKE_TRY(table.freeze(topic));
      changed_.notify_all();
    }
  }
  return {};
}

base::Result<void> Sink::append_part(table::LiveTable& table, const std::string& topic,
                                     std::span<const SourceRecord> records,
                                     std::span<const ConsumedRecord* const> origins) {
  std::vector<size_t> rejected;
  std::vector<DeadLetter> letters;
  const auto reject = [&](const SourceRecord& record, const std::string& reason) {
    // LiveTable gives back a reference to the very record in the span.
    const auto index = static_cast<size_t>(&record - records.data());
    const ConsumedRecord& origin = *origins[index];
    DeadLetter& letter = letters.emplace_back();
    letter.topic = topic;
    letter.partition = record.partition;
    letter.offset = record.offset;
    if (origin.key) letter.key = std::string(*origin.key);
    letter.value = std::string(origin.value);
    letter.reason = reason;
    rejected.push_back(index);
  };
  TICKLAKE_ASSIGN(const size_t added, table.append(topic, records, reject));
  add_dead_letters(std::move(letters));
  rows_visible_ += added;
  passed_over_ += static_cast<uint64_t>(
      std::ranges::count_if(records, [](const SourceRecord& r) { return r.is_passed_over; }));
  {
    const std::lock_guard lock(mutex_);
    throughput_[table.name()].rows += added;
  }
  if (observer_ && added > 0) observe(table, topic, records, rejected);
  return {};
}

void Sink::observe(table::LiveTable& table, const std::string& topic,
                   std::span<const SourceRecord> records, std::span<const size_t> rejected) {
  if (rejected.empty() && std::ranges::all_of(records, &SourceRecord::is_row)) {
    observer_({topic, table.name(), records});
    return;
  }
  std::vector<SourceRecord> rows;
  for (size_t i = 0; i < records.size();) {
    const size_t count = table::rows_of_first_record(records.subspan(i));
    if (records[i].is_row() && !std::ranges::binary_search(rejected, i)) {
      rows.insert(rows.end(), &records[i], &records[i] + count);
    }
    i += count;
  }
  observer_({topic, table.name(), rows});
}

/// Of all rows that are in SQL: an id that was refused once is refused until the end of the
/// process.
lake::RecordDecoding Sink::decoding_now() const {
  lake::RecordDecoding decoding;
  decoding.explode = options_.decoding.explode;
  decoding.registry = options_.decoding.registry;
  if (options_.registry != nullptr) decoding.refused_schemas = options_.registry->refused_ids();
  return decoding;
}

base::Result<void> Sink::decode(const lake::RecordDecoding& decoding,
                                std::span<const SourceRecord> records,
                                const TakeRecords& take_rows) {
  if (decoding.registry && options_.registry == nullptr) {
    return base::fail({base::ErrorCode::kUnavailable, "cannot decode records again",
                       "a schema registry was needed when their boundary record was written",
                       "give --schema-registry URL", true});
  }
  message::Decoder decoder({decoding.explode, decoding.registry, decoding.refused_schemas},
                           options_.registry);
  std::vector<SourceRecord> rows;
  for (const SourceRecord& record : records) {
    TICKLAKE_TRY(add_decoded(decoder, record, rows));
    if (decoder.bytes() < kDecodedBytesMax) continue;
    TICKLAKE_TRY(take_rows(rows));
    rows.clear();
    decoder.clear();
  }
  return take_rows(rows);
}

void Sink::hold(const TopicPartition& at, int64_t offset, const base::Error& error) {
  const std::string line = to_line(error);
  problems_.set(at.topic,
                fmt::format("is not read on from offset {} of {}: {}", offset, place_of(at), line));
  const std::lock_guard lock(mutex_);
  Held& held = held_[at.topic];
  held.partition = at.partition;
  held.offset = offset;
  held.is_waiting = true;
  held.error = line;
  held.next_try = clock_.monotonic_now() + retry_wait(++held.failures);
}

/// The record that its topic is held at is another sink's now.
void Sink::release(const TopicPartition& at) {
  {
    const std::lock_guard lock(mutex_);
    const auto held = held_.find(at.topic);
    if (held == held_.end() || held->second.partition != at.partition) return;
    held_.erase(held);
  }
  problems_.clear(at.topic);
}

void Sink::read_held_again() {
  if (consumer_ == nullptr || clock_.monotonic_now() < next_held_try_) return;
  std::vector<std::pair<TopicPartition, int64_t>> positions;
  {
    const std::lock_guard lock(mutex_);
    const auto due = std::ranges::find_if(held_, [&](const auto& held) {
      return held.second.is_waiting && held.second.next_try <= clock_.monotonic_now();
    });
    if (due == held_.end()) return;
    due->second.is_waiting = false;
    for (const auto& [id, partition] : partitions_) {
      if (id.topic == due->first && partition.error.empty()) {
        positions.emplace_back(id, partition.position);
      }
    }
  }
  // What was fetched behind the record, and dropped, is fetched again.
  for (const auto& [id, position] : positions) {
    if (const auto read = consumer_->read_from(id, position, kAnswerWait); !read) {
      fail_partition(id, read.error());
      continue;
    }
    paused_.erase(id);
  }
}

}  // namespace ticklake::sink
