#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lake/boundary.h"
#include "lake/schema.h"

namespace ticklake::table {

/// Committed files of one schema and encoding, which DuckDB reads as one.
struct FileGroup {
  lake::Schema schema;
  lake::Encoding encoding = lake::Encoding::kParquet;
  std::vector<std::string> locations;
};

/// A hot table (see row_builder.h for its columns) with rows of one topic.
struct TailPart {
  std::string hot_table;  ///< quoted as SQL wants it
  std::string topic;
  lake::Schema schema;
};

/// All that one SQL table consists of. No row is in two of them.
struct ViewParts {
  std::vector<FileGroup> groups;
  std::vector<TailPart> tails;
  std::vector<std::string> times;  ///< locations of the files of visible and durable times
};

/// The columns of all parts by key, in order of appearance, each of a type that holds every part.
lake::Schema merged_schema(const ViewParts& parts);

/// `CREATE OR REPLACE VIEW` for both views of the table `name`: main.<name> with the user's
/// columns, wide.<name> with ours as well. Without a part there is no view: `DROP VIEW` for both.
std::string views_sql(std::string_view name, const ViewParts& parts);

/// A list of SQL expressions that read columns of `from` as those of `to`, in the order of `to`:
/// cast where the type differs, NULL where `from` has no such column. With `as_text`, times become
/// RFC 3339 text, days "YYYY-MM-DD" and long decimals text, as JSON lines hold them.
std::string select_list(const lake::Schema& from, const lake::Schema& to, std::string_view prefix,
                        bool as_text = false);

/// The SQL expression that reads one data file or several of the same schema.
std::string read_files_sql(const FileGroup& group, bool with_day);

}  // namespace ticklake::table
