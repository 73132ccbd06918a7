#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "kafka/admin.h"
#include "kafka/topic_admin.h"

namespace ticklake::kafka {

/// What one broker says of the cluster just now.
struct ClusterDescription {
  std::vector<std::string> brokers;      ///< HOST:PORT of those that are up, as they advertise it
  std::vector<TopicDescription> topics;  ///< by name, internal ones too
};

/// Asks any broker that answers; kUnavailable if none does.
base::Result<ClusterDescription> describe_cluster(const Admin& admin);

}  // namespace ticklake::kafka
