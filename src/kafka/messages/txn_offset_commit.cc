#include "kafka/messages/txn_offset_commit.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(TxnOffsetCommit)
}  // namespace ticklake::kafka
