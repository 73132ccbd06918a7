#include "kafka/messages/heartbeat.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(Heartbeat)
}  // namespace ticklake::kafka
