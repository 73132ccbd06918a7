#pragma once

#include "catalog/model.h"
#include "query/athena/statement.h"

namespace ticklake::query::executions {

/// What ROW FORMAT and STORED AS of a CREATE TABLE come to: the serde and the formats that Hive
/// registers. A format that nobody has is FAILED.
athena::Result<catalog::StorageDescriptor> hive_storage(const athena::StorageFormat& format);

}  // namespace ticklake::query::executions
