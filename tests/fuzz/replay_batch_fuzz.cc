#include "base/assert.h"
#include "sink/replays.h"

using namespace ticklake;

// A batch of replayed letters that reads is the same after it was written and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto batch = sink::parse_replay_batch(text);
  if (!batch) return 0;
  const auto again = sink::parse_replay_batch(sink::to_json(*batch));
  TICKLAKE_ASSERT(again && again->number == batch->number && again->letters == batch->letters &&
                  again->created == batch->created);
  return 0;
}
