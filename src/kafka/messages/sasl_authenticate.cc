#include "kafka/messages/sasl_authenticate.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(SaslAuthenticate)
}  // namespace ticklake::kafka
