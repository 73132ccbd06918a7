#include "kafka/messages/describe_producers.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeProducers)
}  // namespace ticklake::kafka
