// OffsetForLeaderEpoch, versions 2 to 4 (KIP-320): where an epoch ends, so that a reader can tell
// whether the log was cut below what it has read. Needs Describe on each topic.

#include "broker/handlers/handlers.h"
#include "kafka/messages/offset_for_leader_epoch.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using kafka::OffsetForLeaderEpochRequest;
using kafka::OffsetForLeaderEpochResponse;

void handle_offset_for_leader_epoch(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<OffsetForLeaderEpochRequest>(broker, context);
  if (!request) return;
  OffsetForLeaderEpochResponse response;
  for (const auto& topic : request->topics) {
    auto& answers = response.topics.emplace_back();
    answers.topic = topic.topic;
    const bool is_allowed =
        context.access.allows_topic(kafka::AclOperation::kDescribe, topic.topic);
    for (const auto& wanted : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition = wanted.partition;
      if (!is_allowed) {
        answer.error_code = ErrorCode::kTopicAuthorizationFailed;
        continue;
      }
      const PartitionState* const partition = broker.find_partition(topic.topic, wanted.partition);
      if (!partition) {
        answer.error_code = ErrorCode::kUnknownTopicOrPartition;
      } else if (wanted.current_leader_epoch > partition->log->leader_epoch()) {
        answer.error_code = ErrorCode::kUnknownLeaderEpoch;
      } else if (wanted.current_leader_epoch >= 0 &&
                 wanted.current_leader_epoch < partition->log->leader_epoch()) {
        answer.error_code = ErrorCode::kFencedLeaderEpoch;
      } else {
        const LeaderEpochs::End end = partition->log->epochs().end_of(
            wanted.leader_epoch, partition->log->leader_epoch(), partition->log->end_offset());
        answer.leader_epoch = end.epoch;
        answer.end_offset = end.end_offset;
      }
    }
  }
  context.reply.send(response);
}

}  // namespace ticklake::broker
