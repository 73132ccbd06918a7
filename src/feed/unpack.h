#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"
#include "feed/text_source.h"

namespace ticklake::feed {

/// What a file is wrapped in, by its first bytes; never by its name.
enum class Packing : uint8_t { kNone, kGzip, kBzip2, kZstd, kZip };

Packing packing_of(std::string_view head);
/// "gzip", "bzip2", "zstd", "zip"; empty for kNone.
std::string_view packing_name(Packing packing);

/// Gives what `packed` (gzip, bzip2 or zstd; or zip's raw deflate, see unpack_deflate()) holds, in
/// pieces: memory is bounded by the decoder's window (128 MiB at most, for zstd), whatever comes
/// out. Several members one after the other are read as one, as gzip(1) does; zeros behind the last
/// one are padding. kInvalidData at damage, at a text that breaks off, and at other bytes behind.
ReadText unpack(ReadText packed, Packing packing);
/// A raw deflate stream (RFC 1951), which a zip member is.
ReadText unpack_deflate(ReadText packed);

/// What `open` reads, as a file that is read from its start to its end: a read at position 0 begins
/// anew, and no other position than the one reached may be asked for. Errors begin with `name`.
std::shared_ptr<base::File> sequential_file(std::string name, std::function<ReadText()> open);

}  // namespace ticklake::feed
