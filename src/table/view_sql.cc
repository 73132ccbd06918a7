#include "table/view_sql.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "table/database.h"
#include "table/schema_inference.h"

namespace ticklake::table {
namespace {

using lake::Column;
using lake::ColumnType;
using lake::Schema;

constexpr std::string_view kRfc3339 = "'%Y-%m-%dT%H:%M:%S.%fZ'";
/// JSON's readers take numbers for doubles, which hold any of so many digits.
constexpr int kJsonDigitsMax = 15;

std::string sql_list(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += sql_literal(text);
  }
  return list + "]";
}

std::string type_in_sql(ColumnType type) {
  return type == ColumnType::kOpen ? "VARCHAR" : lake::type_name(type);
}

std::string cast_sql(const std::string& expression, ColumnType from, ColumnType to, bool as_text) {
  const bool is_text = to == ColumnType::kVarchar || as_text;
  if (from == ColumnType::kTimestamp && is_text) {
    return fmt::format("strftime({}, {})", expression, kRfc3339);
  }
  if (from == ColumnType::kTimestampNs && is_text) {
    // DuckDB's strftime() has no room for nine digits.
    return fmt::format("replace(CAST({} AS VARCHAR), ' ', 'T') || 'Z'", expression);
  }
  if (from == ColumnType::kDecimal && from.width > kJsonDigitsMax && as_text) {
    return fmt::format("CAST({} AS VARCHAR)", expression);
  }
  if (from.same_storage(to)) return expression;
  // A double's text has all its digits, its value times a power of ten may not.
  if (from == ColumnType::kDouble && to == ColumnType::kDecimal) {
    return fmt::format("CAST(CAST({} AS VARCHAR) AS {})", expression, type_in_sql(to));
  }
  return fmt::format("CAST({} AS {})", expression, type_in_sql(to));
}

std::string json_columns(const FileGroup& group) {
  std::string columns = "{";
  for (const Column& column : group.schema.columns) {
    if (column.type == ColumnType::kOpen) continue;
    columns += fmt::format("{}: {}, ", sql_literal(column.name),
                           sql_literal(lake::type_name(column.type)));
  }
  return columns +
         "'_topic': 'VARCHAR', '_partition': 'INTEGER', '_offset': 'BIGINT', "
         "'_event_time': 'TIMESTAMP', '_append_time': 'TIMESTAMP'}";
}

/// `list, ` or nothing, so that it can stand in front of further columns.
std::string with_comma(std::string list) {
  if (!list.empty()) list += ", ";
  return list;
}

constexpr std::string_view kPlace = "_topic, _partition, _offset, _event_time, _append_time";

/// The user's columns by name, with a comma behind, or nothing.
std::string names_of(const Schema& schema) {
  std::string names;
  for (const Column& column : schema.columns)
    names += sql_identifier(column.name) + ", ";
  return names;
}

std::string joined_by_union(const std::vector<std::string>& selects) {
  return fmt::format("{}", fmt::join(selects, " UNION ALL "));
}

std::string tail_select(const TailPart& tail, const Schema& merged) {
  return fmt::format(
      "SELECT {}{} AS _topic, _partition, _offset, _event_time, _append_time, _visible_time, "
      "strftime(_append_time, '%Y-%m-%d') AS dt FROM {}",
      with_comma(select_list(tail.schema, merged, "")), sql_literal(tail.topic), tail.hot_table);
}

/// Rows of a table without any; `more` comes between the place and dt.
std::string no_rows_select(const Schema& merged, std::string_view more) {
  return fmt::format(
      "SELECT {}NULL::VARCHAR AS _topic, NULL::INTEGER AS _partition, NULL::BIGINT AS _offset, "
      "NULL::TIMESTAMP AS _event_time, NULL::TIMESTAMP AS _append_time, {}NULL::VARCHAR AS dt "
      "WHERE false",
      with_comma(select_list({}, merged, "")), more);
}

std::string wide_files(const std::string& names, const std::string& files,
                       const std::string& times) {
  if (times.empty()) {
    return fmt::format(
        "SELECT {}{}, NULL::TIMESTAMP AS _visible_time, NULL::TIMESTAMP AS _durable_time, dt "
        "FROM {}",
        names, kPlace, files);
  }
  return fmt::format(
      "SELECT {}{}, CASE WHEN f._offset <= t.last_offset THEN t.visible_time END AS _visible_time, "
      "CASE WHEN f._offset <= t.last_offset THEN t.durable_time END AS _durable_time, dt FROM {} f "
      "ASOF LEFT JOIN {} t ON f._topic = t.topic AND f._partition = t.partition AND "
      "f._offset >= t.first_offset",
      // Names of the times' columns may be the user's as well.
      names, kPlace, files, times);
}

/// The views of one table, in the order in which they can be made.
class ViewList {
 public:
  ViewList(std::string_view name, const ViewParts& parts)
      : name_(name), parts_(parts), merged_(merged_schema(parts)), names_(names_of(merged_)) {
    for (const Column& column : merged_.columns)
      columns_ += fmt::format("{} {}, ", sql_identifier(column.name), type_in_sql(column.type));
  }

  std::vector<View> make() {
    const std::string files = add_files();
    const std::string tail = add_tail();
    const std::string times = add_times();
    const std::string identifier = sql_identifier(name_);
    const std::string placed = "placed." + identifier;
    add(placed, fmt::format("SELECT {0}{1}, dt FROM {2} UNION ALL SELECT {0}{1}, dt FROM {3}",
                            names_, kPlace, files, tail));
    // A table whose records have no members still has rows to count.
    const std::string shown = names_.empty() ? "_offset" : names_.substr(0, names_.size() - 2);
    add("main." + identifier, fmt::format("SELECT {} FROM {}", shown, placed));
    add("wide." + identifier,
        fmt::format("{} UNION ALL SELECT {}{}, _visible_time, NULL::TIMESTAMP AS _durable_time, "
                    "dt FROM {}",
                    wide_files(prefixed_names(times), files, times), names_, kPlace, tail));
    return std::move(views_);
  }

