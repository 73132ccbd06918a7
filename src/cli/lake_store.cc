#include "cli/lake_store.h"

#include "base/random.h"
#include "lake/local_object_store.h"

namespace ticklake::cli {

base::Result<std::unique_ptr<lake::ObjectStore>> open_lake_store(base::FileSystem& files,
                                                                 const std::string& lake,
                                                                 LakeAccess access) {
  using Access = lake::LocalObjectStore::Access;
  TICKLAKE_ASSIGN(const base::Path path, lake::local_lake_path(lake));
  TICKLAKE_ASSIGN(std::unique_ptr<lake::ObjectStore> store,
                  lake::LocalObjectStore::open(files, path, Access::kReadOnly));
  if (access == LakeAccess::kWrite) {
    TICKLAKE_ASSIGN(
        store, lake::LocalObjectStore::open(files, path, Access::kReadWrite, base::entropy_seed()));
  }
  return store;
}

}  // namespace ticklake::cli
