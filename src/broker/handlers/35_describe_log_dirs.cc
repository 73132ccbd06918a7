// DescribeLogDirs, versions 1 to 4: one folder, with the bytes of each partition. How large the
// disk is in all is not told (-1), how much of it is left is. Needs Describe on the cluster; there
// is no room for an error before version 3.

#include "broker/handlers/answers.h"
#include "broker/handlers/handlers.h"

namespace ticklake::broker {
namespace {

using kafka::DescribeLogDirsRequest;
using LogDir = kafka::DescribeLogDirsResponse::LogDir;

void tell(const Topic& topic, int32_t partition, LogDir::Topic& into) {
  if (partition < 0 || static_cast<size_t>(partition) >= topic.partitions.size()) return;
  const PartitionLog& log = *topic.partitions[static_cast<size_t>(partition)];
  into.partitions.push_back({partition, static_cast<int64_t>(log.size_bytes()), 0, false});
}

}  // namespace

kafka::DescribeLogDirsResponse answer(Broker& broker, const Access& access,
                                      const DescribeLogDirsRequest& request) {
  kafka::DescribeLogDirsResponse response;
  if (!access.allows_cluster(kafka::AclOperation::kDescribe)) {
    response.error_code = kafka::ErrorCode::kClusterAuthorizationFailed;
    return response;
  }
  LogDir& folder = response.results.emplace_back();
  folder.log_dir = broker.logs().path().string();
  if (const auto bytes = broker.logs().bytes_available()) {
    folder.usable_bytes = static_cast<int64_t>(*bytes);
  }
  if (!request.topics) {
    for (const auto& [name, topic] : broker.logs().topics()) {
      LogDir::Topic& told = folder.topics.emplace_back();
      told.name = name;
      for (size_t i = 0; i < topic->partitions.size(); ++i)
        tell(*topic, static_cast<int32_t>(i), told);
    }
    return response;
  }
  for (const auto& wanted : *request.topics) {
    const Topic* const topic = broker.logs().find(wanted.topic);
    if (!topic) continue;
    LogDir::Topic& told = folder.topics.emplace_back();
    told.name = wanted.topic;
    for (const int32_t partition : wanted.partitions)
      tell(*topic, partition, told);
  }
  return response;
}

void handle_describe_log_dirs(Broker& broker, RequestContext context) {
  const auto request = decode_or_close<DescribeLogDirsRequest>(broker, context);
  if (!request) return;
  context.reply.send(answer(broker, context.access, *request));
}

}  // namespace ticklake::broker
