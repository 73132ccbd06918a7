#include "kafka/messages/delete_acls.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DeleteAcls)
}  // namespace ticklake::kafka
