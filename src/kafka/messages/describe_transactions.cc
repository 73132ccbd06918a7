#include "kafka/messages/describe_transactions.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeTransactions)
}  // namespace ticklake::kafka
