#pragma once

#include <array>
#include <mutex>
#include <shared_mutex>
#include <string_view>

#include "lake/bucket_index.h"
#include "lake/shared_work.h"

namespace ticklake::lake {

/// One bucket's folders on this machine, and who may change what in them now.
class BucketRoom {
 public:
  /// `work`: our own folder on the same file system, which is made when it is needed.
  BucketRoom(base::FileSystem& files, BucketId id, Bucket bucket, const base::Path& work);

  BucketId id() const { return id_; }
  const Bucket& bucket() const { return bucket_; }
  /// Where files are written before they are put in place.
  const base::Path& staging() const { return staging_; }
  const base::Path& encoded() const { return encoded_; }

  base::Path path_of(std::string_view key, ObjectPlace place) const;
  /// Where a new object may stand.
  static ObjectPlace place_of(std::string_view key);
  /// Of the lake: `_ticklake` and what is in it.
  bool is_hidden(std::string_view key) const;
  /// kUnsupported for what a sink writes.
  base::Result<void> check_writable(std::string_view key) const;

  /// Moves a file to where `key` belongs, on disk when it returns; `place` becomes kEncoded where a
  /// file is in the way of a folder, or the other way round. The key must be locked.
  base::Result<void> install(const base::Path& staged, std::string_view key, ObjectPlace& place);
  /// Removes the file of an object, and then folders that are empty. No error if it is not there.
  base::Result<void> uninstall(const base::Path& path);
  /// What uninstall() does before and after waiting for the disk, for many at once.
  base::Result<void> unlink(const base::Path& path);
  void remove_empty_folders(base::Path folder);

  /// Held while an object changes, shared while it is found out what it is.
  std::shared_mutex& lock_of(std::string_view key);
  size_t lock_number(std::string_view key) const;
  std::shared_mutex& lock_at(size_t number) { return locks_[number]; }
  static constexpr size_t kLocks = 64;

  /// Shared while anything is done in the bucket; held to delete it.
  std::shared_mutex life;
  bool is_deleted = false;  ///< to be looked at with `life`

 private:
  base::Result<void> make_folder(const base::Path& folder, const base::Path& root);
  static bool is_in_the_way(const base::Path& path, const base::Path& root);

  base::FileSystem& files_;
  const BucketId id_;
  const Bucket bucket_;
  const base::Path staging_;
  const base::Path encoded_;
  SharedFolderSync folder_sync_;
  std::mutex folders_mutex_;  ///< of making folders: who finds one knows that it is on disk
  std::array<std::shared_mutex, kLocks> locks_;
};

}  // namespace ticklake::lake
