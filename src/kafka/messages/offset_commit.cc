#include "kafka/messages/offset_commit.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(OffsetCommit)
}  // namespace ticklake::kafka
