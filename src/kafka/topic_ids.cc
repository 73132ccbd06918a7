#include "kafka/topic_ids.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "base/endpoint.h"
#include "kafka/connection.h"

namespace ticklake::kafka {

base::Result<base::Uuid> fetch_topic_id(const std::string& brokers, const std::string& topic,
                                        std::chrono::milliseconds timeout,
                                        const ClientSecurity& security) {
  base::Result<base::Uuid> answer =
      base::fail(base::ErrorCode::kInvalidArgument, "no broker is given");
  for (size_t at = 0; at <= brokers.size();) {
    const size_t comma = std::min(brokers.find(',', at), brokers.size());
    TICKLAKE_ASSIGN(const base::Endpoint broker,
                    base::Endpoint::parse(std::string_view(brokers).substr(at, comma - at)));
    answer =
        fetch_topic_ids(broker, std::span(&topic, 1), timeout, security).map([&](const auto& ids) {
          return ids.at(topic);
        });
    if (answer || answer.error().code == base::ErrorCode::kNotFound) return answer;
    at = comma + 1;
  }
  return answer;
}

}  // namespace ticklake::kafka
