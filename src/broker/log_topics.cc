#include "broker/log_topics.h"

#include "broker/broker.h"

namespace ticklake::broker {

std::optional<TopicInfo> LogTopics::find(std::string_view name) const {
  const Topic* const topic = logs_.find(name);
  if (topic == nullptr) return std::nullopt;
  return TopicInfo{topic->id, static_cast<int32_t>(topic->partitions.size())};
}

std::optional<std::string> LogTopics::name_of(const base::Uuid& id) const {
  const Topic* const topic = logs_.find(id);
  if (topic == nullptr) return std::nullopt;
  return topic->name;
}

void LogTopics::visit(const std::function<void(const std::string& name)>& visitor) const {
  for (const auto& [name, topic] : logs_.topics()) {
    if (!is_internal_topic(name)) visitor(name);
  }
}

}  // namespace ticklake::broker
