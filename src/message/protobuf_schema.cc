#include "message/protobuf_schema.h"

#include <mutex>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "message/avro_json.h"
#include "message/protobuf_json.h"
#include "message/wire_format.h"

namespace ticklake::message {
namespace {

namespace pb = google::protobuf;

/// The name of the file itself, which nothing imports.
constexpr const char* kMainFile = "(the schema)";
constexpr size_t kErrorBytesMax = 200;

/// What Confluent's registry has built in, and so does not give as an import: the shape of its
/// decimals, and options with which fields are described.
constexpr const char* kConfluentDecimal = R"(
  syntax = "proto3"; package confluent.type;
  message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; })";
constexpr const char* kConfluentMeta = R"(
  syntax = "proto3"; package confluent; import "google/protobuf/descriptor.proto";
  message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
  extend google.protobuf.FileOptions { Meta file_meta = 1088; }
  extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
  extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
  extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
  extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; })";

std::string_view built_in(std::string_view import) {
  if (import == "confluent/type/decimal.proto") return kConfluentDecimal;
  if (import == "confluent/meta.proto") return kConfluentMeta;
  return {};
}

/// Keeps the first error.
class FirstError final : public pb::io::ErrorCollector, public pb::DescriptorPool::ErrorCollector {
 public:
  std::string text;

  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    keep(fmt::format("line {}, column {}: {}", line + 1, column + 1, message));
  }
  void AddError(const std::string&, const std::string& element, const pb::Message*, ErrorLocation,
                const std::string& message) override {
    keep(element + ": " + message);
  }

 private:
  void keep(std::string message) {
    if (text.empty()) text = std::move(message).substr(0, kErrorBytesMax);
  }
};

tl::unexpected<base::Error> invalid(const std::string& file, std::string cause) {
  return base::fail(base::ErrorCode::kInvalidData, "the .proto file " + file + " cannot be read",
                    std::move(cause));
}

base::Result<const pb::FileDescriptor*> build(pb::DescriptorPool& pool, const std::string& name,
                                              std::string_view text) {
  FirstError error;
  pb::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  pb::io::Tokenizer tokenizer(&input, &error);
  pb::compiler::Parser parser;
  parser.RecordErrorsTo(&error);
  pb::FileDescriptorProto file;
  if (!parser.Parse(&tokenizer, &file) || !error.text.empty()) return invalid(name, error.text);
  file.set_name(name);
  for (const std::string& import : file.dependency()) {
    if (built_in(import).empty() || pool.FindFileByName(import) != nullptr) continue;
    TICKLAKE_TRY(build(pool, import, built_in(import)));
  }
  const pb::FileDescriptor* const built = pool.BuildFileCollectingErrors(file, &error);
  if (built == nullptr) return invalid(name, error.text);
  return built;
}

/// Protobuf logs what it finds wrong, to stderr; the same errors come as values.
void silence_protobuf() {
  static std::once_flag once;
  std::call_once(once, [] { pb::SetLogHandler(nullptr); });
}

}  // namespace

struct ProtobufSchema::Types {
  pb::DescriptorPool pool{pb::DescriptorPool::generated_pool()};
  pb::DynamicMessageFactory factory{&pool};
  const pb::FileDescriptor* file = nullptr;
};

ProtobufSchema::ProtobufSchema(std::unique_ptr<Types> types) : types_(std::move(types)) {}
ProtobufSchema::~ProtobufSchema() = default;

base::Result<std::shared_ptr<const ProtobufSchema>> ProtobufSchema::parse(
    std::string_view text, std::span<const ProtobufImport> imports) {
  silence_protobuf();
  auto types = std::make_unique<Types>();
  for (const ProtobufImport& import : imports) {
    if (types->pool.FindFileByName(import.name) != nullptr) continue;
    TICKLAKE_TRY(build(types->pool, import.name, import.text));
  }
  TICKLAKE_ASSIGN(types->file, build(types->pool, kMainFile, text));
  return std::shared_ptr<const ProtobufSchema>(new ProtobufSchema(std::move(types)));
}

std::optional<std::string> ProtobufSchema::append_json(std::string_view payload,
                                                       std::string& json) const {
  const auto indexes = take_message_indexes(payload);
  if (!indexes) return "the indexes of its message type cannot be read";
  const pb::Descriptor* type = nullptr;
  for (const int32_t index : *indexes) {
    const int count =
        type == nullptr ? types_->file->message_type_count() : type->nested_type_count();
    if (index >= count) return fmt::format("its schema has no message type {}", index);
    type = type == nullptr ? types_->file->message_type(index) : type->nested_type(index);
  }
  const pb::Message* const prototype = types_->factory.GetPrototype(type);
  return append_protobuf(*prototype, payload, json_bytes_max(payload.size()), json);
}

}  // namespace ticklake::message
