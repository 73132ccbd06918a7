#include "kafka/messages/describe_groups.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeGroups)
}  // namespace ticklake::kafka
