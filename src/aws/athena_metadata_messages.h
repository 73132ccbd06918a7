#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/message_writer.h"

namespace ticklake::aws::athena {

/// The catalog as Athena shows it: see athena_messages.h.

struct TablesRequest {
  std::string catalog;
  std::string database;
  std::string expression = {};  ///< a pattern of names
  std::optional<int64_t> max = {};
  std::string token = {};
};
template <typename Members, typename M>
requires IsMessage<M, TablesRequest>
void describe(Members& members, M& message) {
  members.text("CatalogName", message.catalog, {1, 256});
  members.text("DatabaseName", message.database, {1, 128});
  members.text_or_empty("Expression", message.expression, {0, 256});
  members.optional_integer("MaxResults", message.max, 0, 50);
  members.text_or_empty("NextToken", message.token, {0, 1024});
}

struct TableColumn {
  std::string name;
  std::string type;
  std::string comment = {};
};
template <typename Members, typename M>
requires IsMessage<M, TableColumn>
void describe(Members& members, M& message) {
  members.text("Name", message.name);
  members.text_or_empty("Type", message.type);
  members.text_or_empty("Comment", message.comment);
}

struct TableMetadata {
  std::string name;
  std::string type = {};  ///< EXTERNAL_TABLE, VIRTUAL_VIEW …
  base::WallTime created{};
  std::vector<TableColumn> columns = {};
  std::vector<TableColumn> partition_keys = {};
  std::map<std::string, std::string> parameters = {};
};
template <typename Members, typename M>
requires IsMessage<M, TableMetadata>
void describe(Members& members, M& message) {
  members.text("Name", message.name);
  members.kept_text("TableType", message.type);
  members.time("CreateTime", message.created);
  members.list("Columns", message.columns);
  members.list("PartitionKeys", message.partition_keys);
  members.map("Parameters", message.parameters);
}

/// The answer of ListTableMetadata.
struct TablesAnswer {
  std::vector<TableMetadata> tables;
  std::string next = {};
};
template <typename Members, typename M>
requires IsMessage<M, TablesAnswer>
void describe(Members& members, M& message) {
  members.list("TableMetadataList", message.tables);
  members.text_or_empty("NextToken", message.next);
}

}  // namespace ticklake::aws::athena
