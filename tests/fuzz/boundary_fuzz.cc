#include "base/assert.h"
#include "lake/boundary.h"

using namespace ticklake;

// A boundary record that reads is the same after it was written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto record = lake::parse_boundary(text);
  if (!record) return 0;
  TICKLAKE_ASSERT(record->start >= 0 && record->end > record->start);
  const auto again = lake::parse_boundary(lake::to_json(*record));
  TICKLAKE_ASSERT(again && again->same_promise(*record) && again->created == record->created);
  return 0;
}
