#include "cli/data_folder.h"

#include "broker/folder_lock.h"

namespace ticklake::cli {

base::Result<std::unique_ptr<base::File>> lock_data_folder(base::FileSystem& files,
                                                           const base::Path& folder) {
  TICKLAKE_TRY(files.make_folders(folder));
  auto lock = broker::lock_folder(files, folder);
  if (lock || lock.error().code != base::ErrorCode::kAlreadyExists) return lock;
  return base::fail(base::ErrorCode::kAlreadyExists, lock.error().what,
                    "another `ticklake up` that is running holds it", lock.error().advice);
}

}  // namespace ticklake::cli
