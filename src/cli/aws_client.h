#pragma once

#include <string>

#include "aws/json_client.h"
#include "base/clock.h"
#include "base/result.h"

namespace ticklake::cli {

/// A client of one of AWS's services as the environment of this process has it: keys, region,
/// endpoint and AWS_MAX_ATTEMPTS, as AWS's own tools take them. `region` goes before those, if it
/// is not empty. `clock` must outlive it.
base::Result<aws::JsonClient> aws_client(const aws::ServiceName& service, const std::string& region,
                                         const base::Clock& clock);

}  // namespace ticklake::cli
