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
  shared.reset();
  // Only the map's: nobody else is at it, and nobody can come while the lock is held.
  const auto found = folders_.find(folder);
  if (found->second.use_count() == 1) folders_.erase(found);
  return result;
}

}  // namespace ticklake::lake
