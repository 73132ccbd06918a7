#pragma once

#include <functional>
#include <string>

#include "aws/condition_key.h"
#include "aws/request_authentication.h"
#include "aws/service_error.h"
#include "aws_api/form.h"

namespace ticklake::aws_api {

/// One request to a service of the query protocol (IAM, STS), whose signature and body were found
/// right.
struct QueryCall {
  std::string operation;  ///< "CreateUser"
  Form form;
  aws::AuthenticatedRequest caller;
  aws::RequestContext context;
  std::string request_id;
};

/// What answers them: an XML document. Called from many threads at once, on which it may block.
using QueryService = std::function<aws::Answer<std::string>(const QueryCall&)>;

}  // namespace ticklake::aws_api
