#include "kafka/messages/offset_for_leader_epoch.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(OffsetForLeaderEpoch)
}  // namespace ticklake::kafka
