#include "kafka/messages/describe_log_dirs.h"

#include "kafka/message_codec.h"

namespace ticklake::kafka {
TICKLAKE_KAFKA_API(DescribeLogDirs)
}  // namespace ticklake::kafka
