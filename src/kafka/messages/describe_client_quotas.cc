#include "kafka/messages/describe_client_quotas.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeClientQuotas)
}  // namespace ticklake::kafka
