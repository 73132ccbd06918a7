#pragma once

#include <string>
#include <string_view>

#include "catalog/crawl_grouping.h"
#include "catalog/crawl_options.h"
#include "catalog/model.h"

namespace ticklake::catalog {

/// What a crawler writes of what it found, as Glue's own does: docs/CRAWLER.md has the table.

inline constexpr const char* kUpdatedByCrawler = "UPDATED_BY_CRAWLER";
inline constexpr const char* kDeprecatedByCrawler = "DEPRECATED_BY_CRAWLER";
inline constexpr const char* kCrawlRunId = "CRAWL_RUN_ID";

struct DraftContext {
  std::string crawler;
  std::string run_id;
  std::vector<std::string> exclusions;
  bool elements = false;  ///< JSON's arrays are many records
};

/// Glue's name for a table: what is no letter, digit or '_' becomes '_', in lower case; at most 128
/// characters.
std::string table_name(std::string_view prefix, std::string_view name);
/// The same name with a suffix that says where the table is, for when another has the name.
std::string name_with_hash(std::string_view name, std::string_view location);

/// `location` with a '/' behind, unless it is an object.
Table make_table(const TableDraft& draft, std::string name, std::string location,
                 const DraftContext& context);
Partition make_partition(const Table& table, const PartitionDraft& draft, std::string location,
                         const DraftContext& context);

/// Columns that are partition keys too would be there twice: JSON's and Parquet's are left out,
/// CSV's, which go by position, get another name. Names of those that it did this to.
std::vector<std::string> resolve_conflicts(TableDraft& draft);

/// The columns of `old`, in their order and with their types, and the new ones of `found` behind
/// them; members of structs likewise.
std::vector<Column> with_new_columns(const std::vector<Column>& old,
                                     const std::vector<Column>& found);

}  // namespace ticklake::catalog
