#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "lake/bucket_index.h"
#include "lake/entry_source.h"

namespace ticklake::lake {

/// The regular file at `path`; none if there is none.
base::Result<std::optional<FileIdentity>> identify(const base::Path& path);
/// An open one.
base::Result<FileIdentity> identify(const base::File& file);

/// A file that the store did not write, as an object. Its ETag, which changes when the file does,
/// has the form of those that are no MD5.
ObjectEntry entry_of_file(std::string_view key, const FileIdentity& file);

/// The files below a folder, by key, as they are when they are come to. What could be no key at a
/// plain path is left out.
class FolderEntries final : public EntrySource {
 public:
  /// `hidden`: a name directly below `folder` that is not there.
  FolderEntries(base::FileSystem& files, base::Path folder, std::string_view hidden = {})
      : files_(files), folder_(std::move(folder)), hidden_(hidden) {}
  base::Result<void> seek(std::string_view from) override;
  base::Result<std::optional<ObjectEntry>> next() override;

 private:
  struct Frame {
    std::string prefix;  ///< of the keys in it: empty, or ends in '/'
    std::vector<std::string>
        names;  ///< those that are left, the next one last; of folders with '/'
  };
  base::Result<void> enter(std::string prefix);

  base::FileSystem& files_;
  const base::Path folder_;
  const std::string hidden_;
  std::string from_;
  std::vector<Frame> frames_;
};

}  // namespace ticklake::lake
