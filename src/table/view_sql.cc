#include "table/view_sql.h"

#include <algorithm>

#include <fmt/format.h>

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

std::string narrow_part(const std::string& columns, const std::string& from) {
  // A table whose records have no members still has rows to count.
  return fmt::format("SELECT {} FROM {}", columns.empty() ? "_offset" : columns, from);
}

std::string wide_tail(const TailPart& tail, const std::string& columns) {
  return fmt::format(
      "SELECT {}{} AS _topic, _partition, _offset, _event_time, _append_time, _visible_time, "
      "NULL::TIMESTAMP AS _durable_time, strftime(_append_time, '%Y-%m-%d') AS dt FROM {}",
      with_comma(columns), sql_literal(tail.topic), tail.hot_table);
}

std::string wide_files(const FileGroup& group, const std::string& columns,
                       const std::vector<std::string>& times) {
  constexpr std::string_view kOwn =
      "f._topic AS _topic, f._partition AS _partition, f._offset AS _offset, "
      "f._event_time AS _event_time, f._append_time AS _append_time";
  const std::string from = read_files_sql(group, true);
  if (times.empty()) {
    return fmt::format(
        "SELECT {}{}, NULL::TIMESTAMP AS _visible_time, NULL::TIMESTAMP AS _durable_time, "
        "f.dt AS dt FROM {} f",
        with_comma(columns), kOwn, from);
  }
  return fmt::format(
      "SELECT {}{}, CASE WHEN f._offset <= t.last_offset THEN t.visible_time END AS _visible_time, "
      "CASE WHEN f._offset <= t.last_offset THEN t.durable_time END AS _durable_time, f.dt AS dt "
      "FROM {} f ASOF LEFT JOIN read_parquet({}, hive_partitioning = false) t ON "
      "f._topic = t.topic AND f._partition = t.partition AND f._offset >= t.first_offset",
      with_comma(columns), kOwn, from, sql_list(times));
}

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

std::string read_files_sql(const FileGroup& group, bool with_day) {
  const std::string_view hive = with_day ? "hive_partitioning = true, hive_types = {'dt': VARCHAR}"
                                         : "hive_partitioning = false";
  if (group.encoding == lake::Encoding::kParquet) {
    return fmt::format("read_parquet({}, {})", sql_list(group.locations), hive);
  }
  return fmt::format("read_json({}, format = 'newline_delimited', columns = {}, {})",
                     sql_list(group.locations), json_columns(group), hive);
}

std::string views_sql(std::string_view name, const ViewParts& parts) {
  const std::string identifier = sql_identifier(name);
  if (parts.groups.empty() && parts.tails.empty()) {
    return fmt::format("DROP VIEW IF EXISTS main.{0}; DROP VIEW IF EXISTS wide.{0};", identifier);
  }
  const Schema merged = merged_schema(parts);
  std::string narrow;
  std::string wide;
  const auto add = [](std::string& view, const std::string& part) {
    if (!view.empty()) view += " UNION ALL ";
    view += part;
  };
  for (const FileGroup& group : parts.groups) {
    add(narrow, narrow_part(select_list(group.schema, merged, ""), read_files_sql(group, false)));
    add(wide, wide_files(group, select_list(group.schema, merged, "f."), parts.times));
  }
  for (const TailPart& tail : parts.tails) {
    const std::string columns = select_list(tail.schema, merged, "");
    add(narrow, narrow_part(columns, tail.hot_table));
    add(wide, wide_tail(tail, columns));
  }
  return fmt::format(
      "CREATE OR REPLACE VIEW main.{0} AS {1}; CREATE OR REPLACE VIEW wide.{0} AS {2};", identifier,
      narrow, wide);
}

}  // namespace ticklake::table
