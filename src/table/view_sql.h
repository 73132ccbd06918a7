#pragma once

#include <cstddef>
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

/// How many files one view names. What a commit costs grows with this number, not with the table.
inline constexpr size_t kFilesOfViewMax = 128;

/// A view as it is made. Two that are equal need not be made again.
struct View {
  std::string name;     ///< with its schema, quoted as SQL wants it
  std::string select;   ///< what it stands for
  std::string columns;  ///< the user's columns with their types: DuckDB binds a view to them

  bool operator==(const View&) const = default;
};

/// The views of the table `name`, each after those that it reads; none if there is no part.
/// main.<name> has the user's columns, placed.<name> _topic, _partition, _offset, _event_time,
/// _append_time and dt as well, wide.<name> also _visible_time and _durable_time, which are a join
/// with the files of times. Below them are views in the schema `parts`: at most kFilesOfViewMax
/// files each, so that a commit makes the last of them and the tail again and no other.
std::vector<View> views_of(std::string_view name, const ViewParts& parts);

/// The SQL that turns the views `from`, which are there, into `to`.
std::string change_views_sql(const std::vector<View>& from, const std::vector<View>& to);

/// A list of SQL expressions that read columns of `from` as those of `to`, in the order of `to`:
/// cast where the type differs, NULL where `from` has no such column. With `as_text`, times become
/// RFC 3339 text, days "YYYY-MM-DD" and long decimals text, as JSON lines hold them.
std::string select_list(const lake::Schema& from, const lake::Schema& to, std::string_view prefix,
                        bool as_text = false);

/// The SQL expression that reads one data file or several of the same schema, with their dt.
std::string read_files_sql(const FileGroup& group);

}  // namespace ticklake::table
