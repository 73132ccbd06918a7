#include "kafka/messages/alter_user_scram_credentials.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(AlterUserScramCredentials)
}  // namespace ticklake::kafka
