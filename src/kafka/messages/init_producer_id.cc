#include "kafka/messages/init_producer_id.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(InitProducerId)
}  // namespace ticklake::kafka
