// Produce, versions 3 to 11 (0 to 2 are announced but refused: librdkafka 2.0 to 2.8 looks at the
// exact range and would otherwise send its batches uncompressed, KAFKA-18659).
// acks=1 is answered from the page cache, acks=all when the batches are on disk, acks=0 not at all;
// its errors close the connection, since the client cannot learn of them in another way.
// A transactional batch is taken if its partition was added to the transaction, or is part of it
// already; asking for that also in the first place is KIP-890's guard against transactions that no
// coordinator would ever end.
// Needs Write on each topic, and on the transactional id if one is named.

#include <limits>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "broker/handlers/handlers.h"
#include "kafka/messages/produce.h"

namespace ticklake::broker {
namespace {

using kafka::AclOperation;
using kafka::ErrorCode;
using kafka::ProduceRequest;
using kafka::ProduceResponse;

constexpr int16_t kServedFrom = 3;
constexpr int16_t kAcksAll = -1;
/// Of one batch, where its records have to be looked at.
constexpr size_t kRecordsBytesMax = size_t{256} << 20;

/// Answers when the last of its partitions is settled.
struct PendingProduce {
  explicit PendingProduce(Reply to) : reply(std::move(to)) {}

  void settle() {
    if (--unsettled > 0) return;
    if (!is_answered) {
      if (has_error) {
        reply.close();
      } else {
        reply.send_nothing();
      }
    } else {
      reply.send(response);
    }
  }

