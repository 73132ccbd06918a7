#include "kafka/messages/alter_client_quotas.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(AlterClientQuotas)
}  // namespace ticklake::kafka
