#include "kafka/messages/offset_delete.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(OffsetDelete)
}  // namespace ticklake::kafka
