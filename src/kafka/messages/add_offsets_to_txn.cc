#include "kafka/messages/add_offsets_to_txn.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(AddOffsetsToTxn)
}  // namespace ticklake::kafka
