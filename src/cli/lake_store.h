#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/file_system.h"
#include "base/result.h"
#include "lake/object_store.h"

namespace ticklake::cli {

/// Where `up` keeps its lake when it is told nothing else.
inline constexpr const char* kDefaultLake = "ticklake-data/lake";

enum class LakeAccess : uint8_t { kRead, kWrite };

/// The lake that --lake names, a folder or file:// URL. kNotFound if there is none, to write too.
base::Result<std::unique_ptr<lake::ObjectStore>> open_lake_store(base::FileSystem& files,
                                                                 const std::string& lake,
                                                                 LakeAccess access);

}  // namespace ticklake::cli
