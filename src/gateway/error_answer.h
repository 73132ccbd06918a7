#pragma once

#include <string>

#include "base/result.h"
#include "http/failure.h"
#include "http/request.h"
#include "http/response.h"

namespace ticklake::gateway {

/// {"error":{"what","cause","advice"}}
std::string error_json(const base::Error& error);
/// The HTTP status that says the same as an error's code.
int status_of(base::ErrorCode code);
http::Response error_answer(int status, const base::Error& error);
/// With the status of its code.
http::Response error_answer(const base::Error& error);

/// http::Site::answer_failure.
http::Response answer_failure(const http::Failure& failure, const http::Request* request);

http::Response json_answer(std::string json);

}  // namespace ticklake::gateway
