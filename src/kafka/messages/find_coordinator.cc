#include "kafka/messages/find_coordinator.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(FindCoordinator)
}  // namespace ticklake::kafka
