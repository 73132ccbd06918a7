#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace ticklake::catalog {

/// Glue's data model as values (AWS Glue Web API Reference, "Catalog"). An empty text or list is an
/// absent one: it is left out of answers. Names of databases, tables and columns are in lower case.

using Parameters = std::map<std::string, std::string>;

struct Column {
  std::string name;
  std::string type;  ///< Hive's: `bigint`, `decimal(10,2)`, `struct<a:int>`
  std::string comment = {};
  Parameters parameters = {};

  bool operator==(const Column&) const = default;
};

struct SerdeInfo {
  std::string name = {};
  std::string library;  ///< SerializationLibrary: a Java class
  Parameters parameters = {};

  bool operator==(const SerdeInfo&) const = default;
};

struct SortColumn {
  std::string column;
  int64_t order = 1;  ///< 1 ascending, 0 descending

  bool operator==(const SortColumn&) const = default;
};

struct SkewedInfo {
  std::vector<std::string> columns;
  std::vector<std::string> values;
  Parameters locations;

  bool operator==(const SkewedInfo&) const = default;
};

/// Where rows are, what they consist of, and how to read them.
struct StorageDescriptor {
  std::vector<Column> columns;
  std::string location;  ///< `s3://bucket/prefix/`
  std::vector<std::string> additional_locations = {};
  std::string input_format;
  std::string output_format;
  bool is_compressed = false;
  std::optional<int64_t> buckets = {};
  SerdeInfo serde;
  std::vector<std::string> bucket_columns = {};
  std::vector<SortColumn> sort_columns = {};
  Parameters parameters = {};
  std::optional<SkewedInfo> skewed = {};
  bool is_stored_as_sub_directories = false;

  bool operator==(const StorageDescriptor&) const = default;
};

struct Database {
  std::string name;
  std::string description = {};
  std::string location_uri = {};
  Parameters parameters = {};
  base::WallTime created = {};  ///< set by Catalog

  bool operator==(const Database&) const = default;
};

struct Table {
  std::string name;
  std::string database = {};  ///< set by Catalog
  std::string description = {};
  std::string owner = {};
  std::optional<base::WallTime> last_access = {};
  std::optional<base::WallTime> last_analyzed = {};
  int64_t retention = 0;
  /// Absent for some views only.
  std::optional<StorageDescriptor> storage = {};
  std::vector<Column> partition_keys = {};
  std::string view_original_text = {};
  std::string view_expanded_text = {};
  std::string type = {};  ///< EXTERNAL_TABLE, VIRTUAL_VIEW, …
  Parameters parameters = {};
  // Set by Catalog:
  base::WallTime created = {};
  base::WallTime updated = {};
  std::string created_by = {};  ///< an ARN, or empty
  int64_t version = 0;

  bool operator==(const Table&) const = default;
};

struct Partition {
  std::vector<std::string> values;  ///< one for each of the table's partition keys
  std::optional<base::WallTime> last_access = {};
  std::optional<base::WallTime> last_analyzed = {};
  std::optional<StorageDescriptor> storage = {};
  Parameters parameters = {};
  base::WallTime created = {};  ///< set by Catalog

  bool operator==(const Partition&) const = default;
};

}  // namespace ticklake::catalog
