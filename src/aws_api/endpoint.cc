#include "aws_api/endpoint.h"

#include <algorithm>
#include <utility>

#include "aws/hash.h"
#include "aws_api/error_answer.h"

namespace ticklake::aws_api {
namespace {

using aws::ErrorKind;
using aws::ServiceError;
using http::Request;
using http::Response;

constexpr std::string_view kJsonType = "application/x-amz-json-1.1";

/// Before it is parsed: what nests deeper would cost each reader its stack.
bool is_too_deep(std::string_view json) {
  size_t depth = 0;
  bool is_in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (is_in_text) {
      if (c == '\\') ++i;
      if (c == '"') is_in_text = false;
    } else if (c == '"') {
      is_in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kJsonDepthMax) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

tl::unexpected<ServiceError> serialization_error(std::string message) {
  return aws::refuse_as("SerializationException", std::move(message));
}

aws::Answer<nlohmann::json> parse_input(const std::string& body) {
  if (body.empty()) return nlohmann::json::object();
  if (is_too_deep(body)) return serialization_error("The request nests too deep.");
  auto input = nlohmann::json::parse(body, nullptr, false);
  if (!input.is_object()) return serialization_error("The request is no JSON object.");
  return input;
}

ServiceError not_served(const Arrival& arrival, std::string_view what) {
  std::string message =
      std::string(what) + " is not served here: S3, Glue, Athena, IAM and STS are.";
  ServiceError error{ErrorKind::kInvalidArgument, std::move(message)};
  switch (arrival.protocol) {
    case aws::Protocol::kS3:
      error.code = "NotImplemented";
      error.status = 501;
      break;
    case aws::Protocol::kJson: error.code = "UnknownOperationException"; break;
    case aws::Protocol::kQuery: error.code = "InvalidAction"; break;
  }
  return error;
}

std::string_view name_of(Service service) {
  switch (service) {
    case Service::kS3: return "S3";
    case Service::kGlue: return "Glue";
    case Service::kAthena: return "Athena";
    case Service::kIam: return "IAM";
    case Service::kSts: return "STS";
    case Service::kUnknown: break;
  }
  return "This service";
}

void complete(const Request* request, Response& response) {
  response.fields.add("X-Content-Type-Options", "nosniff");
  const auto* const arrival = request ? request->attached<Arrival>() : nullptr;
  if (!arrival) return;
  if (arrival->protocol == aws::Protocol::kS3) {
    response.fields.add("x-amz-request-id", arrival->request_id);
    response.fields.add("x-amz-id-2", arrival->host_id);
  } else {
    response.fields.add("x-amzn-RequestId", arrival->request_id);
  }
}

Response answer_failure(const http::Failure& failure, const Request* request) {
  const auto* const known = request ? request->attached<Arrival>() : nullptr;
  const Arrival arrival = known ? *known : Arrival{};
  return answer_error(to_service_error(failure, arrival.protocol), arrival,
                      request ? request->raw_path() : "/");
}

}  // namespace

/// Room for the body of one request, given back when it is answered.
struct Endpoint::BodyShare {
  explicit BodyShare(std::atomic<uint64_t>& the_total) : total(the_total) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  ~BodyShare() { total -= held; }

  bool grow(uint64_t bytes) {
    held += bytes;
    return (total += bytes) <= kBodiesBytesMax;
  }

