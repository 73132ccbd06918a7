#include "aws/credentials_chain.h"
#include "base/assert.h"

using namespace ticklake;

// A profile file has no more settings than lines, and none with a line break in it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto profiles = aws::parse_profile_file(text);
  if (!profiles) return 0;
  for (const auto& [profile, settings] : *profiles) {
    for (const auto& [name, value] : settings) {
      TICKLAKE_ASSERT(name.find('\n') == std::string::npos);
      TICKLAKE_ASSERT(value.find('\n') == std::string::npos);
    }
  }
  return 0;
}
