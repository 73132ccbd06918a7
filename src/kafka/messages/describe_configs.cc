#include "kafka/messages/describe_configs.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeConfigs)
}  // namespace ticklake::kafka
