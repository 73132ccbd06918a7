#include "kafka/messages/describe_cluster.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeCluster)
}  // namespace ticklake::kafka
