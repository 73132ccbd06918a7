#include "catalog/sink_table.h"

#include <algorithm>
#include <optional>

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

/// The type of which a sink's column was that is `type` in the catalog; none if it is no number.
std::optional<market::ColumnType> number_type(const HiveType& type) {
  const auto parsed = market::parse_type_name(type.text());
  if (!parsed || *parsed == market::ColumnType::kDecimal ||
      *parsed == market::ColumnType::kBigint) {
    return parsed;
  }
  // Only such doubles become decimals.
  if (*parsed != market::ColumnType::kDouble) return std::nullopt;
  return market::ColumnType(market::ColumnType::kDouble, market::Digits::kFew);
}

/// The decimal that a sink's column is once it was of both types; none if it is none.
std::optional<HiveType> wider_decimal(const HiveType& a, const HiveType& b) {
  const auto left = number_type(a);
  const auto right = number_type(b);
  if (!left || !right) return std::nullopt;
  const bool has_decimal =
      left->kind == lake::ColumnType::kDecimal || right->kind == lake::ColumnType::kDecimal;
  if (!has_decimal) return std::nullopt;
  const market::ColumnType wider = market::wider_type(*left, *right);
  if (wider != market::ColumnType::kDecimal) return std::nullopt;
  return hive_type(wider);
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
  std::vector<HiveField> newer = sink_fields(record.schema);
  for (HiveField& field : newer) {
    const auto known = std::ranges::find(fields, field.name, &HiveField::name);
    if (known == fields.end()) continue;
    // A crawler makes text of decimals that differ; a sink widens without losing a digit.
    if (const auto decimal = wider_decimal(known->type, field.type)) {
      known->type = *decimal;
      field.type = *decimal;
    }
  }
  merge_fields(fields, newer);
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