  Reply reply;
  ProduceResponse response;
  size_t unsettled = 1;  // the handler itself, until it has been through all partitions
  bool is_answered = true;
  bool has_error = false;
};

void set_error(ProduceResponse::Partition& answer, ErrorCode error, std::string message = {}) {
  answer.error_code = error;
  answer.base_offset = -1;
  answer.log_start_offset = -1;
  if (!message.empty()) answer.error_message = std::move(message);
}

ErrorCode check_transaction(Broker& broker, const PartitionState& partition,
                            const kafka::BatchHeader& header, const TopicPartition& id,
                            const std::optional<std::string>& transactional_id) {
  if (!header.is_transactional()) return ErrorCode::kNone;
  if (!transactional_id) return ErrorCode::kTransactionalIdAuthorizationFailed;
  const ProducerState::Producer* const known = partition.log->producers().find(header.producer_id);
  if (known && known->open_since) return ErrorCode::kNone;
  const ErrorCode error = broker.transactions().check_partition(
      *transactional_id, {header.producer_id, header.producer_epoch}, id);
  switch (error) {
    // What the producer makes of it: another epoch and a new try, or only a new try.
    case ErrorCode::kProducerFenced: return ErrorCode::kInvalidProducerEpoch;
    case ErrorCode::kConcurrentTransactions: return ErrorCode::kNotEnoughReplicas;
    default: return error;
  }
}

using BadRecords = std::vector<ProduceResponse::RecordError>;

/// The records of a batch of which `fault` says something, by their place in it.
template <typename Fault>
base::Result<BadRecords> bad_records(base::ByteView batch, const Fault& fault) {
  TICKLAKE_ASSIGN(const kafka::BatchRecords read,
                  kafka::BatchRecords::read(batch, kRecordsBytesMax));
  BadRecords bad;
  for (size_t i = 0; i < read.records().size(); ++i) {
    if (const char* const why = fault(read.records()[i])) {
      bad.push_back({static_cast<int32_t>(i), why});
    }
  }
  return bad;
}

/// Refuses the batch if a record of it is bad.
template <typename Fault>
LogResult<void> check_records(base::ByteView batch, const Fault& fault, ErrorCode code,
                              const char* rule, BadRecords& bad) {
  auto found = bad_records(batch, fault);
  if (!found) {
    return tl::unexpected(LogError{ErrorCode::kInvalidRecord, base::to_line(found.error())});
  }
  bad = std::move(*found);
  if (bad.empty()) return {};
  return tl::unexpected(
      LogError{code, std::string("One or more records have been rejected: ") + rule});
}

/// Whether the topic may have the batch: in a compacted one each record has to have a key, and a
/// record's own time has to be as near to ours as the topic says.
LogResult<void> check_records(Broker& broker, const LogSettings& settings, base::ByteView batch,
                              BadRecords& bad) {
  if (settings.is_compacted) {
    const auto has_no_key = [](const kafka::Record& record) {
      return record.key ? nullptr : "it has no key";
    };
    const auto checked = check_records(batch, has_no_key, ErrorCode::kInvalidRecord,
                                       "a compacted topic takes no record without a key", bad);
    if (!checked) return checked;
  }
  constexpr int64_t kAny = std::numeric_limits<int64_t>::max();
  const bool has_bounds =
      settings.timestamp_before_max_ms != kAny || settings.timestamp_after_max_ms != kAny;
  if (!has_bounds || settings.timestamp_type == kafka::TimestampType::kLogAppendTime) return {};
  const int64_t now_ms = base::to_unix_ms(broker.clock().wall_now());
  const auto is_out_of_time = [&](const kafka::Record& record) -> const char* {
    if (record.timestamp_ms < 0) return nullptr;  // it has none
    const bool is_good = record.timestamp_ms < now_ms
                             ? now_ms - record.timestamp_ms <= settings.timestamp_before_max_ms
                             : record.timestamp_ms - now_ms <= settings.timestamp_after_max_ms;
    return is_good ? nullptr : "its time is out of range";
  };
  return check_records(batch, is_out_of_time, ErrorCode::kInvalidTimestamp,
                       "message.timestamp.before.max.ms and message.timestamp.after.max.ms say how "
                       "far a record's time may be from the broker's",
                       bad);
}

/// The batch in the codec that the topic's compression.type names.
base::Result<base::Bytes> recompress(base::ByteView batch, kafka::Codec codec) {
  TICKLAKE_ASSIGN(const kafka::BatchRecords read,
                  kafka::BatchRecords::read(batch, kRecordsBytesMax));
  return kafka::rewrite_batch(read.header(), read.records(), codec);
}

LogResult<PartitionLog::Appended> append_checked(Broker& broker, PartitionLog& log,
                                                 std::span<std::byte> batch,
                                                 kafka::BatchHeader header) {
  const std::optional<kafka::Codec> codec = log.settings().codec;
  base::Bytes recompressed;
  if (codec && header.codec_bits() != static_cast<int>(*codec)) {
    auto rewritten = recompress(batch, *codec);
    if (!rewritten) {
      return tl::unexpected(LogError{ErrorCode::kInvalidRecord, base::to_line(rewritten.error())});
    }
    recompressed = std::move(*rewritten);
    batch = recompressed;
    const auto checked = check_batch(batch, static_cast<size_t>(log.settings().batch_bytes_max));
    if (!checked) return tl::unexpected(checked.error());
    header = *checked;
  }
  return log.append(batch, header, base::to_unix_ms(broker.clock().wall_now()));
}

LogResult<PartitionLog::Appended> append(Broker& broker, PartitionState& partition,
                                         base::ByteView records, const TopicPartition& id,
                                         const std::optional<std::string>& transactional_id,
                                         BadRecords& bad) {
  if (partition.log->has_failed()) {
    return tl::unexpected(
        LogError{ErrorCode::kKafkaStorageError,
                 "the disk failed; the partition takes records again after a restart"});
  }
  const auto bytes_max = static_cast<size_t>(partition.log->settings().batch_bytes_max);
  const auto header = check_batch(records, bytes_max);
  if (!header) return tl::unexpected(header.error());
  const ErrorCode refused = check_transaction(broker, partition, *header, id, transactional_id);
  if (refused != ErrorCode::kNone) {
    return tl::unexpected(LogError{refused, "the partition is not in the producer's transaction"});
  }
  const auto checked = check_records(broker, partition.log->settings(), records, bad);
  if (!checked) return tl::unexpected(checked.error());
  // The bytes stand in the connection's own buffer, which only this request looks at, so that
  // offsets are set in place.
  const std::span<std::byte> batch(const_cast<std::byte*>(records.data()), records.size());
  auto appended = append_checked(broker, *partition.log, batch, *header);
  if (!appended && appended.error().code == ErrorCode::kKafkaStorageError) {
    if (!std::exchange(partition.is_refusing, true)) {
      broker.logger().error("{} takes no records for now: {}", partition.log->name(),
                            appended.error().message);
    }
  } else if (appended && std::exchange(partition.is_refusing, false)) {
    broker.logger().warn("{} takes records again", partition.log->name());
  }
  if (appended && !appended->is_duplicate) {
    broker.records_in += static_cast<uint64_t>(header->record_count);
    broker.bytes_in += records.size();
  }
  return appended;
}

void produce_partition(Broker& broker, const ProduceRequest& request, const std::string& topic,
                       const ProduceRequest::Partition& data,
                       const std::shared_ptr<PendingProduce>& pending, size_t topic_index,
                       size_t partition_index) {
  auto& answer = pending->response.responses[topic_index].partition_responses[partition_index];
  answer.index = data.index;
  PartitionState* const partition = broker.find_partition(topic, data.index);
  if (!partition || is_internal_topic(topic)) {
    set_error(answer,
              partition ? ErrorCode::kInvalidTopicException : ErrorCode::kUnknownTopicOrPartition);
    pending->has_error = true;
    return;
  }
  BadRecords bad;
  auto appended = append(broker, *partition, data.records.value_or(base::ByteView{}),
                         {topic, data.index}, request.transactional_id, bad);
  if (!appended) {
    answer.record_errors = std::move(bad);
    set_error(answer, appended.error().code, std::move(appended.error().message));
    pending->has_error = true;
    return;
  }
  answer.base_offset = appended->base_offset;
  answer.log_append_time_ms = appended->log_append_time_ms;
  answer.log_start_offset = partition->log->start_offset();
  if (request.acks != kAcksAll) {
    broker.publish(*partition);
    return;
  }
  ++pending->unsettled;
  broker.publish_when_durable(
      *partition, appended->last_offset + 1,
      [pending, topic_index, partition_index](ErrorCode error) {
        if (error != ErrorCode::kNone) {
          set_error(pending->response.responses[topic_index].partition_responses[partition_index],
                    error);
        }
        pending->settle();
      });
}

/// What refuses the request as a whole.
ErrorCode check(const ProduceRequest& request, const Access& access) {
  if (request.acks < kAcksAll || request.acks > 1) return ErrorCode::kInvalidRequiredAcks;
  const auto& id = request.transactional_id;
  if (id && !access.allows_transactional_id(AclOperation::kWrite, *id)) {
    return ErrorCode::kTransactionalIdAuthorizationFailed;
  }
  return ErrorCode::kNone;
}

}  // namespace

void handle_produce(Broker& broker, RequestContext context) {
  if (context.header.api_version < kServedFrom) {
    broker.logger().warn("closing a connection from {}: Produce v{} is older than what is served",
                         context.client_host, context.header.api_version);
    context.reply.close();
    return;
  }
  const auto request = decode_or_close<ProduceRequest>(broker, context);
  if (!request) return;
  const auto pending = std::make_shared<PendingProduce>(std::move(context.reply));
  pending->is_answered = request->acks != 0;
  const ErrorCode refused_whole = check(*request, context.access);
  pending->response.responses.resize(request->topic_data.size());
  for (size_t t = 0; t < request->topic_data.size(); ++t) {
    const ProduceRequest::Topic& topic = request->topic_data[t];
    auto& answers = pending->response.responses[t];
    answers.name = topic.name;
    answers.partition_responses.resize(topic.partition_data.size());
    ErrorCode refused = refused_whole;
    if (refused == ErrorCode::kNone &&
        !context.access.allows_topic(AclOperation::kWrite, topic.name)) {
      refused = ErrorCode::kTopicAuthorizationFailed;
    }
    for (size_t p = 0; p < topic.partition_data.size(); ++p) {
      if (refused != ErrorCode::kNone) {
        answers.partition_responses[p].index = topic.partition_data[p].index;
        set_error(answers.partition_responses[p], refused);
        pending->has_error = true;
      } else {
        produce_partition(broker, *request, topic.name, topic.partition_data[p], pending, t, p);
      }
    }
  }
  pending->settle();
}

}  // namespace ticklake::broker
