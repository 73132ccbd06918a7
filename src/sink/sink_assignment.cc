#include <fmt/format.h>

#include "kafka/topic_ids.h"
#include "lake/layout.h"
#include "sink/sink.h"

namespace ticklake::sink {
namespace {

using kafka::TopicPartition;

constexpr std::chrono::milliseconds kAnswerWait{5'000};
constexpr int kTries = 5;

std::string name_of(const TopicPartition& id) {
  return fmt::format("{}/{}", id.topic, id.partition);
}

/// The chain's offsets against the broker's log: nothing may lie between them.
base::Result<void> check_position(const TopicPartition& id, int64_t position,
                                  const kafka::Watermarks& log) {
  if (log.begin <= position && position <= log.end) return {};
  const bool is_lost = position < log.begin;
  return base::fail(
      base::ErrorCode::kCorrupt, fmt::format("cannot go on with {}", name_of(id)),
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
        sources.push_back(
            {record.partition, record.offset, record.timestamp_ms * 1'000, record.value});
      }
      return take(sources);
    };
    return kafka::read_range(options_.brokers, options_.settings, {chain.topic, chain.partition},
                             start, end, consume);
  };
  return Committer::create(
      database_, {store_, clock_, log_, std::move(read_range), [this] { return may_write(); }},
      options_.flush, options_.encoding);
}

std::optional<int64_t> Sink::on_assigned(const TopicPartition& id) {
  if (!lake::is_sunk_topic(id.topic)) return std::nullopt;
  beat();
  auto partition = take_up(id);
  for (int tries = 1; !partition && partition.error().retriable && tries < kTries; ++tries) {
    beat();
    partition = take_up(id);
  }
  if (!partition) {
    fail_partition(id, partition.error());
    return std::nullopt;
  }
  const int64_t position = partition->position;
  log_.info("{}: reading from offset {}", name_of(id), position);
  const std::lock_guard lock(mutex_);
  partitions_[id] = std::move(*partition);
  return position;
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
  if (!range.records.empty()) TICKLAKE_TRY(partition.table->adopt(range));
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

void Sink::on_revoked(const TopicPartition& id) {
  table::LiveTable* table = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = partitions_.find(id);
    if (found == partitions_.end()) return;
    table = found->second.table;
    partitions_.erase(found);
  }
  log_.info("{}: given back to the group", name_of(id));
  // Its next owner reads on from the lake's end, so what is only here goes.
  if (table == nullptr) return;
  if (auto forgotten = table->forget(id.topic, id.partition); !forgotten) {
    log_.error("{}: {}", name_of(id), to_line(forgotten.error()));
  }
}

void Sink::fail_partition(const TopicPartition& id, const base::Error& error) {
  log_.error("{} stops: {}", name_of(id), to_line(error));
  table::LiveTable* table = nullptr;
  {
    const std::lock_guard lock(mutex_);
    Partition& partition = partitions_[id];
    partition.error = to_line(error);
    table = partition.table;
  }
  if (table == nullptr) return;
  if (auto forgotten = table->forget(id.topic, id.partition); !forgotten) {
    log_.error("{}: {}", name_of(id), to_line(forgotten.error()));
  }
}

}  // namespace ticklake::sink
