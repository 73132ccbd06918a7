#include "aws_api/error_answer.h"

#include <nlohmann/json.hpp>

#include "aws/xml_writer.h"

namespace ticklake::aws_api {
namespace {

using aws::ErrorKind;
using aws::Protocol;

constexpr std::string_view kStsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";
constexpr std::string_view kIamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/";
constexpr int kServerErrors = 500;

http::Response s3_error(const aws::ServiceError& error, const aws::WireError& wire,
                        const Arrival& arrival, std::string_view resource) {
  aws::XmlWriter xml("Error");
  xml.element("Code", wire.code).element("Message", error.message);
  for (const auto& [name, value] : error.members)
    xml.element(name, value);
  xml.element("Resource", resource)
      .element("RequestId", arrival.request_id)
      .element("HostId", arrival.host_id);
  return answer_xml(wire.status, xml.take());
}

http::Response query_error(const aws::ServiceError& error, const aws::WireError& wire,
                           const Arrival& arrival) {
  aws::XmlWriter xml("ErrorResponse",
                     arrival.service == Service::kIam ? kIamNamespace : kStsNamespace);
  xml.open("Error")
      .element("Type", std::string_view(wire.status >= kServerErrors ? "Receiver" : "Sender"))
      .element("Code", wire.code)
      .element("Message", error.message)
      .close()
      .element("RequestId", arrival.request_id);
  return answer_xml(wire.status, xml.take());
}

/// Where the two JSON services call one thing differently.
std::string_view json_code(const aws::ServiceError& error, const aws::WireError& wire,
                           Service service) {
  if (!error.code.empty()) return wire.code;
  switch (error.kind) {
    case ErrorKind::kInternal:
      return service == Service::kAthena ? "InternalServerException" : wire.code;
    case ErrorKind::kInvalidArgument:
    case ErrorKind::kValidation:
      if (service == Service::kAthena) return "InvalidRequestException";
      return service == Service::kGlue ? "InvalidInputException" : wire.code;
    default: return wire.code;
  }
}

http::Response json_error(const aws::ServiceError& error, const aws::WireError& wire,
                          const Arrival& arrival) {
  const std::string_view code = json_code(error, wire, arrival.service);
  // Models call it Message or message, and clients read either.
  nlohmann::json body{{"__type", code}, {"message", error.message}, {"Message", error.message}};
  for (const auto& [name, value] : error.members)
    body[name] = value;
  http::Response response =
      http::Response::of(wire.status, "application/x-amz-json-1.1",
                         body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  response.fields.add("X-Amzn-ErrorType", code);
  return response;
}

}  // namespace

http::Response answer_error(const aws::ServiceError& error, const Arrival& arrival,
                            std::string_view resource) {
  const aws::WireError wire = wire_error(error, arrival.protocol);
  switch (arrival.protocol) {
    case Protocol::kS3: return s3_error(error, wire, arrival, resource);
    case Protocol::kJson: return json_error(error, wire, arrival);
    case Protocol::kQuery: break;
  }
  return query_error(error, wire, arrival);
}

http::Response answer_error(const aws::ServiceError& error, const http::Request& request) {
  return answer_error(error, arrival_of(request), request.raw_path());
}

aws::ServiceError to_service_error(const http::Failure& failure, Protocol protocol) {
  aws::ServiceError error{ErrorKind::kMalformedChunk, failure.error.what};
  if (!failure.error.cause.empty()) error.message += ": " + failure.error.cause;
  switch (failure.status) {
    case 408:
      // A client that was cut off by our time-out tries again at this code.
      error.code = "RequestTimeout";
      error.status = 400;
      break;
    case 413: error.kind = ErrorKind::kEntityTooLarge; break;
    case 500:
      error = {ErrorKind::kInternal, "We encountered an internal error. Please try again.",
               failure.error.cause};
      break;
    case 503:
      error.code = protocol == Protocol::kS3     ? "SlowDown"
                   : protocol == Protocol::kJson ? "ThrottlingException"
                                                 : "Throttling";
      error.status = 503;
      break;
    default: error.status = failure.status; break;
  }
  return error;
}

http::Response answer_xml(int status, std::string text) {
  return http::Response::of(status, "application/xml", std::move(text));
}

}  // namespace ticklake::aws_api
