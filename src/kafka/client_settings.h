#pragma once

#include <string>
#include <utility>
#include <vector>

namespace ticklake::kafka {

/// Names and values of librdkafka's configuration, for example {"security.protocol", "SASL_SSL"}.
using ClientSettings = std::vector<std::pair<std::string, std::string>>;

}  // namespace ticklake::kafka
