#include "catalog/table_draft.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "catalog/answers.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

constexpr size_t kNameMax = 128;

uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

Parameters common_parameters(const SchemaCluster& cluster, const DraftContext& context) {
  const CrawlStats& stats = cluster.stats;
  const uint64_t rows = std::max<uint64_t>(stats.records, 1);
  Parameters parameters{
      {"classification", std::string(format_name(cluster.kind.format))},
      {"compressionType", std::string(compression_name(cluster.kind.compression))},
      {"typeOfData", "file"},
      {"objectCount", std::to_string(stats.files)},
      {"recordCount", std::to_string(stats.records)},
      {"averageRecordSize", std::to_string(std::max<uint64_t>(stats.bytes / rows, 1))},
      {"sizeKey", std::to_string(stats.bytes)},
      {kUpdatedByCrawler, context.crawler},
      {"CrawlerSchemaSerializerVersion", "1.0"},
      {"CrawlerSchemaDeserializerVersion", "1.0"},
  };
  if (!context.run_id.empty()) parameters.emplace(kCrawlRunId, context.run_id);
  if (!context.exclusions.empty()) {
    parameters.emplace("exclusions", to_text(nlohmann::json(context.exclusions)));
  }
  if (cluster.kind.format == FileFormat::kCsv) {
    parameters.emplace("delimiter", std::string(1, cluster.kind.delimiter));
    parameters.emplace("columnsOrdered", "true");
    parameters.emplace("areColumnsQuoted", "false");
    if (cluster.kind.has_header) parameters.emplace("skip.header.line.count", "1");
  }
  if (cluster.kind.format == FileFormat::kJson && context.elements) {
    parameters.emplace("jsonPath", "$[*]");
  }
  return parameters;
}

void set_format(const SchemaCluster& cluster, StorageDescriptor& storage) {
  constexpr const char* kText = "org.apache.hadoop.mapred.TextInputFormat";
  constexpr const char* kTextOut = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
  switch (cluster.kind.format) {
    case FileFormat::kParquet:
      storage.input_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
      storage.output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
      storage.serde = {.library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                       .parameters = {{"serialization.format", "1"}}};
      return;
    case FileFormat::kCsv:
      storage.input_format = kText;
      storage.output_format = kTextOut;
      storage.serde = {.library = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                       .parameters = {{"field.delim", std::string(1, cluster.kind.delimiter)}}};
      return;
    default: break;
  }
  std::string paths;
  for (const std::string& path : cluster.paths)
    paths += (paths.empty() ? "" : ",") + path;
  storage.input_format = kText;
  storage.output_format = kTextOut;
  storage.serde = {.library = "org.openx.data.jsonserde.JsonSerDe",
                   .parameters = {{"paths", paths}}};
}

StorageDescriptor storage_of(const SchemaCluster& cluster, std::string location,
                             const Parameters& parameters) {
  StorageDescriptor storage;
  storage.columns = to_columns(cluster.fields);
  storage.location = std::move(location);
  storage.is_compressed = cluster.kind.compression != Compression::kNone;
  storage.buckets = -1;
  set_format(cluster, storage);
  storage.parameters = parameters;
  return storage;
}

}  // namespace

std::string table_name(std::string_view prefix, std::string_view name) {
  std::string text = folded(std::string(prefix).append(name));
  for (char& c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!is_plain) c = '_';
  }
  if (text.empty()) text = "table";
  return text.substr(0, kNameMax);
}

std::string name_with_hash(std::string_view name, std::string_view location) {
  const std::string suffix = fmt::format("_{:016x}", hash_of(location));
  return std::string(name.substr(0, kNameMax - suffix.size())) + suffix;
}

Table make_table(const TableDraft& draft, std::string name, std::string location,
                 const DraftContext& context) {
  Table table;
  table.name = std::move(name);
  table.owner = "owner";
  table.type = "EXTERNAL_TABLE";
  table.parameters = common_parameters(draft.cluster, context);
  table.storage = storage_of(draft.cluster, std::move(location), table.parameters);
  for (const std::string& key : draft.partition_keys)
    table.partition_keys.push_back({.name = key, .type = "string"});
  if (!draft.partition_keys.empty()) {
    table.parameters.emplace("partition_filtering.enabled", "true");
  }
  return table;
}

Partition make_partition(const Table& table, const PartitionDraft& draft, std::string location,
                         const DraftContext& context) {
  Partition partition;
  partition.values = draft.values;
  partition.parameters = common_parameters(draft.cluster, context);
  partition.storage = storage_of(draft.cluster, std::move(location), partition.parameters);
  if (table.partition_keys.empty()) return partition;
  // A column that is a partition key is not in the files' schema either.
  std::erase_if(partition.storage->columns, [&](const Column& column) {
    return std::ranges::find(table.partition_keys, column.name, &Column::name) !=
           table.partition_keys.end();
  });
  return partition;
}

std::vector<std::string> resolve_conflicts(TableDraft& draft) {
  std::vector<std::string> names;
  const auto resolve = [&](SchemaCluster& cluster) {
    const bool goes_by_position = cluster.kind.format == FileFormat::kCsv;
    for (const std::string& key : draft.partition_keys) {
      const auto found = std::ranges::find(cluster.fields, key, &HiveField::name);
      if (found == cluster.fields.end()) continue;
      if (std::ranges::find(names, key) == names.end()) names.push_back(key);
      if (goes_by_position) {
        found->name += "_1";
      } else {
        cluster.fields.erase(found);
      }
    }
  };
  resolve(draft.cluster);
  for (PartitionDraft& partition : draft.partitions)
    resolve(partition.cluster);
  return names;
}

namespace {

/// The old type, with members of structs that are new.
HiveType with_new_members(const HiveType& old, const HiveType& found) {
  if (old.kind() != found.kind()) return old;
  std::vector<HiveField> fields = old.fields();
  for (size_t i = 0; i < found.fields().size(); ++i) {
    const HiveField& field = found.fields()[i];
    const auto same = old.kind() == HiveType::Kind::kStruct
                          ? std::ranges::find(fields, field.name, &HiveField::name)
                          : fields.begin() + static_cast<ptrdiff_t>(i);
    if (same == fields.end()) {
      fields.push_back(field);
    } else {
      same->type = with_new_members(same->type, field.type);
    }
  }
  switch (old.kind()) {
    case HiveType::Kind::kStruct: return HiveType::structure(std::move(fields));
    case HiveType::Kind::kArray: return HiveType::array(std::move(fields[0].type));
    case HiveType::Kind::kMap:
      return HiveType::map(std::move(fields[0].type), std::move(fields[1].type));
    default: return old;
  }
}

}  // namespace

std::vector<Column> with_new_columns(const std::vector<Column>& old,
                                     const std::vector<Column>& found) {
  std::vector<Column> columns = old;
  for (const Column& column : found) {
    const auto same = std::ranges::find(columns, column.name, &Column::name);
    if (same == columns.end()) {
      columns.push_back(column);
    } else if (same->type != column.type) {
      same->type =
          with_new_members(parse_hive_type(same->type), parse_hive_type(column.type)).text();
    }
  }
  return columns;
}

}  // namespace ticklake::catalog
