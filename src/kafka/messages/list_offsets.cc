#include "kafka/messages/list_offsets.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(ListOffsets)
}  // namespace ticklake::kafka
