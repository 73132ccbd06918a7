#include "query/executions/write_plan.h"

#include <algorithm>
#include <array>

#include "query/sql_token.h"
#include "table/database.h"

namespace ticklake::query::executions {
namespace {

using athena::AthenaError;
using Format = WritePlan::Format;
using table::sql_identifier;
using table::sql_literal;

tl::unexpected<AthenaError> not_supported(const std::string& what) {
  return tl::unexpected(AthenaError{"NOT_SUPPORTED", what + " cannot be written here"});
}

athena::Result<Format> format_named(const std::string& name) {
  const std::string format = to_lower(name);
  if (format == "parquet") return Format::kParquet;
  if (format == "json") return Format::kJson;
  if (format == "textfile" || format == "csv") return Format::kDelimited;
  return not_supported("the format " + name);
}

athena::Result<std::string> compression_named(const std::string& name, Format format) {
  const std::string compression = to_lower(name);
  if (compression == "none" || compression == "uncompressed") {
    return std::string(format == Format::kParquet ? "uncompressed" : "none");
  }
  if (compression == "gzip" || compression == "zstd") return compression;
  if (compression == "snappy" && format == Format::kParquet) return compression;
  return not_supported("the compression " + name);
}

constexpr std::array<std::string_view, 4> kCompressionOptions{
    "write_compression", "parquet_compression", "compression", "orc_compression"};
/// Say nothing that would have to be done here.
constexpr std::array<std::string_view, 3> kIdleOptions{"external_location", "is_external",
                                                       "compression_level"};

bool is_one_of(const auto& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

athena::Result<WritePlan> write_plan(const std::vector<athena::WithOption>& options) {
  WritePlan plan;
  std::string compression;
  for (const athena::WithOption& option : options) {
    if (option.name == "format") {
      TICKLAKE_ASSIGN(plan.format, format_named(option.value));
    } else if (is_one_of(kCompressionOptions, option.name)) {
      compression = option.value;
    } else if (option.name == "field_delimiter") {
      plan.delimiter = option.value;
    } else if (option.name == "partitioned_by") {
      for (const std::string& name : option.list)
        plan.partitioned_by.push_back(to_lower(name));
    } else if (option.name == "table_type") {
      if (to_lower(option.value) != "hive") return not_supported("a table of type " + option.value);
    } else if (option.name == "bucketed_by" || option.name == "bucket_count") {
      return not_supported("a bucketed table");
    } else if (!is_one_of(kIdleOptions, option.name)) {
      return tl::unexpected(AthenaError{"INVALID_TABLE_PROPERTY",
                                        "table property '" + option.name + "' does not exist"});
    }
  }
  if (plan.delimiter.empty() || plan.delimiter.size() > 1) {
    return tl::unexpected(
        AthenaError{"INVALID_TABLE_PROPERTY", "field_delimiter must be one character"});
  }
  if (compression.empty()) compression = "gzip";  // as Athena has it
  TICKLAKE_ASSIGN(plan.compression, compression_named(compression, plan.format));
  return plan;
}

athena::Result<std::vector<WrittenColumn>> written_columns(const std::vector<Column>& columns) {
  std::vector<WrittenColumn> written;
  for (const Column& column : columns) {
    const std::string name = to_lower(column.name);
    auto type = parse_hive_type(column.type);
    if (!type) {
      return tl::unexpected(AthenaError{
          "NOT_SUPPORTED", "Unsupported Hive type: " + column.type + " of column '" + name + "'"});
    }
    const auto is_same = [&](const WrittenColumn& other) { return other.name == name; };
    if (std::ranges::any_of(written, is_same)) {
      return tl::unexpected(AthenaError{"DUPLICATE_COLUMN_NAME",
                                        "Column name '" + name + "' specified more than once"});
    }
    if (name == "_col" + std::to_string(written.size())) {
      return tl::unexpected(AthenaError{
          "COLUMN_NAME_NOT_SPECIFIED",
          "Column name not specified at position " + std::to_string(written.size() + 1)});
    }
    written.push_back({name, std::move(*type)});
  }
  return written;
}

namespace {

std::string cast_item(size_t index, const WrittenColumn& column) {
  return "CAST(c" + std::to_string(index) + " AS " + to_duckdb(column.type) + ")";
}

/// What the files get: the columns; of JSON one with the row as text, since COPY's own JSON knows
/// no partitions.
std::string select_items(const std::vector<WrittenColumn>& columns, const WritePlan& plan) {
  std::string items;
  std::string members;
  const size_t keys = std::min(plan.partitioned_by.size(), columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = sql_identifier(columns[i].name);
    if (plan.format == Format::kJson && i < columns.size() - keys) {
      members += (members.empty() ? "" : ", ") + name + " := " + cast_item(i, columns[i]);
    } else {
      items += (items.empty() ? "" : ", ") + cast_item(i, columns[i]) + " AS " + name;
    }
  }
  if (members.empty()) return items;
  const std::string row = "CAST(to_json(struct_pack(" + members + ")) AS VARCHAR) AS \"json row\"";
  return items.empty() ? row : row + ", " + items;
}

std::string csv_options(std::string_view delimiter, std::string_view null_text,
                        std::string_view quote, std::string_view escape) {
  return "FORMAT csv, HEADER false, DELIMITER " + sql_literal(delimiter) + ", NULLSTR " +
         sql_literal(null_text) + ", QUOTE " + sql_literal(quote) + ", ESCAPE " +
         sql_literal(escape);
}

std::string format_options(const WritePlan& plan) {
  switch (plan.format) {
    case Format::kParquet: return "FORMAT parquet";
    // A control character, which JSON never has as it is.
    case Format::kJson: return csv_options("\x1f", "", "", "");
    case Format::kDelimited: break;
  }
  if (plan.is_quoted) return csv_options(plan.delimiter, "", "\"", "\\");
  return csv_options(plan.delimiter, "\\N", "", "");
}

}  // namespace

std::string copy_sql(const std::string& query, const std::vector<WrittenColumn>& columns,
                     const WritePlan& plan, const std::string& path, const std::string& file_name) {
  std::string names;
  for (size_t i = 0; i < columns.size(); ++i)
    names += (i > 0 ? ", c" : "c") + std::to_string(i);
  std::string options = format_options(plan);
  if (!plan.compression.empty()) options += ", COMPRESSION " + plan.compression;
  if (!plan.partitioned_by.empty()) {
    std::string keys;
    for (const std::string& key : plan.partitioned_by)
      keys += (keys.empty() ? "" : ", ") + sql_identifier(key);
    options += ", PARTITION_BY (" + keys + "), FILENAME_PATTERN " + sql_literal(file_name + "_{i}");
  }
  return "COPY (SELECT " + select_items(columns, plan) + " FROM (" + query + "\n) AS q(" + names +
         ")) TO " + sql_literal(path) + " (" + options + ")";
}

catalog::StorageDescriptor storage_of(const WritePlan& plan, const std::string& location) {
  catalog::StorageDescriptor storage;
  storage.location = location;
  storage.input_format = "org.apache.hadoop.mapred.TextInputFormat";
  storage.output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
  switch (plan.format) {
    case Format::kParquet:
      storage.input_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
      storage.output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
      storage.serde.library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
      break;
    case Format::kJson: storage.serde.library = "org.openx.data.jsonserde.JsonSerDe"; break;
    case Format::kDelimited:
      storage.serde.library = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
      storage.serde.parameters = {{"field.delim", plan.delimiter},
                                  {"serialization.format", plan.delimiter}};
  }
  return storage;
}

}  // namespace ticklake::query::executions
