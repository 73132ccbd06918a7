#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "message/decoder.h"
#include "table/json_object.h"
#include "table/schema_inference.h"

using namespace ticklake;

namespace {

constexpr std::string_view kTick = R"j({"schema":"{\"type\":\"record\",\"name\":\"T\",\"fields\":)j"
                                   R"j([{\"name\":\"a\",\"type\":\"int\"}]}"})j";

}  // namespace

/// A message's value, and the body of a registry's answer: rows that tables take, or a reason.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  int asked = 0;
  message::SchemaRegistry registry(
      [&](const std::string&) -> base::Result<message::RegistryAnswer> {
        const bool is_own = ++asked == 1 && !input.empty() && input.back() == '}';
        return message::RegistryAnswer{200, std::string(is_own ? input : kTick)};
      },
      "registry");
  const message::Decoding decoding{.explode = true, .registry = true};
  message::Decoder decoder(decoding, &registry);
  const auto decoded = decoder.decode(input);
  if (!decoded || !decoded->refusal.empty()) return 0;
  table::JsonReader reader;
  for (const std::string_view row : decoded->rows) {
    lake::Schema schema;
    const auto problem = table::widen_schema(reader, row, schema);
    // What an array is exploded into is JSON; what stands for itself need not be.
    if (decoded->rows.size() > 1 && problem) {
      TICKLAKE_ASSERT(problem->reason.find("not valid JSON") == std::string::npos);
    }
  }
  return 0;
}
