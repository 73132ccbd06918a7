#pragma once

#include <vector>

#include "broker/config/static_config.h"

namespace ticklake::broker {

// The rows of static_configs(), by what they are about; in no order.

std::vector<StaticConfig> topic_rows();
std::vector<StaticConfig> group_rows();
std::vector<StaticConfig> transaction_rows();
std::vector<StaticConfig> connection_rows();

}  // namespace ticklake::broker
