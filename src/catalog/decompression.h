#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::catalog {

enum class Compression : uint8_t { kNone, kGzip, kBzip2, kZstd };

/// "none", "gzip", "bzip2", "zstd": Glue's compressionType.
std::string_view compression_name(Compression compression);
/// By the first bytes of a file.
Compression compression_of(std::string_view start);

struct FileStart {
  std::string text;
  bool is_whole = false;  ///< there is no more
};
/// The first bytes of a file once it is decompressed, at least `bytes_max` if there are as many.
/// kInvalidData if they do not decompress.
base::Result<FileStart> read_start(base::File& file, Compression compression, uint64_t bytes_max);

}  // namespace ticklake::catalog
