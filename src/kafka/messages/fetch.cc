#include "kafka/messages/fetch.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(Fetch)
}  // namespace ticklake::kafka
