#include "kafka/group_admin.h"

#include <algorithm>

#include "kafka/admin_call.h"

namespace ticklake::kafka {
namespace {

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

base::Result<void> check_error(const rd_kafka_error_t* error, const std::string& what) {
  if (error == nullptr) return {};
  return base::fail(answered_error(rd_kafka_error_code(error), what, rd_kafka_error_string(error)));
}

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  for (int i = 0; list != nullptr && i < list->cnt; ++i)
    partitions.push_back({list->elems[i].topic, list->elems[i].partition});
  std::ranges::sort(partitions);
  return partitions;
}

base::Result<void> check_partitions(const rd_kafka_topic_partition_list_t* list,
                                    const std::string& what) {
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& item = list->elems[i];
    if (item.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return base::fail(
        client_error(item.err, what + ", " + item.topic + "/" + std::to_string(item.partition)));
  }
  return {};
}

GroupMember member_of(const rd_kafka_MemberDescription_t* member) {
  return {text_of(rd_kafka_MemberDescription_consumer_id(member)),
          text_of(rd_kafka_MemberDescription_group_instance_id(member)),
          text_of(rd_kafka_MemberDescription_client_id(member)),
          text_of(rd_kafka_MemberDescription_host(member)),
          partitions_of(
              rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(member)))};
}

}  // namespace

base::Result<std::vector<GroupListing>> list_groups(const Admin& admin) {
  const std::string what = "cannot list the groups";
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_ListConsumerGroups(client, options, queue);
                  }));
  const auto* const result = rd_kafka_event_ListConsumerGroups_result(event.get());
  size_t count = 0;
  const rd_kafka_error_t** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) TICKLAKE_TRY(check_error(errors[0], what));
  const rd_kafka_ConsumerGroupListing_t** listings =
      rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<GroupListing> groups;
  for (size_t i = 0; i < count; ++i) {
    groups.push_back(
        {rd_kafka_ConsumerGroupListing_group_id(listings[i]),
         rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupListing_state(listings[i]))});
  }
  std::ranges::sort(groups, {}, &GroupListing::id);
  return groups;
}

base::Result<GroupDescription> describe_group(const Admin& admin, const std::string& group) {
  const std::string what = "cannot describe the group '" + group + "'";
  const char* names[] = {group.c_str()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_DescribeConsumerGroups(client, names, 1, options, queue);
                  }));
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  GroupDescription description;
  for (size_t i = 0; i < count; ++i) {
    TICKLAKE_TRY(check_error(rd_kafka_ConsumerGroupDescription_error(groups[i]), what));
    description.id = rd_kafka_ConsumerGroupDescription_group_id(groups[i]);
    description.state =
        rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(groups[i]));
    description.assignor = text_of(rd_kafka_ConsumerGroupDescription_partition_assignor(groups[i]));
    const size_t members = rd_kafka_ConsumerGroupDescription_member_count(groups[i]);
    for (size_t j = 0; j < members; ++j) {
      description.members.push_back(
          member_of(rd_kafka_ConsumerGroupDescription_member(groups[i], j)));
    }
  }
  return description;
}

base::Result<void> delete_group(const Admin& admin, const std::string& group) {
  const std::string what = "cannot delete the group '" + group + "'";
  const Owned<rd_kafka_DeleteGroup_t, rd_kafka_DeleteGroup_destroy> request(
      rd_kafka_DeleteGroup_new(group.c_str()));
  rd_kafka_DeleteGroup_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_DeleteGroups(client, requests, 1, options, queue);
                  }));
  size_t count = 0;
  const rd_kafka_group_result_t** groups =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i)
    TICKLAKE_TRY(check_error(rd_kafka_group_result_error(groups[i]), what));
  return {};
}

base::Result<std::map<TopicPartition, int64_t>> group_offsets(const Admin& admin,
                                                              const std::string& group) {
  const std::string what = "cannot read the offsets of the group '" + group + "'";
  const Owned<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>
      request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  rd_kafka_ListConsumerGroupOffsets_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_ListConsumerGroupOffsets(client, requests, 1, options, queue);
                  }));
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  std::map<TopicPartition, int64_t> offsets;
  for (size_t i = 0; i < count; ++i) {
    TICKLAKE_TRY(check_error(rd_kafka_group_result_error(groups[i]), what));
    const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(groups[i]);
    TICKLAKE_TRY(check_partitions(list, what));
    for (int j = 0; list != nullptr && j < list->cnt; ++j) {
      const rd_kafka_topic_partition_t& item = list->elems[j];
      if (item.offset >= 0) offsets[{item.topic, item.partition}] = item.offset;
    }
  }
  return offsets;
}

base::Result<void> set_group_offsets(const Admin& admin, const std::string& group,
                                     const std::map<TopicPartition, int64_t>& offsets) {
  const std::string what = "cannot set the offsets of the group '" + group + "'";
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [id, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), id.topic.c_str(), id.partition)->offset = offset;
  }
  const Owned<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>
      request(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
  rd_kafka_AlterConsumerGroupOffsets_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_AlterConsumerGroupOffsets(client, requests, 1, options, queue);
                  }));
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    TICKLAKE_TRY(check_error(rd_kafka_group_result_error(groups[i]), what));
    TICKLAKE_TRY(check_partitions(rd_kafka_group_result_partitions(groups[i]), what));
  }
  return {};
}

base::Result<std::map<TopicPartition, int64_t>> offsets_for_time(
    Admin& admin, const std::vector<TopicPartition>& partitions, base::WallTime time) {
  const std::string what = "cannot look up offsets by time";
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& id : partitions) {
    // librdkafka takes the time where it puts the offset.
    rd_kafka_topic_partition_list_add(list.get(), id.topic.c_str(), id.partition)->offset =
        base::to_unix_ms(time);
  }
  const rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(
      admin.client(), list.get(), static_cast<int>(admin.timeout().count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail(client_error(code, what));
  TICKLAKE_TRY(check_partitions(list.get(), what));
  std::map<TopicPartition, int64_t> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& item = list->elems[i];
    const TopicPartition id{item.topic, item.partition};
    offsets[id] = item.offset;
    if (item.offset >= 0) continue;
    TICKLAKE_ASSIGN(const Watermarks marks, admin.watermarks(id.topic, id.partition));
    offsets[id] = marks.end;
  }
  return offsets;
}

}  // namespace ticklake::kafka
