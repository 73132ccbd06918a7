#include "kafka/messages/incremental_alter_configs.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(IncrementalAlterConfigs)
}  // namespace ticklake::kafka
