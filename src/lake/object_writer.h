#pragma once

#include <memory>

#include "aws/checksum.h"
#include "base/bytes.h"
#include "base/file_system.h"

namespace ticklake::lake {

/// The bytes of an object to be, on their way to a file that nobody sees. One thread at a time.
/// Destroyed without BucketStore::put(), it leaves nothing.
class ObjectWriter {
 public:
  /// Takes over a new file at `path`.
  ObjectWriter(base::FileSystem& files, base::Path path, std::unique_ptr<base::File> file);
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;
  ~ObjectWriter();

  base::Result<void> append(base::ByteView bytes);
  uint64_t bytes() const { return bytes_; }

 private:
  friend class BucketStore;
  friend class StagedFile;

  base::FileSystem& files_;
  base::Path path_;  ///< empty once it is somebody else's
  std::unique_ptr<base::File> file_;
  uint64_t bytes_ = 0;
  aws::Checksum md5_{aws::ChecksumAlgorithm::kMd5};
};

}  // namespace ticklake::lake
