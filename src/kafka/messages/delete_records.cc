#include "kafka/messages/delete_records.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DeleteRecords)
}  // namespace ticklake::kafka
