#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/result.h"
#include "base/uuid.h"
#include "kafka/client_security.h"

namespace ticklake::kafka {

/// The id of `topic` (KIP-516), which changes when it is deleted and made again; zero if the
/// brokers are too old to have ids (Metadata before version 10). `brokers` is HOST:PORT[,…]; the
/// first that answers is asked, with `timeout` for each step. kNotFound if there is no such topic.
base::Result<base::Uuid> fetch_topic_id(const std::string& brokers, const std::string& topic,
                                        std::chrono::milliseconds timeout,
                                        const ClientSecurity& security = {});

}  // namespace ticklake::kafka
