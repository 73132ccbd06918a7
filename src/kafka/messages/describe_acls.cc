#include "kafka/messages/describe_acls.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeAcls)
}  // namespace ticklake::kafka
