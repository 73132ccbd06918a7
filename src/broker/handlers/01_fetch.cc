// Fetch, versions 4 to 16, by topic id from 13 (KIP-516). Answers at once if there is enough, an
// error, or nothing to wait for; else when a partition of it has enough or the wait is over. The
// first batch comes whole, even above the limits, once a response. Sessions (KIP-227):
// fetch_sessions.h. A read_committed reader gets nothing from the last stable offset on, and is
// told which transactions in what it gets were aborted. Needs Read on each topic; that a topic id
// is known is no secret.

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::AclOperation;
using kafka::ErrorCode;
using kafka::FetchRequest;
using kafka::FetchResponse;

constexpr int8_t kReadCommitted = 1;

/// What KIP-392 and KIP-320 ask of a reader that knows a leader epoch.
ErrorCode check_epoch(const PartitionState& partition, int32_t current_leader_epoch) {
  if (current_leader_epoch < 0) return ErrorCode::kNone;
  if (current_leader_epoch < partition.log->leader_epoch()) return ErrorCode::kFencedLeaderEpoch;
  if (current_leader_epoch > partition.log->leader_epoch()) return ErrorCode::kUnknownLeaderEpoch;
  return ErrorCode::kNone;
}

bool tell_aborted(Broker& broker, PartitionLog& log, int64_t offset, int64_t next_offset,
                  FetchResponse::Partition& answer) {
  answer.aborted_transactions.emplace();
  if (next_offset < 0) return true;
  const auto aborted = log.aborted_transactions(offset, next_offset);
  if (!aborted) {
    broker.logger().error("fetch from {}: {}", log.name(), base::to_line(aborted.error()));
    return false;
  }
  for (const AbortedTransaction& one : *aborted)
    answer.aborted_transactions->push_back({one.producer_id, one.first_offset});
  return true;
}

/// Whole batches of the log behind the answer's, and the offset behind them; -1 if there are none.
LogResult<int64_t> add_batches(PartitionLog& log, int64_t offset, int64_t end, size_t bytes_max,
                               bool is_first, kafka::RecordsChain& records, Payloads& payloads) {
  if (auto region = log.find_region(offset, end, bytes_max)) {
    records.parts.emplace_back(std::move(region->bytes));
    return region->next_offset;
  }
  // Only the response's first batch may pass the limits.
  auto read = log.read(offset, end, bytes_max, is_first);
  if (!read) return tl::unexpected(std::move(read).error());
  if (read->size == 0) return -1;
  records.parts.emplace_back(read->view());
  payloads.push_back(std::move(read->bytes));
  return read->next_offset;
}

/// A reader asks again and again at a corrupt batch.
void say(Broker& broker, PartitionState& partition, int64_t offset, const LogError& error) {
  if (error.code == ErrorCode::kOffsetOutOfRange) return;
  const bool is_known = error.code == ErrorCode::kCorruptMessage &&
                        std::exchange(partition.corrupt_offset, offset) == offset;
  if (is_known) return;
  broker.logger().error("fetch from {} at offset {}: {}", partition.log->name(), offset,
                        error.message);
}

ErrorCode read_partition(Broker& broker, PartitionState& partition,
                         const FetchRequest::Partition& wanted, int8_t isolation_level,
                         size_t bytes_left, bool is_first, FetchResponse::Partition& answer,
                         Payloads& payloads) {
  const PartitionLog& log = *partition.log;
  answer.high_watermark = partition.high_watermark;
  answer.last_stable_offset = readable_end(partition, kReadCommitted);
  answer.log_start_offset = log.start_offset();
  if (const ErrorCode error = check_epoch(partition, wanted.current_leader_epoch);
      error != ErrorCode::kNone) {
    return error;
  }
  if (wanted.fetch_offset < log.start_offset() || wanted.fetch_offset > log.end_offset()) {
    return ErrorCode::kOffsetOutOfRange;
  }
  const size_t partition_bytes = static_cast<size_t>(std::max(wanted.partition_max_bytes, 0));
  const size_t bytes_max = std::min(partition_bytes, bytes_left);
  const int64_t end = readable_end(partition, isolation_level);
  if (isolation_level == kReadCommitted) answer.aborted_transactions.emplace();
  if (wanted.fetch_offset >= end || (bytes_max == 0 && !is_first)) return ErrorCode::kNone;
  const auto next_offset = add_batches(*partition.log, wanted.fetch_offset, end, bytes_max,
                                       is_first, answer.records, payloads);
  if (!next_offset) {
    say(broker, partition, wanted.fetch_offset, next_offset.error());
    return next_offset.error().code;
  }
  if (isolation_level == kReadCommitted &&
      !tell_aborted(broker, *partition.log, wanted.fetch_offset, *next_offset, answer)) {
    answer.records.parts.clear();
    return ErrorCode::kKafkaStorageError;
  }
  return ErrorCode::kNone;
}

