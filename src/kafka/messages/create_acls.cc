#include "kafka/messages/create_acls.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(CreateAcls)
}  // namespace ticklake::kafka
