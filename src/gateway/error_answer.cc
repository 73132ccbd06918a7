#include "gateway/error_answer.h"

#include "query/format.h"

namespace ticklake::gateway {

std::string error_json(const base::Error& error) {
  std::string json = "{\"error\":{\"what\":";
  query::append_json_string(error.what, json);
  json += ",\"cause\":";
  query::append_json_string(error.cause, json);
  json += ",\"advice\":";
  query::append_json_string(error.advice, json);
  return json + "}}";
}

int status_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidArgument:
    case base::ErrorCode::kInvalidData:
    case base::ErrorCode::kUnsupported: return 400;
    case base::ErrorCode::kPermission: return 403;
    case base::ErrorCode::kNotFound: return 404;
    case base::ErrorCode::kTimeout: return 504;
    case base::ErrorCode::kInterrupted:
    case base::ErrorCode::kUnavailable: return 503;
    case base::ErrorCode::kNoSpace: return 507;
    default: return 500;
  }
}

http::Response error_answer(int status, const base::Error& error) {
  return http::Response::of(status, "application/json", error_json(error) + "\n");
}

http::Response error_answer(const base::Error& error) {
  return error_answer(status_of(error.code), error);
}

http::Response answer_failure(const http::Failure& failure, const http::Request*) {
  return error_answer(failure.status, failure.error);
}

http::Response json_answer(std::string json) {
  return http::Response::of(200, "application/json", std::move(json));
}

}  // namespace ticklake::gateway
