#pragma once

#include <memory>

#include "base/file_system.h"

namespace ticklake::broker {

/// Keeps other processes from using a broker's folder, as long as the file lives. kAlreadyExists if
/// another process holds it.
base::Result<std::unique_ptr<base::File>> lock_folder(base::FileSystem& files,
                                                      const base::Path& folder);

}  // namespace ticklake::broker
