#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace ticklake::lake {

// Where the objects of a bucket stand in its folder; docs/formats/buckets.md has the whole of it.

/// S3's limit, in bytes of UTF-8.
inline constexpr size_t kObjectKeyBytesMax = 1024;

/// As S3 names them: 3 to 63 of a-z, 0-9, '-' and '.', beginning and ending with a letter or digit,
/// without "..", and no IPv4 address.
bool is_bucket_name(std::string_view name);

/// 1 to kObjectKeyBytesMax bytes of UTF-8 without NUL.
bool is_object_key(std::string_view key);

/// The path that says the key, relative to the bucket's folder. None where a file system could not
/// hold it ("a//b", "a/", "..", a part of more than 255 bytes), and where DuckDB would take the
/// path for a pattern ('*', '?', '[') or a person could not type it (control characters). What it
/// gives stays within the folder.
std::optional<base::Path> plain_path(std::string_view key);

/// The path that encodes any key, relative to the folder of encoded keys: percent-encoded, cut into
/// names of at most 200 bytes, of which all but the last end in '+', and the last one in '='. So no
/// path is a folder for one key and a file for another.
base::Path encoded_path(std::string_view key);
/// The key of a path that encoded_path() gave; none for any other.
std::optional<std::string> decode_path(std::string_view path);

}  // namespace ticklake::lake
