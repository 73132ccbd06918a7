#include "base/assert.h"
#include "sink/kept_letters.h"

using namespace ticklake;

// A kept dead letter that reads has a topic and an offset; nothing crashes its reader.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto letter = sink::parse_kept_letter(text);
  if (!letter) return 0;
  TICKLAKE_ASSERT(!letter->topic.empty() && letter->partition >= 0 && letter->offset >= 0);
  return 0;
}
