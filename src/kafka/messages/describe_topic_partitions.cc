#include "kafka/messages/describe_topic_partitions.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeTopicPartitions)
}  // namespace ticklake::kafka