/// A topic that is asked for by id gets the name that it has now; none if there is none.
void find_names(Broker& broker, FetchRequest& request) {
  for (auto& wanted : request.topics) {
    if (wanted.topic_id.is_zero()) continue;
    const Topic* topic = wanted.topic.empty() ? nullptr : broker.logs().find(wanted.topic);
    if (!topic || topic->id != wanted.topic_id) topic = broker.logs().find(wanted.topic_id);
    wanted.topic = topic ? topic->name : "";
  }
}

/// The partition, or null; by id it must be the topic of that id, not another of its name.
PartitionState* find_partition(Broker& broker, const FetchRequest::Topic& topic,
                               int32_t partition) {
  if (!topic.topic_id.is_zero()) {
    const Topic* const found = broker.logs().find(topic.topic);
    if (!found || found->id != topic.topic_id) return nullptr;
  }
  return broker.find_partition(topic.topic, partition);
}

ErrorCode error_of_missing(Broker& broker, const FetchRequest::Topic& topic) {
  const bool is_id_known = topic.topic_id.is_zero() || broker.logs().find(topic.topic_id);
  return is_id_known ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kUnknownTopicId;
}

/// The topics that have to be answered with an error, whether they are there or not.
RefusedTopics refused_topics(const FetchRequest& request, const Access& access) {
  RefusedTopics refused;
  for (const auto& topic : request.topics) {
    const bool is_unknown_id = topic.topic.empty() && !topic.topic_id.is_zero();
    if (!is_unknown_id && !access.allows_topic(AclOperation::kRead, topic.topic)) {
      refused.insert(topic.topic);
    }
  }
  return refused;
}

std::vector<PartitionLog*> logs_of(Broker& broker, const FetchRequest& request) {
  std::vector<PartitionLog*> logs;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      if (auto* const state = find_partition(broker, topic, partition.partition)) {
        logs.push_back(state->log);
      }
    }
  }
  return logs;
}

}  // namespace

FetchAnswer read_fetch(Broker& broker, const FetchRequest& request, const RefusedTopics& refused) {
  FetchAnswer answer;
  const size_t bytes_max = std::min(static_cast<size_t>(std::max(request.max_bytes, 0)),
                                    broker.settings().fetch_bytes_max);
  for (const auto& topic : request.topics) {
    auto& topic_answer = answer.response.responses.emplace_back();
    topic_answer.topic = topic.topic;
    topic_answer.topic_id = topic.topic_id;
    const bool is_refused = refused.contains(topic.topic);
    for (const auto& wanted : topic.partitions) {
      auto& partition_answer = topic_answer.partitions.emplace_back();
      partition_answer.partition_index = wanted.partition;
      PartitionState* const partition =
          is_refused ? nullptr : find_partition(broker, topic, wanted.partition);
      if (is_refused) {
        partition_answer.error_code = ErrorCode::kTopicAuthorizationFailed;
      } else if (!partition) {
        partition_answer.error_code = error_of_missing(broker, topic);
      } else {
        const size_t bytes_left = bytes_max - std::min(bytes_max, answer.bytes);
        partition_answer.error_code =
            read_partition(broker, *partition, wanted, request.isolation_level, bytes_left,
                           answer.bytes == 0, partition_answer, answer.payloads);
      }
      if (partition_answer.error_code != ErrorCode::kNone) {
        answer.has_error = true;
        if (!partition) partition_answer.high_watermark = -1;
      }
      answer.bytes += partition_answer.records.size();
    }
  }
  return answer;
}

void handle_fetch(Broker& broker, RequestContext context) {
  auto request = decode_or_close<FetchRequest>(broker, context);
  if (!request) return;
  const FetchSessions::Use session =
      broker.fetch_sessions().begin(*request, broker.clock().monotonic_now());
  if (session.error != ErrorCode::kNone) {
    FetchResponse response;
    response.error_code = session.error;
    context.reply.send(response);
    return;
  }
  find_names(broker, *request);
  FetchAnswer answer = read_fetch(broker, *request, refused_topics(*request, context.access));
  const bool is_enough = answer.has_error || request->topics.empty() ||
                         answer.bytes >= static_cast<size_t>(std::max(request->min_bytes, 0));
  if (is_enough || request->max_wait_ms <= 0 || !broker.may_wait(*request)) {
    broker.fetch_sessions().end(session, answer.response);
    context.reply.send(answer.response, std::move(answer.payloads));
    return;
  }
  const auto wait = std::min<std::chrono::milliseconds>(
      std::chrono::milliseconds(request->max_wait_ms), broker.settings().fetch_wait_max);
  std::vector<PartitionLog*> logs = logs_of(broker, *request);
  broker.wait_for_data({std::move(*request), session, std::move(context.reply),
                        broker.clock().monotonic_now() + wait, std::move(logs)});
}

}  // namespace ticklake::broker
