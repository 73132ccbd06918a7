#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/config_value.h"
#include "broker/log/topic_configs.h"
#include "broker/security/access.h"
#include "kafka/error_code.h"

namespace ticklake::broker {

/// What AlterConfigs and IncrementalAlterConfigs share.
struct ConfigRefusal {
  kafka::ErrorCode code = kafka::ErrorCode::kNone;
  std::string message;
};

/// Which resources the request names more than once; Kafka refuses all of these.
template <typename Resources>
bool is_named_twice(const Resources& resources, const typename Resources::value_type& resource) {
  size_t count = 0;
  for (const auto& other : resources) {
    if (other.resource_type == resource.resource_type &&
        other.resource_name == resource.resource_name) {
      ++count;
    }
  }
  return count > 1;
}

/// Whether that may be done to the configs of a resource of that type (another type is not its
/// concern): of a topic if it may be done to the topic, of the broker if to the cluster.
kafka::ErrorCode check_config_access(const Access& access, kafka::AclOperation operation,
                                     int8_t resource_type, const std::string& name);

/// Whether a resource of that type and name can be changed, and may be; kNone if so.
ConfigRefusal check_changeable(Broker& broker, const Access& access, int8_t resource_type,
                               const std::string& name);

/// Checks the topic's new configs and, unless this is only a question, puts them in force.
ConfigRefusal set_topic_configs(Broker& broker, const std::string& topic, TopicConfigs configs,
                                bool is_question);

}  // namespace ticklake::broker
