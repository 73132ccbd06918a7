#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ticklake::message {

enum class AvroType : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kRecord,
  kEnum,
  kArray,
  kMap,
  kUnion,
  kFixed,
};

/// What a value of a type stands for; one that is unknown, or that the type cannot have, is none,
/// as the specification asks.
enum class AvroLogicalType : uint8_t {
  kNone,
  kDecimal,
  kUuid,
  kDate,
  kTimeMillis,
  kTimeMicros,
  kTimestampMillis,
  kTimestampMicros,
  kTimestampNanos,
  kLocalTimestampMillis,
  kLocalTimestampMicros,
  kLocalTimestampNanos,
  kDuration,
};

/// One type of a schema. Types name each other by their place in AvroSchema::nodes, for they may
/// hold themselves.
struct AvroNode {
  AvroType type = AvroType::kNull;
  AvroLogicalType logical = AvroLogicalType::kNone;
  int64_t scale = 0;                 ///< of kDecimal
  size_t fixed_bytes = 0;            ///< of kFixed
  std::vector<std::string> keys;     ///< of kRecord: each field's name as JSON, `"price":`
  std::vector<std::string> symbols;  ///< of kEnum, as JSON, in quotes
  /// Of kRecord its fields' types, of kUnion its branches, of kArray and kMap that of the items.
  std::vector<size_t> children;
};

/// A schema of Apache Avro 1.12 (https://avro.apache.org/docs/1.12.0/specification/), as far as
/// it is needed to read what was written with it: names and namespaces are resolved, defaults,
/// aliases and orders are not looked at.
struct AvroSchema {
  std::vector<AvroNode> nodes;
  size_t root = 0;

  /// `references` are schemas whose named types `text` may use, in an order in which each needs
  /// only those before it. kInvalidData, with the cause, for what is no schema or is larger than
  /// kAvroNodesMax or deeper than kAvroDepthMax.
  static base::Result<AvroSchema> parse(std::string_view text,
                                        std::span<const std::string> references = {});
};

inline constexpr size_t kAvroNodesMax = 20'000;
/// Of types in a schema as they are written, and of values in a message.
inline constexpr int kAvroDepthMax = 100;

}  // namespace ticklake::message
