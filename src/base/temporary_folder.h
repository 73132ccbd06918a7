#pragma once

#include <cstdlib>

#include "base/assert.h"
#include "base/file_system.h"

namespace ticklake::base {

/// A new folder under the system's temporary one, removed with all that is in it at the end of
/// scope; for tests.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ticklake-XXXXXX").string();
    TICKLAKE_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;  // a folder left in /tmp is not worth a failed test
    std::filesystem::remove_all(path_, ignored);
  }
  const Path& path() const { return path_; }

 private:
  Path path_;
};

}  // namespace ticklake::base
