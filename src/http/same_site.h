#pragma once

#include <string>
#include <vector>

#include "http/router.h"
#include "http/site.h"

namespace ticklake::http {

/// Refuses with 403 what a page of another site could have made a browser send: a Host that is
/// neither an address, localhost nor one of `allowed_hosts` (in lower case; DNS rebinding), an
/// Origin that is not the Host.
Policy same_site(std::vector<std::string> allowed_hosts, AnswerFailure answer_failure);

}  // namespace ticklake::http
