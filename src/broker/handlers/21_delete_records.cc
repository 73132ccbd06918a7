// DeleteRecords, versions 0 to 2: moves a partition's first offset up to what is asked, or with -1
// to the high watermark. On disk when it is answered; the segments go soon after. A topic that is
// only compacted keeps its records (POLICY_VIOLATION), as in Kafka. Needs Delete on each topic.

#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::DeleteRecordsRequest;
using kafka::ErrorCode;

constexpr int64_t kHighWatermark = -1;

ErrorCode delete_in(Broker& broker, const std::string& topic, int32_t index, int64_t offset,
                    int64_t& low_watermark) {
  PartitionState* const partition = broker.find_partition(topic, index);
  if (!partition) return ErrorCode::kUnknownTopicOrPartition;
  if (is_internal_topic(topic)) return ErrorCode::kInvalidTopicException;
  if (!partition->log->settings().is_deleting) return ErrorCode::kPolicyViolation;
  if (offset == kHighWatermark) offset = partition->high_watermark;
  if (offset < 0 || offset > partition->high_watermark) return ErrorCode::kOffsetOutOfRange;
  if (const auto deleted = broker.delete_records(*partition, offset); !deleted) {
    broker.logger().error("delete records of {}-{}: {}", topic, index,
                          base::to_line(deleted.error()));
    return ErrorCode::kKafkaStorageError;
  }
  low_watermark = partition->log->start_offset();
  return ErrorCode::kNone;
}

}  // namespace

kafka::DeleteRecordsResponse answer(Broker& broker, const Access& access,
                                    const DeleteRecordsRequest& request) {
  kafka::DeleteRecordsResponse response;
  for (const auto& topic : request.topics) {
    auto& answers = response.topics.emplace_back();
    answers.name = topic.name;
    const bool is_allowed = access.allows_topic(kafka::AclOperation::kDelete, topic.name);
    for (const auto& partition : topic.partitions) {
      auto& result = answers.partitions.emplace_back();
      result.partition_index = partition.partition_index;
      result.error_code = is_allowed ? delete_in(broker, topic.name, partition.partition_index,
                                                 partition.offset, result.low_watermark)
                                     : ErrorCode::kTopicAuthorizationFailed;
    }
  }
  return response;
}

void handle_delete_records(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<DeleteRecordsRequest>(broker, context);
  if (!request) return;
  context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
