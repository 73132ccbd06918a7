#include "kafka/topic_admin.h"

#include <algorithm>

#include "kafka/admin_call.h"
#include "kafka/cluster.h"

namespace ticklake::kafka {
namespace {

using Resource = Owned<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

/// `topics_of` is librdkafka's accessor of a result's topics.
template <typename Result, typename TopicsOf>
base::Result<void> check_topics(const Result* result, TopicsOf topics_of, const std::string& what) {
  size_t count = 0;
  const rd_kafka_topic_result_t** const topics = topics_of(result, &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return base::fail(answered_error(code, what, rd_kafka_topic_result_error_string(topics[i])));
  }
  return {};
}

base::Result<void> check_resources(const rd_kafka_ConfigResource_t** resources, size_t count,
                                   const std::string& what) {
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resources[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return base::fail(
        answered_error(code, what, rd_kafka_ConfigResource_error_string(resources[i])));
  }
  return {};
}

base::Result<void> choose_replication(const Admin& admin, NewTopic& topic) {
  constexpr int32_t kReplicationMax = 3;
  TICKLAKE_ASSIGN(const ClusterDescription cluster, describe_cluster(admin));
  const auto brokers = static_cast<int32_t>(cluster.brokers.size());
  topic.replication_factor = std::clamp(brokers, 1, kReplicationMax);
  if (topic.replication_factor == 1) return {};
  topic.configs.emplace("min.insync.replicas", std::to_string(topic.replication_factor - 1));
  return {};
}

Resource topic_resource(const std::string& topic) {
  return Resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
}

}  // namespace

base::Result<std::vector<TopicDescription>> list_topics(const Admin& admin) {
  TICKLAKE_ASSIGN(ClusterDescription cluster, describe_cluster(admin));
  return std::move(cluster.topics);
}

base::Result<TopicDescription> describe_topic(const Admin& admin, const std::string& topic) {
  // All are asked for, since asking for one by name may create it.
  TICKLAKE_ASSIGN(std::vector<TopicDescription> topics, list_topics(admin));
  const auto found = std::ranges::find(topics, topic, &TopicDescription::name);
  if (found != topics.end()) return std::move(*found);
  return base::fail(base::ErrorCode::kNotFound, "there is no topic '" + topic + "'", "",
                    "ticklake topic list");
}

base::Result<void> create_topic(const Admin& admin, const NewTopic& wanted) {
  NewTopic topic = wanted;
  if (topic.replication_factor == NewTopic::kAsBrokersAllow) {
    TICKLAKE_TRY(choose_replication(admin, topic));
  }
  const std::string what = "cannot create the topic '" + topic.name + "'";
  std::array<char, 512> text{};
  const Owned<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy> request(rd_kafka_NewTopic_new(
      topic.name.c_str(), topic.partitions, topic.replication_factor, text.data(), text.size()));
  if (!request) return base::fail(base::ErrorCode::kInvalidArgument, what, text.data());
  for (const auto& [name, value] : topic.configs)
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  rd_kafka_NewTopic_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_CreateTopics(client, requests, 1, options, queue);
                  }));
  return check_topics(rd_kafka_event_CreateTopics_result(event.get()),
                      rd_kafka_CreateTopics_result_topics, what);
}

base::Result<void> delete_topic(const Admin& admin, const std::string& topic) {
  const std::string what = "cannot delete the topic '" + topic + "'";
  const Owned<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy> request(
      rd_kafka_DeleteTopic_new(topic.c_str()));
  rd_kafka_DeleteTopic_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_DeleteTopics(client, requests, 1, options, queue);
                  }));
  return check_topics(rd_kafka_event_DeleteTopics_result(event.get()),
                      rd_kafka_DeleteTopics_result_topics, what);
}

