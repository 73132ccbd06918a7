#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aws/condition_key.h"
#include "aws/request_authentication.h"
#include "aws/request_view.h"
#include "aws/service_error.h"
#include "base/clock.h"
#include "http/request.h"

namespace ticklake::aws_api {

/// The services that come in at the one port.
enum class Service : uint8_t { kS3, kGlue, kAthena, kIam, kSts, kUnknown };

/// By the service of a credential scope: "s3", "glue", …
Service find_service(std::string_view scope_service);

/// What the front finds out when a request's head was read; attached to the request.
struct Arrival {
  Service service = Service::kUnknown;
  /// How it is answered: a guess where the request does not say its service.
  aws::Protocol protocol = aws::Protocol::kS3;
  std::string request_id;
  std::string host_id;  ///< x-amz-id-2 of S3
};

/// What the front attached; the request must have passed it.
const Arrival& arrival_of(const http::Request& request);

/// By the credential scope's service, or, where there is none (`scope_service` is empty), by the
/// form of the request.
Arrival identify(const http::Request& request, std::string_view scope_service);

/// Names for requests, each once. Safe from any thread.
class RequestIds {
 public:
  explicit RequestIds(uint64_t seed) : seed_(seed) {}
  /// Sets those of the arrival, in the form of its service.
  void name(Arrival& arrival);

 private:
  uint64_t next();

  uint64_t seed_;
  std::atomic<uint64_t> count_ = 0;
};

/// The head of a request as signatures take it; valid as long as the request.
class SignedHead {
 public:
  explicit SignedHead(const http::Request& request);
  aws::RequestView view() const { return {method_, target_, fields_}; }

 private:
  std::string_view method_;
  std::string target_;  ///< without scheme and authority
  std::vector<aws::HeaderField> fields_;
};

/// "b" of "Host: b.localhost:8090"; empty for path style. Of the field that is signed, not of a
/// target with an authority.
std::string bucket_of_host(const http::Request& request);

/// What policies may ask of a request, besides what only its operation knows.
aws::RequestContext request_context(const http::Request& request,
                                    const aws::AuthenticatedRequest& caller, base::WallTime now);

}  // namespace ticklake::aws_api
