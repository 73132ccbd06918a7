#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "aws/client_endpoint.h"
#include "aws/retry.h"
#include "base/clock.h"
#include "base/http_client.h"
#include "base/result.h"

namespace ticklake::aws {

/// Why a call was not answered.
struct [[nodiscard]] CallFailure {
  base::Error error;  ///< for people; names AWS's code and the request id, never a key
  std::string code;   ///< AWS's: "EntityNotFoundException"; empty if nothing came back

  // NOLINTNEXTLINE(google-explicit-constructor): so that TICKLAKE_TRY takes it out of a Result
  operator base::Error() && { return std::move(error); }
};
template <typename T>
using CallResult = tl::expected<T, CallFailure>;

/// What a client needs of the world. In the program: base::send_http and wait_for().
struct ClientSeams {
  std::function<base::Result<base::HttpResponse>(const base::HttpRequest&)> send;
  Wait wait;
  const base::Clock& clock;
  uint64_t seed = 0;  ///< for the times between attempts
};
/// Those of the program.
ClientSeams system_seams(const base::Clock& clock);

/// An answer that is larger is refused; those of Athena and Glue are below 8 MiB.
inline constexpr size_t kCallAnswerBytesMax = size_t{64} << 20;

/// Calls one of AWS's services that speak JSON 1.1 (AWS JSON protocol: POST /, X-Amz-Target,
/// Signature Version 4). One thread at a time.
class JsonClient {
 public:
  JsonClient(ServiceName service, ClientEndpoint endpoint, ClientSeams seams,
             int attempts_max = kAttemptsDefault);

  /// The answer of an operation ("StartQueryExecution"), an object. Is sent again after throttling,
  /// 500 to 504 and a connection that breaks, so it must be one that may happen twice.
  ///
  /// kPermission: the keys are refused, or may not do it. kUnavailable: no answer, or the service
  /// is not able to after all attempts. kInterrupted: `stop` was requested. kInvalidData: anything
  /// else that the service refuses, or an answer that is none of it.
  CallResult<nlohmann::json> call(std::string_view operation, const nlohmann::json& input,
                                  const std::stop_token& stop = {});

  const ClientEndpoint& endpoint() const { return endpoint_; }
  const ServiceName& service() const { return service_; }

 private:
  base::HttpRequest signed_request(std::string_view operation, const std::string& body) const;
  CallResult<nlohmann::json> attempt(std::string_view operation, const std::string& body,
                                     const std::stop_token& stop) const;
  CallFailure interrupted() const;
  CallFailure unreachable(base::Error error) const;
  CallFailure refused(std::string_view operation, const base::HttpResponse& response) const;

  const ServiceName service_;
  const ClientEndpoint endpoint_;
  const ClientSeams seams_;
  const int attempts_max_;
  base::Random random_;
};

}  // namespace ticklake::aws
