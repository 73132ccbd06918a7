#pragma once

#include <string>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/broker_configs.h"
#include "broker/log/topic_configs.h"
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

/// Whether a resource of that type and name can be changed; kNone if so.
ConfigRefusal check_changeable(Broker& broker, int8_t resource_type, const std::string& name);

/// Checks the topic's new configs and, unless this is only a question, puts them in force.
ConfigRefusal set_topic_configs(Broker& broker, const std::string& topic, TopicConfigs configs,
                                bool is_question);

}  // namespace ticklake::broker