  std::atomic<uint64_t>& total;
  uint64_t held = 0;
};

Endpoint::Endpoint(Services services, const aws::IdentityStore& identities,
                   const base::Clock& clock, base::Logger& logger, uint64_t seed)
    : services_(std::move(services)),
      access_(identities),
      clock_(clock),
      logger_(logger),
      ids_(seed) {}

http::Site Endpoint::site() {
  http::Site site;
  site.policy = [this](Request& request) { return admit(request); };
  http::Route route;
  route.method = "*";
  route.pattern = "/{path...}";
  route.policy = http::anyone();
  route.handler = [this](http::Exchange& exchange) { return serve(exchange); };
  route.body_bytes_max = UINT64_MAX;  // an object has the bounds of S3, a call those of ours
  site.router.add(std::move(route));
  site.answer_failure = answer_failure;
  site.complete = complete;
  return site;
}

Response Endpoint::answer_error(const ServiceError& error, const Request& request) const {
  if (error.kind == ErrorKind::kInternal) {
    logger_.error("{} {} failed: {}: {}", request.method(), request.raw_path(), error.message,
                  error.cause);
  }
  return aws_api::answer_error(error, request);
}

/// Who does not even say who he is learns nothing but that.
std::optional<Response> Endpoint::admit(Request& request) {
  const SignedHead head(request);
  const auto authorization = aws::RequestAuthorization::parse(head.view());
  const bool is_signed = authorization && *authorization;
  Arrival arrival = identify(request, is_signed ? (*authorization)->service() : "");
  ids_.name(arrival);
  request.attach(arrival);
  if (!authorization) return answer_error(authorization.error(), request);
  if (is_signed) return std::nullopt;
  const bool is_s3 = arrival.protocol == aws::Protocol::kS3;
  return answer_error(
      {ErrorKind::kMissingAuthentication, is_s3 ? "Access Denied" : "Missing Authentication Token"},
      request);
}

http::Task<Response> Endpoint::serve(http::Exchange& exchange) {
  const Arrival& arrival = arrival_of(exchange.request());
  if (arrival.service == Service::kS3) co_return co_await serve_s3(exchange);
  co_return co_await serve_call(exchange);
}

http::Task<Response> Endpoint::serve_s3(http::Exchange& exchange) {
  const Request& request = exchange.request();
  const SignedHead head(request);
  const std::string bucket = bucket_of_host(request);
  const auto caller =
      aws::authenticate_request(head.view(), {}, bucket, access_, clock_.wall_now());
  if (!caller) co_return answer_error(caller.error(), request);
  if (!services_.s3) {
    co_return answer_error(not_served(arrival_of(request), name_of(Service::kS3)), request);
  }
  co_return co_await services_.s3(exchange, *caller);
}

/// Before a body is read, which only the holder of a key may make us keep.
aws::Answer<void> Endpoint::check_call(const Request& request) const {
  const SignedHead head(request);
  TICKLAKE_ASSIGN(const auto authorization, aws::RequestAuthorization::parse(head.view()));
  TICKLAKE_TRY(
      access_.authenticate(authorization->access_key_id(), authorization->session_token()));
  if (request.content_length().value_or(0) > kBodyBytesMax) {
    return aws::refuse(ErrorKind::kEntityTooLarge,
                       "The request is larger than " + std::to_string(kBodyBytesMax) + " bytes.");
  }
  return {};
}

http::Task<Response> Endpoint::serve_call(http::Exchange& exchange) {
  const Request& request = exchange.request();
  if (const auto checked = check_call(request); !checked) {
    co_return answer_error(checked.error(), request);
  }
  BodyShare share(bodies_bytes_);
  std::string body;
  while (true) {
    const auto piece = co_await exchange.read_body();
    // What went wrong is answered by the connection.
    if (!piece) co_return Response();
    if (piece->empty()) break;
    if (!share.grow(piece->size())) {
      ServiceError busy{ErrorKind::kInternal, "Too many requests at once; try again."};
      busy.code = "ThrottlingException";
      busy.status = 503;
      co_return answer_error(busy, request);
    }
    body += base::as_text(*piece);
    if (body.size() <= kBodyBytesMax) continue;
    const ServiceError error{ErrorKind::kEntityTooLarge, "The request is too large."};
    co_return answer_error(error, request);
  }
  const std::stop_token stop = exchange.stop_token();
  const auto work = [&] { return answer_call(request, body, stop); };
  co_return co_await exchange.run_blocking(work);
}

Response Endpoint::answer_call(const Request& request, const std::string& body,
                               const std::stop_token& stop) const {
  auto answer = run_call(request, body, stop);
  if (answer) return std::move(*answer);
  return answer_error(answer.error(), request);
}

aws::Answer<Response> Endpoint::run_call(const Request& request, const std::string& body,
                                         const std::stop_token& stop) const {
  const Arrival& arrival = arrival_of(request);
  const SignedHead head(request);
  const base::WallTime now = clock_.wall_now();
  TICKLAKE_ASSIGN(auto caller,
                  aws::authenticate_request(head.view(), aws::sha256_hex(body), {}, access_, now));
  const bool is_glue = arrival.service == Service::kGlue;
  const bool is_json = is_glue || arrival.service == Service::kAthena;
  const JsonService& json = is_glue ? services_.glue : services_.athena;
  const QueryService& query = arrival.service == Service::kIam ? services_.iam : services_.sts;
  if (arrival.service == Service::kUnknown) {
    return tl::unexpected(not_served(arrival, "The service " + caller.service));
  }
  if (is_json ? !json : !query) {
    return tl::unexpected(not_served(arrival, name_of(arrival.service)));
  }
  const aws::RequestContext context = request_context(request, caller, now);
  if (is_json) {
    TICKLAKE_ASSIGN(std::string text,
                    run_json(json, is_glue ? "AWSGlue." : "AmazonAthena.", request, body,
                             {{}, {}, std::move(caller), context, stop}));
    return Response::of(200, kJsonType, std::move(text));
  }
  const bool is_get = request.method() == "GET";
  TICKLAKE_ASSIGN(Form form, Form::parse(is_get ? request.raw_query() : std::string_view(body)));
  const std::string operation = form.find("Action").value_or("");
  if (operation.empty()) {
    return aws::refuse_as("MissingAction", "The request has no parameter Action.");
  }
  TICKLAKE_ASSIGN(std::string text, query({operation, std::move(form), std::move(caller), context,
                                           arrival.request_id}));
  return Response::of(200, "text/xml", std::move(text));
}

aws::Answer<std::string> Endpoint::run_json(const JsonService& service, std::string_view prefix,
                                            const Request& request, const std::string& body,
                                            Call call) const {
  const std::string_view target = request.field("X-Amz-Target");
  if (request.method() != "POST" || !target.starts_with(prefix)) {
    return unknown_operation(std::string(target));
  }
  call.operation = target.substr(prefix.size());
  TICKLAKE_ASSIGN(call.input, parse_input(body));
  try {
    TICKLAKE_ASSIGN(const nlohmann::json output, service(call));
    return output.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } catch (const nlohmann::json::exception& error) {
    // A member of another type than the operation reads.
    logger_.debug("{}: {}", call.operation, error.what());
    return serialization_error("A member of the request is not of its type.");
  }
}

}  // namespace ticklake::aws_api
