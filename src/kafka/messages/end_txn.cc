#include "kafka/messages/end_txn.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(EndTxn)
}  // namespace ticklake::kafka
