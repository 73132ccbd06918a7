#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include <nlohmann/json.hpp>

#include "aws/condition_key.h"
#include "aws/request_authentication.h"
#include "aws/service_error.h"

namespace ticklake::aws_api {

/// One request to a service that speaks JSON 1.1 (Glue, Athena), whose signature and body were
/// found right.
struct Call {
  std::string operation;  ///< "StartQueryExecution"
  nlohmann::json input;   ///< an object
  aws::AuthenticatedRequest caller;
  aws::RequestContext context;  ///< for AccessControl::is_allowed()
  std::stop_token stop = {};    ///< requested when the client leaves, and when the server stops
};

/// What answers them: an object, or an error of the service. Called from many threads at once, on
/// which it may block. An operation that it does not know is unknown_operation().
using JsonService = std::function<aws::Answer<nlohmann::json>(const Call&)>;

inline tl::unexpected<aws::ServiceError> unknown_operation(const std::string& operation) {
  return aws::refuse_as("UnknownOperationException",
                        "The operation " + operation + " is not served here.");
}

}  // namespace ticklake::aws_api
