#include "kafka/messages/list_groups.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(ListGroups)
}  // namespace ticklake::kafka
