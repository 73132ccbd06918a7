#pragma once

#include <string>
#include <string_view>

#include "aws/service_error.h"
#include "aws_api/arrival.h"
#include "http/failure.h"
#include "http/response.h"

namespace ticklake::aws_api {

/// The answer to a client that is refused, as the protocol of its service has it. The message and
/// the members are told, never the cause.
http::Response answer_error(const aws::ServiceError& error, const Arrival& arrival,
                            std::string_view resource);
http::Response answer_error(const aws::ServiceError& error, const http::Request& request);

/// Likewise for what no handler answers (too large, too late, no HTTP).
aws::ServiceError to_service_error(const http::Failure& failure, aws::Protocol protocol);

/// The answer of an operation that speaks XML.
http::Response answer_xml(int status, std::string text);

}  // namespace ticklake::aws_api
