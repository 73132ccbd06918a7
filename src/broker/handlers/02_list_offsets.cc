// ListOffsets, versions 1 to 7: earliest (-2), latest (-1: the high watermark, or the last stable
// offset for read_committed), the record with the highest timestamp (-3, from version 7), or the
// first record at or after a time. Needs Describe on each topic.

#include "broker/handlers/handlers.h"
#include "kafka/messages/list_offsets.h"

namespace ticklake::broker {
namespace {

using kafka::ErrorCode;
using kafka::ListOffsetsRequest;
using kafka::ListOffsetsResponse;

base::Result<std::optional<PartitionLog::TimeAndOffset>> look_up(PartitionState& partition,
                                                                 int64_t timestamp, int64_t end) {
  switch (timestamp) {
    case ListOffsetsRequest::kLatest: return PartitionLog::TimeAndOffset{-1, end};
    case ListOffsetsRequest::kEarliest:
      return PartitionLog::TimeAndOffset{-1, partition.log->start_offset()};
    case ListOffsetsRequest::kMaxTimestamp: return partition.log->find_max_timestamp();
    default: return partition.log->find_by_time(timestamp);
  }
}

void answer_partition(Broker& broker, const std::string& topic,
                      const ListOffsetsRequest::Partition& wanted, int8_t isolation_level,
                      ListOffsetsResponse::Partition& answer) {
  answer.partition_index = wanted.partition_index;
  PartitionState* const partition = broker.find_partition(topic, wanted.partition_index);
  if (!partition) {
    answer.error_code = ErrorCode::kUnknownTopicOrPartition;
    return;
  }
  const int64_t end = readable_end(*partition, isolation_level);
  const auto found = look_up(*partition, wanted.timestamp, end);
  if (!found) {
    broker.logger().error("list offsets of {}-{}: {}", topic, wanted.partition_index,
                          base::to_line(found.error()));
    answer.error_code = ErrorCode::kKafkaStorageError;
    return;
  }
  if (!*found) return;
  // A record that readers may not see yet is not to be pointed at.
  const bool is_place = wanted.timestamp == ListOffsetsRequest::kLatest ||
                        wanted.timestamp == ListOffsetsRequest::kEarliest;
  if (!is_place && (*found)->offset >= end) return;
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
    const bool is_allowed = context.access.allows_topic(kafka::AclOperation::kDescribe, topic.name);
    for (const auto& partition : topic.partitions) {
      if (!is_allowed) {
        auto& refused = answers.partitions.emplace_back();
        refused.partition_index = partition.partition_index;
        refused.error_code = ErrorCode::kTopicAuthorizationFailed;
        continue;
      }
      answer_partition(broker, topic.name, partition, request->isolation_level,
                       answers.partitions.emplace_back());
    }
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
