#include "kafka/messages/create_partitions.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(CreatePartitions)
}  // namespace ticklake::kafka
