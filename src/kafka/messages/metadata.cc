#include "kafka/messages/metadata.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(Metadata)
}  // namespace ticklake::kafka
