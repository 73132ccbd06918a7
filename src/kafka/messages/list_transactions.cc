#include "kafka/messages/list_transactions.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(ListTransactions)
}  // namespace ticklake::kafka
