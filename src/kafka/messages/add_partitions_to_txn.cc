#include "kafka/messages/add_partitions_to_txn.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(AddPartitionsToTxn)
}  // namespace ticklake::kafka
