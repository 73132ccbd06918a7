#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "message/avro_json.h"
#include "message/protobuf_schema.h"

using namespace ticklake;

namespace {

/// Holds one of each kind, and itself.
constexpr std::string_view kSchema = R"(syntax = "proto3";
  import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto";
  import "google/protobuf/struct.proto"; import "google/protobuf/wrappers.proto";
  import "confluent/type/decimal.proto";
  message T { int32 a = 1; sint64 b = 2; fixed64 c = 3; string s = 4; bytes r = 5; double d = 6;
    repeated int32 n = 7; repeated T t = 8; map<string, T> m = 9; map<int32, string> k = 10;
    google.protobuf.Timestamp at = 11; google.protobuf.Duration for = 12;
    google.protobuf.Struct x = 13; google.protobuf.DoubleValue w = 14;
    confluent.type.Decimal p = 15; oneof one { T left = 16; bool right = 17; }
    enum E { NONE = 0; SOME = 1; } repeated E e = 18; })";

void decode(const message::ProtobufSchema& schema, std::string_view payload) {
  std::string json;
  if (schema.append_json(payload, json)) return;
  TICKLAKE_ASSERT(json.size() <= 8 * message::json_bytes_max(payload.size()));
  if (json.size() < 100'000) TICKLAKE_ASSERT(nlohmann::json::accept(json));
}

}  // namespace

/// Payloads by a schema that has all kinds; and, with a zero byte in them, as a schema and its
/// payload.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const auto schema = message::ProtobufSchema::parse(kSchema).value();
  decode(*schema, input);
  const size_t zero = input.find('\0');
  if (zero == std::string_view::npos) return 0;
  if (const auto parsed = message::ProtobufSchema::parse(input.substr(0, zero))) {
    decode(**parsed, input.substr(zero));
  }
  return 0;
}
