#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

struct rd_kafka_s;
struct rd_kafka_conf_s;

namespace ticklake::kafka {

/// librdkafka's error `code` (rd_kafka_resp_err_t) as ours; `what` names what was tried.
base::Error client_error(int code, std::string what);

/// That no broker answers at `brokers`.
base::Error unreachable_error(const std::string& brokers);

/// A configuration with `settings`, silent (errors come back from calls); the caller gives it to
/// rd_kafka_new() or destroys it.
base::Result<rd_kafka_conf_s*> make_client_conf(
    const std::vector<std::pair<std::string, std::string>>& settings);

/// A client that owns `conf`; `is_producer` or a consumer.
base::Result<rd_kafka_s*> make_client(rd_kafka_conf_s* conf, bool is_producer);

}  // namespace ticklake::kafka
