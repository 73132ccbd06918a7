#pragma once

#include <span>
#include <string_view>

namespace ticklake::gateway {

/// A file of web/dist, compressed with gzip, in the binary. The list is made by embed_assets.mjs.
struct Asset {
  std::string_view path;  ///< "/index.html"
  std::string_view content_type;
  std::string_view etag;  ///< with its quotes
  bool immutable;         ///< its name holds its hash
  const unsigned char* begin;
  const unsigned char* end;
};

/// All of them, by path.
std::span<const Asset> embedded_assets();

}  // namespace ticklake::gateway
