#include "lake/shared_work.h"

namespace ticklake::lake {

base::Result<void> SharedFolderSync::sync(const base::Path& folder) {
  std::shared_ptr<Syncs> shared;
  {
    const std::lock_guard lock(mutex_);
    auto& found = folders_[folder];
    if (!found) found = std::make_shared<Syncs>();
    shared = found;
  }
  auto result = shared->run({}, [&](const auto&) { return files_.sync_folder(folder); });
  const std::lock_guard lock(mutex_);
  // The map's and ours: nobody else is at it, and nobody can come while the lock is held.
  if (shared.use_count() == 2) folders_.erase(folder);
  return result;
}

}  // namespace ticklake::lake
