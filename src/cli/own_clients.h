#pragma once

#include <chrono>
#include <map>
#include <string>

#include "broker/node.h"
#include "kafka/client_settings.h"

namespace ticklake::cli {

/// What the feed and the sink of `up` have to do so that they get along with the broker's settings,
/// whatever was given there.
struct OwnClients {
  kafka::ClientSettings producer;                    ///< beside how it reaches the broker
  std::map<std::string, std::string> topic_configs;  ///< of the topics that the feed makes
  std::chrono::milliseconds session_timeout;
};

/// `session_timeout` is what the sink would have otherwise.
OwnClients own_clients(const broker::NodeOptions& broker,
                       std::chrono::milliseconds session_timeout);

}  // namespace ticklake::cli
