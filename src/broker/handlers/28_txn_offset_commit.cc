// TxnOffsetCommit, versions 0 to 4. As OffsetCommit, but the offsets count when the transaction is
// committed; it must be open, and AddOffsetsToTxn must have come before. Needs Write on the
// transactional id, Read on the group, and on each topic.

#include <memory>

#include "broker/handlers/offset_commit.h"
#include "kafka/messages/txn_offset_commit.h"

namespace ticklake::broker {

using kafka::ErrorCode;
using Request = kafka::TxnOffsetCommitRequest;
using Response = kafka::TxnOffsetCommitResponse;

namespace {

kafka::OffsetCommitRequest as_offset_commit(Request&& request) {
  kafka::OffsetCommitRequest commit;
  commit.group_id = std::move(request.group_id);
  commit.generation_id_or_member_epoch = request.generation_id;
  commit.member_id = std::move(request.member_id);
  commit.group_instance_id = std::move(request.group_instance_id);
  for (Request::Topic& topic : request.topics) {
    auto& into = commit.topics.emplace_back();
    into.name = std::move(topic.name);
    for (Request::Partition& partition : topic.partitions) {
      into.partitions.push_back({partition.partition_index, partition.committed_offset,
                                 partition.committed_leader_epoch,
                                 std::move(partition.committed_metadata)});
    }
  }
  return commit;
}

/// `error` where there is none yet.
Response as_response(const kafka::OffsetCommitResponse& committed, ErrorCode error) {
  Response response;
  for (const auto& topic : committed.topics) {
    Response::Topic& answers = response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& partition : topic.partitions) {
      const bool is_settled = partition.error_code != ErrorCode::kNone;
      answers.partitions.push_back(
          {partition.partition_index, is_settled ? partition.error_code : error});
    }
  }
  return response;
}

ErrorCode check_transaction(Broker& broker, const Request& request) {
  if (request.group_id.empty()) return ErrorCode::kInvalidGroupId;
  const ErrorCode error = broker.transactions().check_partition(
      request.transactional_id, {request.producer_id, request.producer_epoch},
      {std::string(kOffsetsTopic), 0});
  switch (error) {
    case ErrorCode::kProducerFenced: return ErrorCode::kInvalidProducerEpoch;
    // The client tries again after either.
    case ErrorCode::kConcurrentTransactions: return ErrorCode::kCoordinatorNotAvailable;
    default: return error;
  }
}

/// What the request as a whole is refused with.
ErrorCode check_access(const Access& access, const Request& request) {
  using kafka::AclOperation;
  if (!access.allows_transactional_id(AclOperation::kWrite, request.transactional_id)) {
    return ErrorCode::kTransactionalIdAuthorizationFailed;
  }
  if (!access.allows_group(AclOperation::kRead, request.group_id)) {
    return ErrorCode::kGroupAuthorizationFailed;
  }
  return ErrorCode::kNone;
}

}  // namespace

void handle_txn_offset_commit(Broker& broker, RequestContext context) {
  auto request = decode_or_close<Request>(broker, context);
  if (!request) return;
  const ErrorCode denied = check_access(context.access, *request);
  const ErrorCode refused =
      denied == ErrorCode::kNone ? check_transaction(broker, *request) : ErrorCode::kNone;
  const ProducerIdAndEpoch producer{request->producer_id, request->producer_epoch};
  kafka::OffsetCommitRequest commit = as_offset_commit(std::move(*request));
  if (denied != ErrorCode::kNone) {
    return context.reply.send(as_response(refuse_all(commit, denied), denied));
  }
  kafka::OffsetCommitResponse whole = take_refused_out(broker, context.access, commit);
  if (refused != ErrorCode::kNone) return context.reply.send(as_response(whole, refused));
  auto reply = std::make_shared<Reply>(std::move(context.reply));
  broker.groups().commit_in_transaction(
      producer, commit,
      [reply, whole = std::move(whole)](const kafka::OffsetCommitResponse& committed) mutable {
        fill_in(whole, committed);
        reply->send(as_response(whole, ErrorCode::kNone));
      });
}

}  // namespace ticklake::broker
