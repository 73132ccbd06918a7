#pragma once

#include <cstdint>

#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::broker {

/// Producer ids that are never given twice, over restarts and crashes: a block at a time is
/// reserved on disk, and what is left of it at a crash is skipped (KIP-730's idea).
class ProducerIds {
 public:
  /// Keeps its state in the file `path`.
  ProducerIds(base::FileSystem& files, base::Path path) : files_(files), path_(std::move(path)) {}

  base::Result<int64_t> next();

 private:
  base::FileSystem& files_;
  base::Path path_;
  int64_t next_ = 0;
  int64_t reserved_end_ = 0;
};

}  // namespace ticklake::broker
