#include "kafka/messages/consumer_group_describe.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(ConsumerGroupDescribe)
}  // namespace ticklake::kafka
