#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws/request_authentication.h"
#include "aws_api/arrival.h"
#include "aws_api/json_call.h"
#include "aws_api/query_call.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/exchange.h"
#include "http/response.h"
#include "http/site.h"
#include "http/task.h"

namespace ticklake::aws_api {

/// Most that is read of a request to Glue, Athena, IAM or STS.
inline constexpr uint64_t kBodyBytesMax = 4 << 20;
/// Bodies of all such requests that are being read hold at most so much together.
inline constexpr uint64_t kBodiesBytesMax = 128 << 20;
/// A request's JSON nests at most so deep.
inline constexpr size_t kJsonDepthMax = 64;

/// What stands behind the front; what is empty is answered with "not served here".
struct Services {
  /// The head of the request is proved, its body is not read: `caller` says what it must be.
  std::function<http::Task<http::Response>(http::Exchange&,
                                           const aws::AuthenticatedRequest& caller)>
      s3 = {};
  JsonService glue = {};
  JsonService athena = {};
  QueryService iam = {};
  QueryService sts = {};
};

/// The front of the services that speak AWS's protocols: one port for all. It finds out which one a
/// request is for (by the service of its credential scope, which is signed), who sent it, and
/// refuses who has no key, before any body is read and before any rule of ours could tell him more.
/// Nothing is answered with CORS headers: pages of other sites get nothing here.
class Endpoint {
 public:
  /// What is passed by reference must outlive it.
  Endpoint(Services services, const aws::IdentityStore& identities, const base::Clock& clock,
           base::Logger& logger, uint64_t seed);

  /// For one listener; the endpoint must outlive it.
  http::Site site();

 private:
  struct BodyShare;

  std::optional<http::Response> admit(http::Request& request);
  http::Task<http::Response> serve(http::Exchange& exchange);
  http::Task<http::Response> serve_s3(http::Exchange& exchange);
  http::Task<http::Response> serve_call(http::Exchange& exchange);
  aws::Answer<void> check_call(const http::Request& request) const;
  http::Response answer_call(const http::Request& request, const std::string& body,
                             const std::stop_token& stop) const;
  aws::Answer<http::Response> run_call(const http::Request& request, const std::string& body,
                                       const std::stop_token& stop) const;
  aws::Answer<std::string> run_json(const JsonService& service, std::string_view prefix,
                                    const http::Request& request, const std::string& body,
                                    Call call) const;
  http::Response answer_error(const aws::ServiceError& error, const http::Request& request) const;

  Services services_;
  aws::AccessControl access_;
  const base::Clock& clock_;
  base::Logger& logger_;
  RequestIds ids_;
  std::atomic<uint64_t> bodies_bytes_ = 0;
};

}  // namespace ticklake::aws_api
