#include "kafka/messages/offset_fetch.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(OffsetFetch)
}  // namespace ticklake::kafka
