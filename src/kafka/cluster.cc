#include "kafka/cluster.h"

#include <algorithm>

#include "base/endpoint.h"
#include "kafka/admin_call.h"

namespace ticklake::kafka {
namespace {

TopicDescription description_of(const rd_kafka_metadata_topic_t& topic) {
  TopicDescription description{topic.topic, {}};
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const rd_kafka_metadata_partition_t& partition = topic.partitions[i];
    description.partitions.push_back(
        {partition.id,
         partition.leader,
         {partition.replicas, partition.replicas + partition.replica_cnt},
         {partition.isrs, partition.isrs + partition.isr_cnt}});
  }
  std::ranges::sort(description.partitions, {}, &PartitionDescription::id);
  return description;
}

}  // namespace

base::Result<ClusterDescription> describe_cluster(const Admin& admin) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(admin.client(), 1, nullptr, &metadata,
                        static_cast<int>(admin.timeout().count())) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return base::fail(unreachable_error(admin.brokers()));
  }
  const Owned<const rd_kafka_metadata_t, rd_kafka_metadata_destroy> owned(metadata);
  ClusterDescription cluster;
  for (int i = 0; i < metadata->broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata->brokers[i];
    cluster.brokers.push_back(
        base::Endpoint{broker.host, static_cast<uint16_t>(broker.port)}.text());
  }
  for (int i = 0; i < metadata->topic_cnt; ++i)
    cluster.topics.push_back(description_of(metadata->topics[i]));
  std::ranges::sort(cluster.topics, {}, &TopicDescription::name);
  return cluster;
}

}  // namespace ticklake::kafka
