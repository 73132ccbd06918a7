#include "kafka/messages/produce.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(Produce)
}  // namespace ticklake::kafka
