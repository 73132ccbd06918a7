#pragma once

#include <string>

namespace ticklake::feed {

/// One decision about how a file is read, as a person is told of it.
struct Finding {
  std::string subject;  ///< for example "delimiter"
  std::string found;    ///< what was decided
  std::string why;
  std::string flag;  ///< what changes it, as it is typed
};

}  // namespace ticklake::feed
