#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "lake/object_key.h"

using namespace ticklake;

namespace {

/// Whether a relative path stays where it begins, and is nothing but names.
bool stays_inside(const base::Path& path) {
  if (path.empty() || path.is_absolute()) return false;
  for (const base::Path& part : path) {
    if (part.empty() || part == "." || part == ".." || part.string().size() > 255) return false;
  }
  return path.string().find('\0') == std::string::npos;
}

}  // namespace

// No key leads out of its bucket's folder; a plain path is the key; an encoded one gives it back.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view key(reinterpret_cast<const char*>(data), size);
  static_cast<void>(lake::is_bucket_name(key));
  if (const auto decoded = lake::decode_path(key))
    TICKLAKE_ASSERT(lake::encoded_path(*decoded) == base::Path(key));
  const auto plain = lake::plain_path(key);
  if (plain) TICKLAKE_ASSERT(stays_inside(*plain) && plain->string() == key);
  if (!lake::is_object_key(key)) {
    TICKLAKE_ASSERT(!plain);
    return 0;
  }
  const base::Path encoded = lake::encoded_path(key);
  TICKLAKE_ASSERT(stays_inside(encoded));
  TICKLAKE_ASSERT(lake::decode_path(encoded.string()) == key);
  return 0;
}
