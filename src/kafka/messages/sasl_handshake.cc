#include "kafka/messages/sasl_handshake.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(SaslHandshake)
}  // namespace ticklake::kafka
