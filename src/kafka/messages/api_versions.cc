#include "kafka/messages/api_versions.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(ApiVersions)
}  // namespace ticklake::kafka
