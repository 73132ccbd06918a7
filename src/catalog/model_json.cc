#include "catalog/model_json.h"

#include <algorithm>

namespace ticklake::catalog {
namespace {

using nlohmann::json;

constexpr TextLimits kTypeLimits{0, 131'072};
constexpr TextLimits kLocationLimits{0, 2'056};
constexpr TextLimits kFormatLimits{0, 128};
constexpr TextLimits kViewLimits{0, 409'600};

void put(json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

void put(json& object, const char* name, const std::vector<std::string>& texts) {
  if (!texts.empty()) object[name] = texts;
}

void put(json& object, const char* name, const Parameters& parameters) {
  if (!parameters.empty()) object[name] = parameters;
}

void put(json& object, const char* name, const std::optional<base::WallTime>& time) {
  if (time) object[name] = to_json(*time);
}

json to_json(const std::vector<Column>& columns) {
  auto list = json::array();
  for (const Column& column : columns) {
    json object{{"Name", column.name}};
    put(object, "Type", column.type);
    put(object, "Comment", column.comment);
    put(object, "Parameters", column.parameters);
    list.push_back(std::move(object));
  }
  return list;
}

json to_json(const SerdeInfo& serde) {
  auto object = json::object();
  put(object, "Name", serde.name);
  put(object, "SerializationLibrary", serde.library);
  put(object, "Parameters", serde.parameters);
  return object;
}

std::vector<Column> read_columns(JsonReader& reader, const char* name) {
  std::vector<Column> columns;
  for (const json* element : reader.list(name)) {
    JsonReader column = reader.child(*element, name);
    Column& made = columns.emplace_back();
    made.name = folded(column.text("Name", kNameLimits));
    made.type = column.text_or_empty("Type", kTypeLimits);
    made.comment = column.text_or_empty("Comment", kAnyText);
    made.parameters = column.map("Parameters");
  }
  return columns;
}

SerdeInfo read_serde(JsonReader reader) {
  SerdeInfo serde;
  serde.name = reader.text_or_empty("Name", kNameLimits);
  serde.library = reader.text_or_empty("SerializationLibrary", kNameLimits);
  serde.parameters = reader.map("Parameters");
  return serde;
}

std::vector<SortColumn> read_sort_columns(JsonReader& reader) {
  std::vector<SortColumn> columns;
  for (const json* element : reader.list("SortColumns")) {
    JsonReader column = reader.child(*element, "SortColumns");
    SortColumn& made = columns.emplace_back();
    made.column = column.text("Column", kNameLimits);
    column.require("SortOrder");
    made.order = column.integer("SortOrder", 0, 1).value_or(1);
  }
  return columns;
}

}  // namespace

std::string folded(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

json to_json(base::WallTime time) { return static_cast<double>(base::to_unix_ms(time)) / 1'000; }

json to_json(const Database& database) {
  json object{{"Name", database.name}, {"CreateTime", to_json(database.created)}};
  put(object, "Description", database.description);
  put(object, "LocationUri", database.location_uri);
  put(object, "Parameters", database.parameters);
  return object;
}

Database read_database(JsonReader reader) {
  Database database;
  database.name = folded(reader.text("Name", kNameLimits));
  database.description = reader.text_or_empty("Description", kDescriptionLimits);
  database.location_uri = reader.text_or_empty("LocationUri", {1, 1'024});
  database.parameters = reader.map("Parameters");
  database.created = reader.time("CreateTime").value_or(base::WallTime{});
  return database;
}

json to_json(const StorageDescriptor& storage) {
  json object{{"Columns", to_json(storage.columns)},
              {"Compressed", storage.is_compressed},
              {"NumberOfBuckets", storage.buckets.value_or(0)},
              {"SerdeInfo", to_json(storage.serde)},
              {"BucketColumns", storage.bucket_columns},
              {"SortColumns", json::array()},
              {"StoredAsSubDirectories", storage.is_stored_as_sub_directories}};
  put(object, "Location", storage.location);
  put(object, "AdditionalLocations", storage.additional_locations);
  put(object, "InputFormat", storage.input_format);
  put(object, "OutputFormat", storage.output_format);
  put(object, "Parameters", storage.parameters);
  for (const SortColumn& column : storage.sort_columns) {
    object["SortColumns"].push_back({{"Column", column.column}, {"SortOrder", column.order}});
  }
  if (storage.skewed) {
    object["SkewedInfo"] = {{"SkewedColumnNames", storage.skewed->columns},
                            {"SkewedColumnValues", storage.skewed->values},
                            {"SkewedColumnValueLocationMaps", storage.skewed->locations}};
  }
  return object;
}

StorageDescriptor read_storage(JsonReader reader) {
  StorageDescriptor storage;
  storage.columns = read_columns(reader, "Columns");
  storage.location = reader.text_or_empty("Location", kLocationLimits);
  storage.additional_locations = reader.texts("AdditionalLocations", kLocationLimits);
  storage.input_format = reader.text_or_empty("InputFormat", kFormatLimits);
  storage.output_format = reader.text_or_empty("OutputFormat", kFormatLimits);
  storage.is_compressed = reader.boolean("Compressed").value_or(false);
  storage.buckets = reader.integer("NumberOfBuckets", INT32_MIN, INT32_MAX);
  if (const json* const serde = reader.object("SerdeInfo")) {
    storage.serde = read_serde(reader.child(*serde, "SerdeInfo"));
  }
  storage.bucket_columns = reader.texts("BucketColumns", kNameLimits);
  storage.sort_columns = read_sort_columns(reader);
  storage.parameters = reader.map("Parameters");
  if (const json* const skewed = reader.object("SkewedInfo")) {
    JsonReader info = reader.child(*skewed, "SkewedInfo");
    storage.skewed = SkewedInfo{info.texts("SkewedColumnNames", kNameLimits),
                                info.texts("SkewedColumnValues", kAnyText),
                                info.map("SkewedColumnValueLocationMaps")};
  }
  storage.is_stored_as_sub_directories = reader.boolean("StoredAsSubDirectories").value_or(false);
  return storage;
}

json to_json(const Table& table) {
  json object{{"Name", table.name},
              {"DatabaseName", table.database},
              {"CreateTime", to_json(table.created)},
              {"UpdateTime", to_json(table.updated)},
              {"Retention", table.retention},
              {"PartitionKeys", to_json(table.partition_keys)},
              {"Parameters", table.parameters},
              {"VersionId", std::to_string(table.version)},
              {"IsRegisteredWithLakeFormation", false}};
  put(object, "Description", table.description);
  put(object, "Owner", table.owner);
  put(object, "LastAccessTime", table.last_access);
  put(object, "LastAnalyzedTime", table.last_analyzed);
  if (table.storage) object["StorageDescriptor"] = to_json(*table.storage);
  put(object, "ViewOriginalText", table.view_original_text);
  put(object, "ViewExpandedText", table.view_expanded_text);
  put(object, "TableType", table.type);
  put(object, "CreatedBy", table.created_by);
  return object;
}

Table read_table(JsonReader reader) {
  Table table;
  table.name = folded(reader.text("Name", kNameLimits));
  table.database = reader.text_or_empty("DatabaseName", kNameLimits);
  table.description = reader.text_or_empty("Description", kDescriptionLimits);
  table.owner = reader.text_or_empty("Owner", kNameLimits);
  table.last_access = reader.time("LastAccessTime");
  table.last_analyzed = reader.time("LastAnalyzedTime");
  table.retention = reader.integer("Retention", 0, INT32_MAX).value_or(0);
  if (const json* const storage = reader.object("StorageDescriptor")) {
    table.storage = read_storage(reader.child(*storage, "StorageDescriptor"));
  }
  table.partition_keys = read_columns(reader, "PartitionKeys");
  table.view_original_text = reader.text_or_empty("ViewOriginalText", kViewLimits);
  table.view_expanded_text = reader.text_or_empty("ViewExpandedText", kViewLimits);
  table.type = reader.text_or_empty("TableType", {0, 255});
  table.parameters = reader.map("Parameters");
  return table;
}

json to_json(const Partition& partition) {
  json object{{"Values", partition.values}, {"CreationTime", to_json(partition.created)}};
  put(object, "LastAccessTime", partition.last_access);
  put(object, "LastAnalyzedTime", partition.last_analyzed);
  if (partition.storage) object["StorageDescriptor"] = to_json(*partition.storage);
  put(object, "Parameters", partition.parameters);
  return object;
}

Partition read_partition(JsonReader reader) {
  Partition partition;
  partition.values = reader.texts("Values", {0, 1'024});
  partition.last_access = reader.time("LastAccessTime");
  partition.last_analyzed = reader.time("LastAnalyzedTime");
  if (const json* const storage = reader.object("StorageDescriptor")) {
    partition.storage = read_storage(reader.child(*storage, "StorageDescriptor"));
  }
  partition.parameters = reader.map("Parameters");
  partition.created = reader.time("CreationTime").value_or(base::WallTime{});
  return partition;
}

}  // namespace ticklake::catalog
