#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "message/avro_schema.h"
#include "message/protobuf_schema.h"

namespace ticklake::message {

/// Messages that are JSON texts; what their schema asks of them is not checked again.
struct JsonSchema {};

/// A schema that no message can be read with: unknown to the registry, or not understood.
struct UnusableSchema {
  std::string reason;
};

using RegisteredSchema =
    std::variant<UnusableSchema, AvroSchema, std::shared_ptr<const ProtobufSchema>, JsonSchema>;

/// The answer to one GET.
struct RegistryAnswer {
  int status = 0;
  std::string body;
};
/// GETs a path, "/schemas/ids/1", within a few seconds. Errors are those of the network.
using GetFromRegistry = std::function<base::Result<RegistryAnswer>(const std::string& path)>;

/// Over HTTP; `headers` are "Name: value". A body that is larger than kRegistryBodyMax is an error.
GetFromRegistry registry_over_http(std::string url, std::vector<std::string> headers);
inline constexpr size_t kRegistryBodyMax = 4 << 20;

/// Schemas by the ids that messages carry, from a registry with Confluent's API
/// (https://docs.confluent.io/platform/current/schema-registry/develop/api.html). What an id stands
/// for never changes, so it is asked for once; that an id is unknown, or not understood, is
/// remembered too. Thread-safe; who asks for a schema waits for others that do.
class SchemaRegistry {
 public:
  SchemaRegistry(GetFromRegistry get, std::string name)
      : get_(std::move(get)), name_(std::move(name)) {}

  /// Errors say that the registry cannot be asked just now; all are retriable.
  base::Result<std::shared_ptr<const RegisteredSchema>> schema(int32_t id);
  /// Ids that were found unusable and will be for good, ascending: the first kRefusedIdsMax.
  std::vector<int32_t> refused_ids() const;

 private:
  /// A schema as the registry gives it.
  struct Document {
    std::string type;
    std::string text;
    std::vector<ProtobufImport> references;  ///< in an order in which each needs those before it
  };
  using Problem = std::string;

  base::Result<RegisteredSchema> fetch(int32_t id);
  base::Result<std::variant<Problem, Document>> fetch_document(const std::string& path);
  base::Result<std::optional<Problem>> add_references(std::string_view json, int depth,
                                                      std::vector<ProtobufImport>& references);
  base::Result<RegistryAnswer> get(const std::string& path);

  const GetFromRegistry get_;
  const std::string name_;    ///< in errors
  mutable std::mutex mutex_;  ///< guards all below
  std::map<int32_t, std::shared_ptr<const RegisteredSchema>> schemas_;
  std::map<int32_t, std::shared_ptr<const RegisteredSchema>> refused_;
  /// Those beyond the first kRefusedIdsMax, which may be forgotten.
  std::map<int32_t, std::shared_ptr<const RegisteredSchema>> more_refused_;
  std::map<std::string, std::string> referenced_;  ///< answers by path
};

inline constexpr size_t kRefusedIdsMax = 1'000;
inline constexpr size_t kMoreRefusedIdsMax = 10'000;
inline constexpr size_t kReferencesMax = 100;
inline constexpr int kReferenceDepthMax = 20;

}  // namespace ticklake::message
