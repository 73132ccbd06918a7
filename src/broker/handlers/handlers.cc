#include "broker/handlers/handlers.h"

#include <array>

#include "kafka/messages/all.h"

namespace ticklake::broker {
namespace {

constexpr HandlerEntry entry(const kafka::Api& api, Handler handle) {
  return {api, api.version_min, api.version_max, handle};
}

constexpr std::array kEntries{
    entry(kafka::kProduceApi, handle_produce),
    entry(kafka::kFetchApi, handle_fetch),
    entry(kafka::kListOffsetsApi, handle_list_offsets),
    entry(kafka::kMetadataApi, handle_metadata),
    entry(kafka::kOffsetCommitApi, handle_offset_commit),
    entry(kafka::kOffsetFetchApi, handle_offset_fetch),
    entry(kafka::kFindCoordinatorApi, handle_find_coordinator),
    entry(kafka::kJoinGroupApi, handle_join_group),
    entry(kafka::kHeartbeatApi, handle_heartbeat),
    entry(kafka::kLeaveGroupApi, handle_leave_group),
    entry(kafka::kSyncGroupApi, handle_sync_group),
    entry(kafka::kDescribeGroupsApi, handle_describe_groups),
    entry(kafka::kListGroupsApi, handle_list_groups),
    entry(kafka::kSaslHandshakeApi, handle_sasl_handshake),
    entry(kafka::kApiVersionsApi, handle_api_versions),
    entry(kafka::kCreateTopicsApi, handle_create_topics),
    entry(kafka::kDeleteTopicsApi, handle_delete_topics),
    entry(kafka::kDeleteRecordsApi, handle_delete_records),
    entry(kafka::kInitProducerIdApi, handle_init_producer_id),
    entry(kafka::kOffsetForLeaderEpochApi, handle_offset_for_leader_epoch),
    entry(kafka::kAddPartitionsToTxnApi, handle_add_partitions_to_txn),
    entry(kafka::kAddOffsetsToTxnApi, handle_add_offsets_to_txn),
    entry(kafka::kEndTxnApi, handle_end_txn),
    entry(kafka::kTxnOffsetCommitApi, handle_txn_offset_commit),
    entry(kafka::kDescribeAclsApi, handle_describe_acls),
    entry(kafka::kCreateAclsApi, handle_create_acls),
    entry(kafka::kDeleteAclsApi, handle_delete_acls),
    entry(kafka::kDescribeProducersApi, handle_describe_producers),
    entry(kafka::kDescribeTransactionsApi, handle_describe_transactions),
    entry(kafka::kListTransactionsApi, handle_list_transactions),
    entry(kafka::kDescribeConfigsApi, handle_describe_configs),
    entry(kafka::kAlterConfigsApi, handle_alter_configs),
    entry(kafka::kDescribeLogDirsApi, handle_describe_log_dirs),
    entry(kafka::kSaslAuthenticateApi, handle_sasl_authenticate),
    entry(kafka::kCreatePartitionsApi, handle_create_partitions),
    entry(kafka::kDeleteGroupsApi, handle_delete_groups),
    entry(kafka::kIncrementalAlterConfigsApi, handle_incremental_alter_configs),
    entry(kafka::kOffsetDeleteApi, handle_offset_delete),
    entry(kafka::kDescribeClientQuotasApi, handle_describe_client_quotas),
    entry(kafka::kAlterClientQuotasApi, handle_alter_client_quotas),
    entry(kafka::kDescribeUserScramCredentialsApi, handle_describe_user_scram_credentials),
    entry(kafka::kAlterUserScramCredentialsApi, handle_alter_user_scram_credentials),
    entry(kafka::kDescribeClusterApi, handle_describe_cluster),
    entry(kafka::kConsumerGroupHeartbeatApi, handle_consumer_group_heartbeat),
    entry(kafka::kConsumerGroupDescribeApi, handle_consumer_group_describe),
    entry(kafka::kDescribeTopicPartitionsApi, handle_describe_topic_partitions),
};

}  // namespace

std::span<const HandlerEntry> handler_entries() { return kEntries; }

}  // namespace ticklake::broker
