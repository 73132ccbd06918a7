#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "catalog/hive_type.h"
#include "catalog/model.h"
#include "lake/boundary.h"

namespace ticklake::catalog {

/// The partition key of every table of a sink: the UTC day of the Kafka record.
inline constexpr const char* kDayColumn = "dt";
/// What a table's parameter `ticklake.writer` says of those that a sink keeps.
inline constexpr const char* kWriterParameter = "ticklake.writer";
inline constexpr const char* kSinkWriter = "sink";

/// What the files of a sink's table consist of, as its boundary records say: docs/formats/lake.md.
struct SinkFiles {
  std::vector<HiveField> fields;  ///< of the user, as wide as any file needs
  std::set<std::string> days;
  lake::Encoding encoding = lake::Encoding::kParquet;  ///< of the newest record

  /// Takes in what a record's files are; one without files changes nothing.
  void add(const lake::BoundaryRecord& record);
};

/// The user's columns of a schema; those that are in no file yet are left out.
std::vector<HiveField> sink_fields(const lake::Schema& schema);
/// Behind the user's columns in every file.
const std::vector<Column>& sink_columns();

/// The table in Glue's model: external, partitioned by `dt`. `location` ends in '/'.
Table sink_table(const std::string& name, const std::string& location, const SinkFiles& files);

}  // namespace ticklake::catalog
