#include "kafka/messages/leave_group.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(LeaveGroup)
}  // namespace ticklake::kafka
