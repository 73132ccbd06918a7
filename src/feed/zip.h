#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "feed/text_source.h"

namespace ticklake::feed {

/// A file inside a zip, as the central directory tells it (PKWARE's APPNOTE 6.3.10, 4.3.12).
struct ZipMember {
  std::string name;
  uint16_t method = 0;  ///< 0 stored, 8 deflate, 12 bzip2, 93 zstd
  bool is_encrypted = false;
  uint32_t crc = 0;
  uint64_t packed_bytes = 0;
  uint64_t bytes = 0;
  uint64_t header_position = 0;  ///< of its local header
};

/// The members of a zip, zip64 too, by name; folders and what macOS puts beside files left out.
/// kInvalidData if the directory at its end is missing or broken.
base::Result<std::vector<ZipMember>> read_zip_directory(base::File& zip);

/// Reads a member in pieces. At the end its length and CRC-32 must be those of the directory.
/// kInvalidData for an encrypted member or a method that is not known.
base::Result<ReadText> open_zip_member(std::shared_ptr<base::File> zip, const ZipMember& member);

}  // namespace ticklake::feed
