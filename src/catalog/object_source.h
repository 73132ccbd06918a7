#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"
#include "lake/bucket_store.h"

namespace ticklake::catalog {

/// An object as a crawl sees it.
struct SourceObject {
  std::string key;  ///< without the bucket
  uint64_t bytes = 0;
  base::Path path;  ///< where to read it on this machine
};

/// What a crawl reads: buckets, or a folder. Safe from any thread.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;
  /// Calls `take` with each object below `prefix`, in the order of their keys, until it returns
  /// false. kNotFound if there is no such bucket.
  virtual base::Result<void> list(std::string_view bucket, std::string_view prefix,
                                  const std::function<bool(const SourceObject&)>& take) = 0;
};

/// The buckets of the data folder.
class BucketSource final : public ObjectSource {
 public:
  /// `store` must outlive it.
  explicit BucketSource(lake::BucketStore& store) : store_(store) {}
  base::Result<void> list(std::string_view bucket, std::string_view prefix,
                          const std::function<bool(const SourceObject&)>& take) override;

 private:
  lake::BucketStore& store_;
};

/// A folder of this machine, which is all there is: whatever the bucket is called. A prefix that
/// names a file is that file.
class FolderSource final : public ObjectSource {
 public:
  explicit FolderSource(base::Path folder) : folder_(std::move(folder)) {}
  base::Result<void> list(std::string_view bucket, std::string_view prefix,
                          const std::function<bool(const SourceObject&)>& take) override;

 private:
  bool walk(const base::Path& folder, const std::string& key,
            const std::function<bool(const SourceObject&)>& take, std::error_code& error) const;

  const base::Path folder_;
};

}  // namespace ticklake::catalog
