#include "catalog/sink_table.h"

#include <fmt/format.h>

#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

HiveType hive_type(lake::ColumnType type) {
  using Kind = HiveType::Kind;
  switch (type.kind) {
    case lake::ColumnType::kBoolean: return Kind::kBoolean;
    case lake::ColumnType::kBigint: return Kind::kBigint;
    case lake::ColumnType::kDouble: return Kind::kDouble;
    case lake::ColumnType::kDate: return Kind::kDate;
    case lake::ColumnType::kTimestamp:
    case lake::ColumnType::kTimestampNs: return Kind::kTimestamp;
    case lake::ColumnType::kDecimal:
      return HiveType::named(fmt::format("decimal({},{})", type.width, type.scale));
    default: return Kind::kString;
  }
}

void set_format(lake::Encoding encoding, StorageDescriptor& storage) {
  if (encoding == lake::Encoding::kParquet) {
    storage.input_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
    storage.output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
    storage.serde = {.library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                     .parameters = {{"serialization.format", "1"}}};
    return;
  }
  storage.input_format = "org.apache.hadoop.mapred.TextInputFormat";
  storage.output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
  storage.serde = {.library = "org.openx.data.jsonserde.JsonSerDe",
                   .parameters = {{"serialization.format", "1"}}};
  // Times are RFC 3339 there, which Hive takes for no timestamp.
  for (Column& column : storage.columns) {
    if (column.type == "timestamp") column.type = "string";
  }
}

}  // namespace

const std::vector<Column>& sink_columns() {
  static const std::vector<Column> columns{{.name = "_topic", .type = "string"},
                                           {.name = "_partition", .type = "int"},
                                           {.name = "_offset", .type = "bigint"},
                                           {.name = "_event_time", .type = "timestamp"},
                                           {.name = "_append_time", .type = "timestamp"}};
  return columns;
}

std::vector<HiveField> sink_fields(const lake::Schema& schema) {
  std::vector<HiveField> fields;
  for (const lake::Column& column : schema.columns) {
    if (column.type == lake::ColumnType::kOpen) continue;
    fields.push_back({folded(column.name), hive_type(column.type)});
  }
  return fields;
}

void SinkFiles::add(const lake::BoundaryRecord& record) {
  if (record.files.empty()) return;
  merge_fields(fields, sink_fields(record.schema));
  encoding = record.encoding;
  for (const lake::DataFile& file : record.files)
    days.insert(file.dt);
}

Table sink_table(const std::string& name, const std::string& location, const SinkFiles& files) {
  Table table;
  table.name = name;
  table.owner = "ticklake";
  table.description = "Written by a sink, and registered at each commit";
  table.type = "EXTERNAL_TABLE";
  table.parameters = {{"EXTERNAL", "TRUE"},
                      {"classification", std::string(lake::encoding_name(files.encoding))},
                      {"compressionType", "none"},
                      {"typeOfData", "file"},
                      {kWriterParameter, kSinkWriter}};
  StorageDescriptor storage;
  storage.columns = to_columns(files.fields);
  const auto& own = sink_columns();
  storage.columns.insert(storage.columns.end(), own.begin(), own.end());
  storage.location = location;
  set_format(files.encoding, storage);
  table.storage = std::move(storage);
  table.partition_keys.push_back({.name = kDayColumn, .type = "string"});
  return table;
}

}  // namespace ticklake::catalog
