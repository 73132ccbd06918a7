#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "message/avro_json.h"
#include "message/avro_schema.h"

using namespace ticklake;

namespace {

/// Holds one of each type, and itself.
constexpr std::string_view kSchema = R"({"type":"record","name":"T","fields":[
  {"name":"l","type":"long"},{"name":"s","type":"string"},{"name":"d","type":"double"},
  {"name":"f","type":"float"},{"name":"b","type":"boolean"},
  {"name":"p","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
  {"name":"t","type":{"type":"long","logicalType":"timestamp-nanos"}},
  {"name":"c","type":{"type":"int","logicalType":"time-millis"}},
  {"name":"y","type":{"type":"int","logicalType":"date"}},
  {"name":"u","type":{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}},
  {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
  {"name":"m","type":{"type":"map","values":["null","T"]}},
  {"name":"a","type":{"type":"array","items":{"type":"array","items":"null"}}}]})";

/// Whatever the bytes: JSON that parses and is not out of proportion, or a reason.
void decode(const message::AvroSchema& schema, std::string_view bytes) {
  std::string json;
  if (message::append_avro(schema, bytes, json)) return;
  // One value more may be begun when the limit is reached, and one value is never larger.
  TICKLAKE_ASSERT(json.size() <= 2 * message::json_bytes_max(bytes.size()));
  if (json.size() < 100'000) TICKLAKE_ASSERT(nlohmann::json::accept(json));
}

}  // namespace

/// Bytes by a schema that has all types; and, with a newline in them, as a schema and its bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const message::AvroSchema schema = message::AvroSchema::parse(kSchema).value();
  decode(schema, input);
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  if (const auto parsed = message::AvroSchema::parse(input.substr(0, line))) {
    decode(*parsed, input.substr(line + 1));
  }
  return 0;
}
