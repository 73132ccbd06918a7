#include "kafka/messages/delete_groups.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DeleteGroups)
}  // namespace ticklake::kafka
