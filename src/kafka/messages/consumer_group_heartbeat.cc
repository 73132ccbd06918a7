#include "kafka/messages/consumer_group_heartbeat.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(ConsumerGroupHeartbeat)
}  // namespace ticklake::kafka
