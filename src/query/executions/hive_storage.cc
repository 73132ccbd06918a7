#include "query/executions/hive_storage.h"

#include <array>

namespace ticklake::query::executions {
namespace {

struct Named {
  std::string_view name;
  std::string_view input;
  std::string_view output;
  std::string_view serde;
};
constexpr std::string_view kTextOutput =
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
constexpr std::string_view kTextInput = "org.apache.hadoop.mapred.TextInputFormat";
constexpr std::array<Named, 6> kFormats{
    {{"TEXTFILE", kTextInput, kTextOutput, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
     {"PARQUET", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
      "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
      "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
     {"ORC", "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
      "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
      "org.apache.hadoop.hive.ql.io.orc.OrcSerde"},
     {"AVRO", "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
      "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
      "org.apache.hadoop.hive.serde2.avro.AvroSerDe"},
     {"JSON", kTextInput, kTextOutput, "org.apache.hive.hcatalog.data.JsonSerDe"},
     {"ION", "com.amazon.ionhiveserde.formats.IonInputFormat",
      "com.amazon.ionhiveserde.formats.IonOutputFormat", "com.amazon.ionhiveserde.IonHiveSerDe"}}};

}  // namespace

athena::Result<catalog::StorageDescriptor> hive_storage(const athena::StorageFormat& format) {
  catalog::StorageDescriptor storage;
  const std::string name = format.stored_as.empty() ? "TEXTFILE" : format.stored_as;
  for (const Named& named : kFormats) {
    if (named.name != name) continue;
    storage.input_format = named.input;
    storage.output_format = named.output;
    storage.serde.library = named.serde;
  }
  if (storage.input_format.empty()) {
    return tl::unexpected(athena::AthenaError{
        "FAILED",
        "SemanticException Unrecognized file format in STORED AS clause: '" + name + "'"});
  }
  if (!format.input_format.empty()) {
    storage.input_format = format.input_format;
    storage.output_format = format.output_format;
    storage.serde.library = {};
  }
  if (!format.serde.empty()) storage.serde.library = format.serde;
  for (const athena::Properties* properties : {&format.delimited, &format.serde_properties}) {
    for (const auto& [key, value] : *properties)
      storage.serde.parameters[key] = value;
  }
  const auto delimiter = storage.serde.parameters.find("field.delim");
  if (delimiter != storage.serde.parameters.end()) {
    storage.serde.parameters.emplace("serialization.format", delimiter->second);
  }
  return storage;
}

}  // namespace ticklake::query::executions
