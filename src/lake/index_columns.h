#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sqlite.h"
#include "lake/bucket_object.h"

namespace ticklake::lake {

// How the index writes what has a structure into columns of text.

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

/// "name: value", a line each.
std::string fields_text(const HeaderFields& fields);
HeaderFields parse_fields(std::string_view text);

/// "CRC32 AAAAAA==", "SHA256 … composite"; empty for none.
std::string checksum_text(const std::optional<ObjectChecksum>& checksum);
std::optional<ObjectChecksum> parse_checksum_text(std::string_view text);

/// "5242880 5242880 17".
std::string part_bytes_text(const std::vector<uint64_t>& part_bytes);
std::vector<uint64_t> parse_part_bytes(std::string_view text);

/// The columns that objects and staged changes have in common, from column (or parameter) `first`
/// on: key, bytes, etag, modified, place, content_type, fields, checksum, parts.
inline constexpr int kHeadColumns = 9;
ObjectHead read_head(const base::SqliteStatement& row, int first);
void bind_head(base::SqliteStatement& statement, int first, const ObjectHead& head);

/// The first five of them.
ObjectEntry read_entry(const base::SqliteStatement& row, int first);

}  // namespace ticklake::lake
