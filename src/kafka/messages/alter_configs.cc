#include "kafka/messages/alter_configs.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(AlterConfigs)
}  // namespace ticklake::kafka
