// ListOffsets, versions 1 to 7: earliest (-2), latest (-1: the high watermark), the record with the
// highest timestamp (-3, from version 7), or the first record at or after a time.

#include "broker/handlers/handlers.h"
#include "kafka/messages/list_offsets.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using kafka::ListOffsetsRequest;
using kafka::ListOffsetsResponse;

base::Result<std::optional<PartitionLog::TimeAndOffset>> look_up(PartitionState& partition,
                                                                 int64_t timestamp) {
  switch (timestamp) {
    case ListOffsetsRequest::kLatest:
      return PartitionLog::TimeAndOffset{-1, partition.high_watermark};
    case ListOffsetsRequest::kEarliest:
      return PartitionLog::TimeAndOffset{-1, partition.log->start_offset()};
    case ListOffsetsRequest::kMaxTimestamp: return partition.log->find_max_timestamp();
    default: return partition.log->find_by_time(timestamp);
  }
}

void answer_partition(Broker& broker, const std::string& topic,
                      const ListOffsetsRequest::Partition& wanted,
                      ListOffsetsResponse::Partition& answer) {
  answer.partition_index = wanted.partition_index;
  PartitionState* const partition = broker.find_partition(topic, wanted.partition_index);
  if (!partition) {
    answer.error_code = ErrorCode::kUnknownTopicOrPartition;
    return;
  }
  const auto found = look_up(*partition, wanted.timestamp);
  if (!found) {
    broker.logger().error("list offsets of {}-{}: {}", topic, wanted.partition_index,
                          base::to_line(found.error()));
    answer.error_code = ErrorCode::kKafkaStorageError;
    return;
  }
  // A record that readers may not see yet is not to be pointed at.
  if (!*found || (*found)->offset > partition->high_watermark) return;
  answer.timestamp = (*found)->timestamp_ms;
  answer.offset = (*found)->offset;
  answer.leader_epoch = partition->log->leader_epoch();
}

}  // namespace

void handle_list_offsets(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<ListOffsetsRequest>(broker, context);
  if (!request) return;
  ListOffsetsResponse response;
  for (const auto& topic : request->topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& partition : topic.partitions) {
      answer_partition(broker, topic.name, partition, answers.partitions.emplace_back());
    }
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
