#pragma once

#include <nlohmann/json.hpp>

#include "aws/service_error.h"
#include "base/clock.h"
#include "catalog/json_reader.h"
#include "catalog/model.h"

namespace ticklake::catalog {

/// The model as Glue's JSON has it, which is also how it stands in the file: absent members are
/// left out, never null; times are seconds since 1970, with milliseconds.

nlohmann::json to_json(const Database& database);
nlohmann::json to_json(const Table& table);
nlohmann::json to_json(const StorageDescriptor& storage);
/// Glue's Partition needs to say of which table it is; the file does not.
nlohmann::json to_json(const Partition& partition);
nlohmann::json to_json(base::WallTime time);

/// Glue's DatabaseInput, TableInput, PartitionInput, and what to_json() makes. What is wrong is in
/// the reader's problem().
Database read_database(JsonReader reader);
Table read_table(JsonReader reader);
Partition read_partition(JsonReader reader);
StorageDescriptor read_storage(JsonReader reader);

/// Glue folds names of databases, tables and columns: ASCII letters in lower case.
std::string folded(std::string_view name);

}  // namespace ticklake::catalog
