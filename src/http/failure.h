#pragma once

#include "base/result.h"

namespace ticklake::http {

/// Why a request is not answered by its handler, as a status and in words. How a client is told is
/// the matter of who answers for the listener (Site::answer_failure).
struct Failure {
  int status = 400;
  base::Error error;
};

/// A failure that the client caused, and can do something about.
inline Failure bad_request(int status, std::string what, std::string cause = {},
                           std::string advice = {}) {
  return {status,
          {base::ErrorCode::kInvalidArgument, std::move(what), std::move(cause), std::move(advice),
           false}};
}

}  // namespace ticklake::http
