#pragma once

#include <functional>
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
  /// `bytes` bytes of another object's file, from `position` on. `seen`, if given, is told of all
  /// of them, in order.
  base::Result<void> append_from(base::File& file, uint64_t position, uint64_t bytes,
                                 const std::function<void(base::ByteView)>& seen = {});
  uint64_t bytes() const { return bytes_; }
  /// The file has `bytes` bytes already.
  base::Result<void> take_over(uint64_t bytes);

 private:
  friend class BucketStore;

  base::FileSystem& files_;
  base::Path path_;  ///< empty once it is somebody else's
  std::unique_ptr<base::File> file_;
  uint64_t bytes_ = 0;
  bool hashes_ = true;  ///< false where nobody needs the MD5
  aws::Checksum md5_{aws::ChecksumAlgorithm::kMd5};
};

}  // namespace ticklake::lake
