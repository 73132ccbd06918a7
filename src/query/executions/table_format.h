#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "catalog/model.h"
#include "query/athena/error.h"

namespace ticklake::query::executions {

/// How the rows of a table are stored, as its serde and parameters say.
struct TableFormat {
  enum class Kind : uint8_t { kParquet, kJson, kDelimited };
  Kind kind = Kind::kParquet;
  bool skips_malformed = false;  ///< JSON: `ignore.malformed.json`
  // Delimited text:
  bool is_quoted = false;  ///< OpenCSVSerde
  std::string delimiter = "\x01";
  std::string quote = "\"";
  std::string escape = "\\";
  std::string null_text = "\\N";
  uint64_t skipped_lines = 0;  ///< `skip.header.line.count`

  bool operator==(const TableFormat&) const = default;
};

/// NOT_SUPPORTED, by its name, for a serde that cannot be read here: ORC, Avro, regular
/// expressions, Iceberg ….
athena::Result<TableFormat> table_format(const catalog::Table& table,
                                         const catalog::StorageDescriptor& storage);

}  // namespace ticklake::query::executions
