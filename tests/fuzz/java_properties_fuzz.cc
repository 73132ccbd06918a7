#include "base/assert.h"
#include "base/java_properties.h"

using namespace ticklake;

/// Whatever the bytes, the reader ends, with no more entries and bytes than there can be, and lines
/// that rise.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto properties = base::parse_java_properties(text);
  if (!properties) return 0;
  TICKLAKE_ASSERT(properties->size() <= size);
  size_t bytes = 0;
  size_t line = 0;
  for (const base::JavaProperty& property : *properties) {
    TICKLAKE_ASSERT(property.line > line && property.line <= size);
    line = property.line;
    bytes += property.name.size() + property.value.size();
  }
  TICKLAKE_ASSERT(bytes <= 2 * size);  // a byte of Latin-1 may become two
  return 0;
}
