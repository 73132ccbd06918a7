#include "kafka/messages/sync_group.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(SyncGroup)
}  // namespace ticklake::kafka
