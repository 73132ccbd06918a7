#include "lake/bucket_room.h"

#include <functional>

#include <unistd.h>

#include "lake/layout.h"
#include "lake/object_key.h"

namespace ticklake::lake {
namespace {

/// So often a folder may be removed, as an empty one, just before a file comes into it.
constexpr int kInstallAttemptsMax = 16;

std::string_view first_part(std::string_view key) { return key.substr(0, key.find('/')); }

}  // namespace

BucketRoom::BucketRoom(base::FileSystem& files, BucketId id, Bucket bucket, const base::Path& work)
    : files_(files),
      id_(id),
      bucket_(std::move(bucket)),
      staging_(work / "staging"),
      encoded_(work / "encoded" / bucket_.name),
      folder_sync_(files) {}

base::Path BucketRoom::path_of(std::string_view key, ObjectPlace place) const {
  return place == ObjectPlace::kPlain ? bucket_.folder / base::Path(key)
                                      : encoded_ / encoded_path(key);
}

ObjectPlace BucketRoom::place_of(std::string_view key) {
  return plain_path(key) ? ObjectPlace::kPlain : ObjectPlace::kEncoded;
}

bool BucketRoom::is_hidden(std::string_view key) const {
  return bucket_.is_lake && first_part(key) == kControlFolder;
}

base::Result<void> BucketRoom::check_writable(std::string_view key) const {
  if (!bucket_.is_lake) return {};
  const std::string_view table = first_part(key);
  bool is_sunk = table == kControlFolder;
  if (!is_sunk && plain_path(table)) {
    TICKLAKE_ASSIGN(is_sunk, files_.exists(bucket_.folder / kControlFolder / table));
  }
  if (!is_sunk) return {};
  return base::fail(base::ErrorCode::kUnsupported,
                    "cannot change " + std::string(table) + " in the bucket " + bucket_.name,
                    "it is a table that a sink writes", "write to another folder or bucket");
}

base::Result<void> BucketRoom::make_folder(const base::Path& folder, const base::Path& root) {
  TICKLAKE_ASSIGN(const bool found, files_.exists(folder));
  if (found) return {};
  if (folder != root) TICKLAKE_TRY(make_folder(folder.parent_path(), root));
  TICKLAKE_TRY(files_.make_folders(folder));
  return files_.sync_folder(folder.parent_path());
}

bool BucketRoom::is_in_the_way(const base::Path& path, const base::Path& root) {
  std::error_code ignored;  // what cannot be looked at is not known to be in the way
  if (std::filesystem::is_directory(path, ignored)) return true;
  for (base::Path folder = path.parent_path(); folder != root && folder.has_relative_path();
       folder = folder.parent_path()) {
    if (std::filesystem::is_regular_file(folder, ignored)) return true;
  }
  return false;
}

base::Result<void> BucketRoom::install(const base::Path& staged, std::string_view key,
                                       ObjectPlace& place) {
  for (int attempt = 1;; ++attempt) {
    const base::Path& root = place == ObjectPlace::kPlain ? bucket_.folder : encoded_;
    const base::Path path = path_of(key, place);
    base::Result<void> made;
    {
      const std::lock_guard lock(folders_mutex_);
      made = make_folder(path.parent_path(), root);
    }
    if (made) made = files_.rename(staged, path);
    if (made) return folder_sync_.sync(path.parent_path());
    if (place == ObjectPlace::kPlain && is_in_the_way(path, root)) {
      place = ObjectPlace::kEncoded;
    } else if (made.error().code != base::ErrorCode::kNotFound || attempt == kInstallAttemptsMax) {
      return made;
    }
  }
}

base::Result<void> BucketRoom::unlink(const base::Path& path) {
  auto removed = files_.remove(path);
  if (!removed && removed.error().code == base::ErrorCode::kNotFound) return {};
  return removed;
}

base::Result<void> BucketRoom::uninstall(const base::Path& path) {
  TICKLAKE_TRY(unlink(path));
  auto synced = folder_sync_.sync(path.parent_path());
  // The folder went as an empty one, or was never there.
  if (!synced && synced.error().code != base::ErrorCode::kNotFound) return synced;
  remove_empty_folders(path.parent_path());
  return {};
}

void BucketRoom::remove_empty_folders(base::Path folder) {
  const std::lock_guard lock(folders_mutex_);
  while (folder != bucket_.folder && folder != encoded_ && folder.has_relative_path()) {
    // Refuses those that are not empty, and a file that came to stand there meanwhile.
    if (::rmdir(folder.c_str()) != 0) return;
    folder = folder.parent_path();
  }
}

size_t BucketRoom::lock_number(std::string_view key) const {
  return std::hash<std::string_view>()(key) % kLocks;
}

std::shared_mutex& BucketRoom::lock_of(std::string_view key) { return locks_[lock_number(key)]; }

}  // namespace ticklake::lake
