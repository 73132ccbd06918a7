#include "kafka/messages/join_group.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(JoinGroup)
}  // namespace ticklake::kafka
