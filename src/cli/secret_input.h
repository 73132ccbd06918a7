#pragma once

#include <string>

#include "base/result.h"

namespace ticklake::cli {

/// A password that is no flag, since others on the machine see those: TICKLAKE_PASSWORD, or what is
/// typed twice at the terminal, unseen, or the first line of stdin. kInvalidArgument if it is empty
/// or was not typed the same.
base::Result<std::string> read_new_password(const std::string& user);

}  // namespace ticklake::cli
