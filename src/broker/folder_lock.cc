#include "broker/folder_lock.h"

#include <cerrno>

#include <sys/file.h>

namespace ticklake::broker {

base::Result<std::unique_ptr<base::File>> lock_folder(base::FileSystem& files,
                                                      const base::Path& folder) {
  TICKLAKE_ASSIGN(auto lock, files.open(folder / ".lock", base::OpenMode::kCreate));
  if (lock->descriptor() < 0) return lock;  // a disk in memory has no other process
  if (::flock(lock->descriptor(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) {
    return base::fail(base::os_error(errno, "cannot lock " + folder.string()));
  }
  return base::fail(base::ErrorCode::kAlreadyExists, "cannot use the folder " + folder.string(),
                    "another broker that is running holds it",
                    "stop that one, or give this one a folder of its own with --data");
}

}  // namespace ticklake::broker
