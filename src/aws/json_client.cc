#include "aws/json_client.h"

#include <algorithm>
#include <array>

#include "aws/hash.h"
#include "aws/signature_v4.h"

namespace ticklake::aws {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kAttemptTimeMax{60};
constexpr int kOk = 200;
constexpr std::string_view kContentType = "application/x-amz-json-1.1";

/// Codes that mean that the key is not known, or not used as it should be.
constexpr std::array<std::string_view, 9> kKeyRefused{
    "UnrecognizedClientException",  "InvalidSignatureException",
    "ExpiredTokenException",        "MissingAuthenticationTokenException",
    "IncompleteSignatureException", "InvalidClientTokenId",
    "MissingAuthenticationToken",   "SignatureDoesNotMatch",
    "NotAuthorizedInvalidToken"};

/// "aws.protocol#NAME:http://…" is NAME.
std::string bare_code(std::string_view text) {
  text = text.substr(0, text.find(':'));
  const size_t mark = text.rfind('#');
  return std::string(mark == std::string_view::npos ? text : text.substr(mark + 1));
}

std::string text_of(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string header_of(const base::HttpResponse& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? std::string() : found->second;
}

std::string code_of(const base::HttpResponse& response, const json& body) {
  const std::string told = header_of(response, "x-amzn-errortype");
  return bare_code(told.empty() ? text_of(body, "__type") : told);
}

bool is_denied(std::string_view code) {
  return code == "AccessDeniedException" || code == "AccessDenied";
}

}  // namespace

ClientSeams system_seams(const base::Clock& clock) {
  return {base::send_http, wait_for, clock, base::entropy_seed()};
}

JsonClient::JsonClient(ServiceName service, ClientEndpoint endpoint, ClientSeams seams,
                       int attempts_max)
    : service_(service),
      endpoint_(std::move(endpoint)),
      seams_(std::move(seams)),
      attempts_max_(attempts_max),
      random_(seams_.seed) {}

base::HttpRequest JsonClient::signed_request(std::string_view operation,
                                             const std::string& body) const {
  const std::string host = endpoint_.url.substr(endpoint_.url.find("://") + 3);
  const std::string target = std::string(service_.target).append(".").append(operation);
  const std::array<HeaderField, 3> fields{
      {{"host", host}, {"content-type", kContentType}, {"x-amz-target", target}}};
  const RequestView view{"POST", "/", fields};
  base::HttpRequest request;
  request.method = "POST";
  request.url = endpoint_.url + "/";
  request.body = body;
  request.time_max = kAttemptTimeMax;
  for (const HeaderField& field : fields)
    request.headers.push_back(std::string(field.name).append(": ").append(field.value));
  for (const auto& [name, value] :
       sign_v4(view, endpoint_.credentials, endpoint_.region, service_.host, sha256_hex(body),
               seams_.clock.wall_now()))
    request.headers.push_back(name + ": " + value);
  return request;
}

CallFailure JsonClient::interrupted() const {
  return {{base::ErrorCode::kInterrupted,
           "a call of " + std::string(service_.title),
           "cancelled",
           {},
           false},
          {}};
}

CallFailure JsonClient::unreachable(base::Error error) const {
  if (error.code == base::ErrorCode::kInterrupted) return interrupted();
  return {{base::ErrorCode::kUnavailable,
           "cannot reach " + std::string(service_.title) + " at " + endpoint_.url,
           error.cause.empty() ? error.what : error.cause,
           "check the network, the region and AWS_ENDPOINT_URL", error.retriable},
          {}};
}

CallFailure JsonClient::refused(std::string_view operation,
                                const base::HttpResponse& response) const {
  const json body = json::parse(response.body, nullptr, false);
  CallFailure failure{{}, code_of(response, body)};
  base::Error& error = failure.error;
  error.code = base::ErrorCode::kInvalidData;
  error.retriable = is_retriable(response.status, failure.code);
  if (error.retriable) error.code = base::ErrorCode::kUnavailable;
  const std::string name =
      failure.code.empty() ? "status " + std::to_string(response.status) : failure.code;
  error.what = std::string(service_.title) + " refused " + std::string(operation) + ": " + name;
  error.cause = text_of(body, "message");
  if (error.cause.empty()) error.cause = text_of(body, "Message");
  const std::string id = header_of(response, "x-amzn-requestid");
  if (!id.empty()) {
    error.cause = error.cause.empty() ? "request " + id : error.cause + " (request " + id + ")";
  }
  if (std::ranges::find(kKeyRefused, failure.code) != kKeyRefused.end()) {
    error.code = base::ErrorCode::kPermission;
    error.advice = "check the keys (from " + endpoint_.origin + "), the region and the clock";
  } else if (is_denied(failure.code)) {
    error.code = base::ErrorCode::kPermission;
    error.advice = "let the key of " + endpoint_.origin +
                   " do it; `ticklake iam policy` prints the least policies";
  } else if (is_throttling(failure.code)) {
    error.advice = "try again later; AWS_MAX_ATTEMPTS says how often one call does so itself";
  } else if (failure.code.empty() && !error.retriable) {
    error.advice = "check that AWS_ENDPOINT_URL is an endpoint of " + std::string(service_.title);
  }
  return failure;
}

CallResult<json> JsonClient::attempt(std::string_view operation, const std::string& body,
                                     const std::stop_token& stop) const {
  base::HttpRequest request = signed_request(operation, body);
  request.stop = stop;
  std::string answer;
  bool is_too_large = false;
  request.on_body = [&](std::string_view piece) {
    is_too_large = answer.size() + piece.size() > kCallAnswerBytesMax;
    if (!is_too_large) answer += piece;
    return !is_too_large;
  };
  auto response = seams_.send(request);
  if (!response) return tl::unexpected(unreachable(std::move(response).error()));
  if (response->status != kOk) return tl::unexpected(refused(operation, *response));
  json parsed = answer.empty() ? json::object() : json::parse(answer, nullptr, false);
  if (parsed.is_object() && !is_too_large) return parsed;
  return tl::unexpected(CallFailure{
      {base::ErrorCode::kInvalidData,
       "the answer to " + std::string(operation) + " is none of " + std::string(service_.title),
       is_too_large ? "it is too large" : "it is no JSON object",
       "check that AWS_ENDPOINT_URL is an endpoint of AWS's API", false},
      {}});
}

CallResult<json> JsonClient::call(std::string_view operation, const json& input,
                                  const std::stop_token& stop) {
  const std::string body = input.dump(-1, ' ', false, json::error_handler_t::replace);
  for (int number = 1;; ++number) {
    if (stop.stop_requested()) return tl::unexpected(interrupted());
    auto answer = attempt(operation, body, stop);
    if (answer || !answer.error().error.retriable || number >= attempts_max_) return answer;
    seams_.wait(backoff(number + 1, random_), stop);
  }
}

}  // namespace ticklake::aws