 private:
  void add(std::string name, std::string select) {
    views_.push_back({std::move(name), std::move(select), columns_});
  }
  std::string part_name(std::string_view part) const {
    return "parts." + sql_identifier(fmt::format("{}/{}", name_, part));
  }

  std::string prefixed_names(const std::string& times) const {
    if (times.empty()) return names_;
    std::string names;
    for (const Column& column : merged_.columns)
      names += "f." + sql_identifier(column.name) + ", ";
    return names;
  }

  std::string add_files() {
    std::vector<std::string> selects;
    for (const FileGroup& group : parts_.groups) {
      const std::string columns = with_comma(select_list(group.schema, merged_, ""));
      for (size_t begin = 0; begin < group.locations.size(); begin += kFilesOfViewMax) {
        const size_t end = std::min(begin + kFilesOfViewMax, group.locations.size());
        const FileGroup some{group.schema,
                             group.encoding,
                             {group.locations.begin() + static_cast<std::ptrdiff_t>(begin),
                              group.locations.begin() + static_cast<std::ptrdiff_t>(end)}};
        const std::string view = part_name(fmt::format("files/{}", selects.size()));
        add(view, fmt::format("SELECT {}{}, dt FROM {}", columns, kPlace, read_files_sql(some)));
        selects.push_back("SELECT * FROM " + view);
      }
    }
    if (selects.empty()) selects.push_back(no_rows_select(merged_, ""));
    add(part_name("files"), joined_by_union(selects));
    return part_name("files");
  }

  std::string add_tail() {
    std::vector<std::string> selects;
    for (const TailPart& tail : parts_.tails)
      selects.push_back(tail_select(tail, merged_));
    if (selects.empty()) {
      selects.push_back(no_rows_select(merged_, "NULL::TIMESTAMP AS _visible_time, "));
    }
    add(part_name("tail"), joined_by_union(selects));
    return part_name("tail");
  }

  /// The view of all times, or nothing if there are none.
  std::string add_times() {
    if (parts_.times.empty()) return "";
    std::vector<std::string> selects;
    for (size_t begin = 0; begin < parts_.times.size(); begin += kFilesOfViewMax) {
      const size_t end = std::min(begin + kFilesOfViewMax, parts_.times.size());
      const std::vector<std::string> some(parts_.times.begin() + static_cast<std::ptrdiff_t>(begin),
                                          parts_.times.begin() + static_cast<std::ptrdiff_t>(end));
      const std::string view = part_name(fmt::format("times/{}", selects.size()));
      views_.push_back(
          {view,
           fmt::format("SELECT * FROM read_parquet({}, hive_partitioning = false)", sql_list(some)),
           ""});
      selects.push_back("SELECT * FROM " + view);
    }
    views_.push_back({part_name("times"), joined_by_union(selects), ""});
    return part_name("times");
  }

  const std::string_view name_;
  const ViewParts& parts_;
  const Schema merged_;
  const std::string names_;
  std::string columns_;
  std::vector<View> views_;
};

}  // namespace

Schema merged_schema(const ViewParts& parts) {
  Schema merged;
  for (const FileGroup& group : parts.groups)
    lake::merge_schema(merged, group.schema);
  for (const TailPart& tail : parts.tails)
    lake::merge_schema(merged, tail.schema);
  return merged;
}

std::string select_list(const Schema& from, const Schema& to, std::string_view prefix,
                        bool as_text) {
  std::string list;
  for (const Column& column : to.columns) {
    const auto found = std::ranges::find(from.columns, column.key, &Column::key);
    if (!list.empty()) list += ", ";
    const std::string name = sql_identifier(column.name);
    if (found == from.columns.end() || found->type == ColumnType::kOpen) {
      list += fmt::format("NULL::{} AS {}", type_in_sql(column.type), name);
    } else {
      const std::string source = fmt::format("{}{}", prefix, sql_identifier(found->name));
      list += fmt::format("{} AS {}", cast_sql(source, found->type, column.type, as_text), name);
    }
  }
  return list;
}

std::string read_files_sql(const FileGroup& group) {
  constexpr std::string_view kHive = "hive_partitioning = true, hive_types = {'dt': VARCHAR}";
  if (group.encoding == lake::Encoding::kParquet) {
    return fmt::format("read_parquet({}, {})", sql_list(group.locations), kHive);
  }
  return fmt::format("read_json({}, format = 'newline_delimited', columns = {}, {})",
                     sql_list(group.locations), json_columns(group), kHive);
}

std::vector<View> views_of(std::string_view name, const ViewParts& parts) {
  if (parts.groups.empty() && parts.tails.empty()) return {};
  return ViewList(name, parts).make();
}

std::string change_views_sql(const std::vector<View>& from, const std::vector<View>& to) {
  std::map<std::string_view, const View*> old;
  for (const View& view : from)
    old.emplace(view.name, &view);
  std::string sql;
  for (const View& view : to) {
    const auto found = old.find(view.name);
    const bool is_same = found != old.end() && *found->second == view;
    if (found != old.end()) old.erase(found);
    if (is_same) continue;
    sql += fmt::format("CREATE OR REPLACE VIEW {} AS {};", view.name, view.select);
  }
  for (const auto& [view_name, view] : old)
    sql += fmt::format("DROP VIEW {};", view_name);
  return sql;
}

}  // namespace ticklake::table