base::Result<void> set_partition_count(const Admin& admin, const std::string& topic,
                                       int32_t total) {
  const std::string what = "cannot add partitions to the topic '" + topic + "'";
  std::array<char, 512> text{};
  const Owned<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy> request(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(total), text.data(),
                                 text.size()));
  if (!request) return base::fail(base::ErrorCode::kInvalidArgument, what, text.data());
  rd_kafka_NewPartitions_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_CreatePartitions(client, requests, 1, options, queue);
                  }));
  return check_topics(rd_kafka_event_CreatePartitions_result(event.get()),
                      rd_kafka_CreatePartitions_result_topics, what);
}

base::Result<std::vector<ConfigValue>> describe_topic_configs(const Admin& admin,
                                                              const std::string& topic) {
  const std::string what = "cannot read the configuration of the topic '" + topic + "'";
  const Resource request = topic_resource(topic);
  rd_kafka_ConfigResource_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_DescribeConfigs(client, requests, 1, options, queue);
                  }));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  TICKLAKE_TRY(check_resources(resources, count, what));
  std::vector<ConfigValue> configs;
  for (size_t i = 0; i < count; ++i) {
    size_t entry_count = 0;
    const rd_kafka_ConfigEntry_t** entries =
        rd_kafka_ConfigResource_configs(resources[i], &entry_count);
    for (size_t j = 0; j < entry_count; ++j) {
      ConfigValue& config = configs.emplace_back();
      config.name = rd_kafka_ConfigEntry_name(entries[j]);
      if (const char* value = rd_kafka_ConfigEntry_value(entries[j])) config.value = value;
      config.is_set_on_topic =
          rd_kafka_ConfigEntry_source(entries[j]) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
    }
  }
  std::ranges::sort(configs, {}, &ConfigValue::name);
  return configs;
}

base::Result<void> alter_topic_configs(
    const Admin& admin, const std::string& topic,
    const std::map<std::string, std::optional<std::string>>& changes) {
  const std::string what = "cannot change the configuration of the topic '" + topic + "'";
  // AlterConfigs replaces all that is set, so what is to stay goes along.
  TICKLAKE_ASSIGN(const std::vector<ConfigValue> now, describe_topic_configs(admin, topic));
  const Resource request = topic_resource(topic);
  for (const ConfigValue& config : now) {
    if (!config.is_set_on_topic || !config.value || changes.contains(config.name)) continue;
    rd_kafka_ConfigResource_set_config(request.get(), config.name.c_str(), config.value->c_str());
  }
  for (const auto& [name, value] : changes) {
    if (value) rd_kafka_ConfigResource_set_config(request.get(), name.c_str(), value->c_str());
  }
  rd_kafka_ConfigResource_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_AlterConfigs(client, requests, 1, options, queue);
                  }));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  return check_resources(resources, count, what);
}

base::Result<std::map<int32_t, int64_t>> delete_records(const Admin& admin,
                                                        const std::string& topic,
                                                        const std::map<int32_t, int64_t>& before) {
  const std::string what = "cannot delete records of the topic '" + topic + "'";
  const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(before.size())));
  for (const auto& [partition, offset] : before) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
        offset < 0 ? RD_KAFKA_OFFSET_END : offset;
  }
  const Owned<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy> request(
      rd_kafka_DeleteRecords_new(list.get()));
  rd_kafka_DeleteRecords_t* requests[] = {request.get()};
  TICKLAKE_ASSIGN(const Event event,
                  admin_call(admin, what, [&](auto* client, auto* options, auto* queue) {
                    rd_kafka_DeleteRecords(client, requests, 1, options, queue);
                  }));
  const rd_kafka_topic_partition_list_t* const result =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  std::map<int32_t, int64_t> starts;
  for (int i = 0; i < result->cnt; ++i) {
    const rd_kafka_topic_partition_t& item = result->elems[i];
    if (item.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return base::fail(client_error(item.err, what + "/" + std::to_string(item.partition)));
    }
    starts[item.partition] = item.offset;
  }
  return starts;
}

}  // namespace ticklake::kafka
