#include "kafka/messages/delete_topics.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DeleteTopics)
}  // namespace ticklake::kafka
