#include "kafka/messages/create_topics.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(CreateTopics)
}  // namespace ticklake::kafka
