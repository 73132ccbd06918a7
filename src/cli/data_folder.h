#pragma once

#include <memory>

#include "base/file_system.h"

namespace ticklake::cli {

/// Makes the folder, and keeps every other `up` from it as long as the file lives: two would write
/// one lake. kAlreadyExists if another process holds it.
base::Result<std::unique_ptr<base::File>> lock_data_folder(base::FileSystem& files,
                                                           const base::Path& folder);

}  // namespace ticklake::cli
