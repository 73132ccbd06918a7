#include "broker/broker.h"

#include <algorithm>
#include <utility>

#include "broker/handlers/handlers.h"

namespace ticklake::broker {

using kafka::ErrorCode;

namespace {

/// How many topics and partitions it names: what it takes in memory while it waits.
size_t named_in(const kafka::FetchRequest& request) {
  size_t count = request.topics.size();
  for (const auto& topic : request.topics)
    count += topic.partitions.size();
  return count;
}

}  // namespace

Broker::Broker(BrokerSettings settings, LogFolder& logs, ProducerIds& producer_ids,
               GroupCoordinator& groups, TxnCoordinator& transactions, const base::Clock& clock,
               base::Logger& logger)
    : settings_(settings),
      logs_(logs),
      producer_ids_(producer_ids),
      groups_(groups),
      transactions_(transactions),
      clock_(clock),
      logger_(logger),
      fetch_sessions_(
          base::Random(static_cast<uint64_t>(clock.wall_now().time_since_epoch().count())),
          settings.fetch_sessions),
      quotas_(clock, settings.quota_window) {}

Broker::~Broker() = default;

PartitionState* Broker::find_partition(std::string_view topic_name, int32_t partition) {
  Topic* const topic = logs_.find(topic_name);
  if (!topic || partition < 0 || static_cast<size_t>(partition) >= topic->partitions.size()) {
    return nullptr;
  }
  PartitionLog* const log = topic->partitions[static_cast<size_t>(partition)].get();
  const auto [entry, is_new] = partitions_.try_emplace(log);
  if (is_new) {
    entry->second.log = log;
    // What recovery kept was checked and is on disk, so readers may have all of it.
    raise(entry->second, log->end_offset());
  }
  return &entry->second;
}

base::Result<Topic*> Broker::create_topic(std::string name, int32_t partitions,
                                          std::map<std::string, std::string> configs) {
  TICKLAKE_ASSIGN(Topic* const topic,
                  logs_.create_topic(std::move(name), partitions, std::move(configs)));
  logger_.info("topic {} made, {} partitions, id {}", topic->name, topic->partitions.size(),
               topic->id.text());
  groups_.topics_changed();
  return topic;
}

base::Result<void> Broker::delete_topic(std::string_view name) {
  Topic* const topic = logs_.find(name);
  if (!topic) {
    return base::fail(base::ErrorCode::kNotFound, "no topic " + std::string(name));
  }
  for (const auto& log : topic->partitions)
    forget(log.get());
  const std::string kept_name = topic->name;
  TICKLAKE_TRY(logs_.delete_topic(kept_name));
  groups_.forget_topic(kept_name);
  groups_.topics_changed();
  logger_.info("topic {} deleted", kept_name);
  return {};
}

base::Result<void> Broker::add_partitions(std::string_view topic, int32_t count) {
  TICKLAKE_TRY(logs_.add_partitions(topic, count));
  groups_.topics_changed();
  logger_.info("topic {} has {} partitions now", topic, count);
  return {};
}

base::Result<void> Broker::set_configs(std::string_view topic, TopicConfigs configs) {
  TICKLAKE_TRY(logs_.set_configs(topic, std::move(configs)));
  is_retention_due_ = true;
  logger_.info("topic {}: configs changed", topic);
  return {};
}

base::Result<void> Broker::delete_records(PartitionState& partition, int64_t offset) {
  if (offset <= partition.log->start_offset()) return {};
  is_retention_due_ = true;
  return logs_.delete_before(*partition.log, offset);
}

void Broker::forget(PartitionLog* log) {
  const auto found = partitions_.find(log);
  if (found == partitions_.end()) return;
  const auto waiting_acks = std::move(found->second.waiting_acks);
  const auto waiting_fetches = found->second.waiting_fetches;
  to_sync_.erase(log);
  for (const uint64_t id : waiting_fetches) {
    auto& logs = fetches_.at(id).partitions;
    logs.erase(std::remove(logs.begin(), logs.end(), log), logs.end());
  }
  partitions_.erase(found);
  for (const auto& waiting : waiting_acks)
    waiting.done(ErrorCode::kUnknownTopicOrPartition);
}

void Broker::publish(PartitionState& partition) {
  const bool is_flush_due = partition.log->is_flush_due(base::to_unix_ms(clock_.wall_now()));
  if (is_flush_due && !partition.is_syncing) to_sync_.insert(partition.log);
  advance(partition, partition.log->end_offset());
}

void Broker::publish_when_durable(PartitionState& partition, int64_t next_offset,
                                  Acknowledged done) {
  if (partition.log->recovery_point() >= next_offset) {
    advance(partition, next_offset);
    done(ErrorCode::kNone);
    return;
  }
  partition.waiting_acks.push_back({next_offset, std::move(done)});
  if (!partition.is_syncing) to_sync_.insert(partition.log);
}

std::vector<Broker::SyncJob> Broker::take_sync_jobs() {
  std::vector<SyncJob> jobs;
  for (PartitionLog* const log : to_sync_) {
    partitions_.at(log).is_syncing = true;
    jobs.push_back({log, log->take_sync_work()});
  }
  to_sync_.clear();
  return jobs;
}

void Broker::sync_everything() {
  for (auto& [log, partition] : partitions_) {
    if (log->has_unsynced() && !partition.is_syncing && !log->has_failed()) to_sync_.insert(log);
  }
}

void Broker::sync_flush_due() {
  const int64_t now_ms = base::to_unix_ms(clock_.wall_now());
  for (auto& [log, partition] : partitions_) {
    if (partition.is_syncing || log->has_failed() || !log->is_flush_due(now_ms)) continue;
    to_sync_.insert(log);
  }
}

void Broker::sync_done(PartitionLog* log, int64_t end_offset, const base::Result<void>& outcome) {
  const auto found = partitions_.find(log);
  // The topic was deleted meanwhile; a new one's log may even stand at the same address.
  if (found == partitions_.end() || !found->second.is_syncing) return;
  PartitionState& partition = found->second;
  partition.is_syncing = false;
  if (!outcome) {
    logger_.error("a partition takes no more records until a restart: {}",
                  base::to_line(outcome.error()));
    log->set_failed();
    const auto waiting_acks = std::exchange(partition.waiting_acks, {});
    for (const auto& waiting : waiting_acks)
      waiting.done(ErrorCode::kKafkaStorageError);
    return;
  }
  log->synced(end_offset);
  while (!partition.waiting_acks.empty() &&
         partition.waiting_acks.front().next_offset <= end_offset) {
    const PartitionState::WaitingAck waiting = std::move(partition.waiting_acks.front());
    partition.waiting_acks.pop_front();
    raise(partition, std::max(partition.high_watermark, waiting.next_offset));
    waiting.done(ErrorCode::kNone);
  }
  if (!partition.waiting_acks.empty()) to_sync_.insert(log);
  wake_fetches(partition);
}

void Broker::raise(PartitionState& partition, int64_t high_watermark) {
  partition.high_watermark = high_watermark;
  partition.last_stable_offset = partition.log->last_stable_offset(high_watermark);
}

void Broker::advance(PartitionState& partition, int64_t high_watermark) {
  if (high_watermark <= partition.high_watermark) return;
  raise(partition, high_watermark);
  wake_fetches(partition);
}

bool Broker::may_wait(const kafka::FetchRequest& request) const {
  return waiting_named_ + named_in(request) <= kWaitingNamedMax;
}

void Broker::wait_for_data(WaitingFetch fetch) {
  const uint64_t id = next_fetch_id_++;
  waiting_named_ += named_in(fetch.request);
  for (PartitionLog* const log : fetch.partitions)
    partitions_.at(log).waiting_fetches.insert(id);
  fetch_deadlines_.emplace(fetch.deadline, id);
  fetches_.emplace(id, std::move(fetch));
}

void Broker::wake_fetches(PartitionState& partition) {
  const std::set<uint64_t> waiting = partition.waiting_fetches;
  for (const uint64_t id : waiting)
    retry_fetch(id, false);
}

void Broker::retry_fetch(uint64_t id, bool is_last_time) {
  const auto found = fetches_.find(id);
  if (found == fetches_.end()) return;
  FetchAnswer answer = read_fetch(*this, found->second.request, {});
  const bool is_enough =
      answer.has_error || answer.bytes >= static_cast<size_t>(found->second.request.min_bytes);
  if (!is_enough && !is_last_time) return;
  WaitingFetch fetch = std::move(found->second);
  fetches_.erase(found);
  fetch_deadlines_.erase({fetch.deadline, id});
  waiting_named_ -= named_in(fetch.request);
  for (PartitionLog* const log : fetch.partitions) {
    const auto partition = partitions_.find(log);
    if (partition != partitions_.end()) partition->second.waiting_fetches.erase(id);
  }
  fetch_sessions_.end(fetch.session, answer.response);
  fetch.reply.send(answer.response, std::move(answer.payloads));
}

std::optional<base::MonotonicTime> Broker::next_deadline() const {
  if (fetch_deadlines_.empty()) return std::nullopt;
  return fetch_deadlines_.begin()->first;
}

void Broker::run_due() {
  const base::MonotonicTime now = clock_.monotonic_now();
  while (!fetch_deadlines_.empty() && fetch_deadlines_.begin()->first <= now) {
    retry_fetch(fetch_deadlines_.begin()->second, true);
  }
}

}  // namespace ticklake::broker
