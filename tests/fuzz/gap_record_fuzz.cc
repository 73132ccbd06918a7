#include "base/assert.h"
#include "lake/gap.h"

using namespace ticklake;

// A gap record that reads is the same after it was written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto gap = lake::parse_gap(text);
  if (!gap) return 0;
  TICKLAKE_ASSERT(gap->start >= 0 && gap->end > gap->start);
  const auto again = lake::parse_gap(lake::to_json(*gap));
  TICKLAKE_ASSERT(again && again->start == gap->start && again->end == gap->end &&
                  again->files == gap->files && again->created == gap->created);
  return 0;
}
