#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ticklake::message {

/// A file that a .proto file imports.
struct ProtobufImport {
  std::string name;  ///< as `import` names it
  std::string text;
};

/// The types of a .proto file, and messages of them as JSON. Thread-safe once it is made.
///
/// JSON as in Protobuf's own mapping (https://protobuf.dev/programming-guides/json/), but so that
/// columns keep their names and digits: fields under the names of the .proto file, integers of 64
/// bits as numbers, fields without presence always there, timestamps with all nine digits, reals
/// that are no number as null. google.protobuf.Any stays type_url and value; confluent.type.Decimal
/// is a number with every digit.
class ProtobufSchema {
 public:
  /// Google's own imports (google/protobuf/…) and confluent/{meta,type/decimal}.proto need not be
  /// given. kInvalidData, with line and column, for what the compiler does not take.
  static base::Result<std::shared_ptr<const ProtobufSchema>> parse(
      std::string_view text, std::span<const ProtobufImport> imports = {});
  ~ProtobufSchema();
  ProtobufSchema(const ProtobufSchema&) = delete;
  ProtobufSchema& operator=(const ProtobufSchema&) = delete;

  /// Appends to `json` the message in `payload`: its indexes (take_message_indexes()) and its
  /// bytes. Gives the reason if it is no such message; what was appended until then is to be thrown
  /// away.
  std::optional<std::string> append_json(std::string_view payload, std::string& json) const;

 private:
  struct Types;
  explicit ProtobufSchema(std::unique_ptr<Types> types);

  std::unique_ptr<Types> types_;
};

}  // namespace ticklake::message
