#include "table/data_files.h"

#include <algorithm>

#include <fmt/format.h>

#include "table/schema_inference.h"
#include "table/view_sql.h"

namespace ticklake::table {
namespace {

constexpr std::string_view kDaySql = "strftime(_append_time, '%Y-%m-%d')";

/// Each day of a boundary is a file. Records whose times are days apart come in boundaries of few
/// offsets, so that the number of files that one record promises is bounded.
constexpr int kDaysMax = 100;

/// Of rows that were elements of an array: which one.
constexpr std::string_view kArrayIndexKey = "_array_index";

std::string day_predicate(std::string_view dt) {
  if (dt == lake::kNoDay) return "_append_time IS NULL";
  return fmt::format("{} = {}", kDaySql, sql_literal(dt));
}

std::string where_sql(const RowRange& range) {
  return fmt::format("_partition = {} AND _offset >= {} AND _offset < {}", range.chain.partition,
                     range.start, range.end);
}

/// The user's columns that a file of `schema` has: those whose type is known.
lake::Schema file_schema(const lake::Schema& schema) {
  lake::Schema known = schema;
  std::erase_if(known.columns,
                [](const lake::Column& column) { return column.type == lake::ColumnType::kOpen; });
  return known;
}

std::string order_sql(const lake::Schema& schema) {
  std::string order = "_event_time, _offset";
  if (const auto symbol = symbol_column(schema)) {
    order = sql_identifier(schema.columns[*symbol].name) + ", " + order;
  }
  // The rows of one array have the same offset.
  const auto index = std::ranges::find(schema.columns, kArrayIndexKey, &lake::Column::key);
  if (index != schema.columns.end() && index->type != lake::ColumnType::kOpen) {
    order += ", " + sql_identifier(index->name);
  }
  return order;
}

/// COPY's options. The row group size is DuckDB's own.
std::string options_sql(const RowRange& range, const lake::BoundaryRecord& record) {
  if (record.encoding == lake::Encoding::kJsonLines) return "FORMAT json, ARRAY false";
  return fmt::format(
      "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
      "KV_METADATA {{topic: {}, partition: '{}', start: '{}', \"end\": '{}'}}",
      sql_literal(range.chain.topic), range.chain.partition, record.start, record.end);
}

std::string file_select_sql(const RowRange& range, const lake::BoundaryRecord& record,
                            const lake::DataFile& file) {
  const lake::Schema schema = file_schema(record.schema);
  const bool is_text = record.encoding == lake::Encoding::kJsonLines;
  std::string columns = select_list(schema, schema, "", is_text);
  if (!columns.empty()) columns += ", ";
  const auto time = [&](std::string_view name) {
    return is_text ? fmt::format("strftime({0}, '%Y-%m-%dT%H:%M:%S.%fZ') AS {0}", name)
                   : std::string(name);
  };
  // One file: all rows of the range are of its day, and the day need not be computed again.
  const std::string day = record.files.size() == 1 ? "" : " AND " + day_predicate(file.dt);
  // What is the same in all rows is added after the sort, which would carry it along.
  return fmt::format(
      "SELECT {}{} AS _topic, {}::INTEGER AS _partition, _offset, {}, {} FROM (SELECT * FROM {} "
      "WHERE {}{} ORDER BY {})",
      columns, sql_literal(range.chain.topic), range.chain.partition, time("_event_time"),
      time("_append_time"), range.hot_table, where_sql(range), day, order_sql(record.schema));
}

}  // namespace

base::Result<int64_t> end_within_days(Connection& connection, const RowRange& range) {
  TICKLAKE_ASSIGN(
      QueryResult result,
      connection.query(fmt::format("SELECT first_offset FROM (SELECT min(_offset) AS first_offset "
                                   "FROM {} WHERE {} GROUP BY date_trunc('day', _append_time)) "
                                   "ORDER BY 1 OFFSET {} LIMIT 1",
                                   range.hot_table, where_sql(range), kDaysMax)));
  TICKLAKE_ASSIGN(const QueryResult::Chunk chunk, result.next_chunk());
  if (!chunk || chunk.rows() == 0) return range.end;
  return *static_cast<const int64_t*>(duckdb_vector_get_data(chunk.vector(0)));
}

base::Result<std::vector<lake::DataFile>> plan_files(Connection& connection, const RowRange& range,
                                                     lake::Encoding encoding,
                                                     std::string_view qualifier) {
  TICKLAKE_ASSIGN(
      QueryResult result,
      connection.query(fmt::format(
          // By position: any name could be that of a user's column.
          "SELECT strftime(#1, '%Y-%m-%d'), #2 FROM (SELECT date_trunc('day', _append_time), "
          "count(*) FROM {} WHERE {} GROUP BY 1) ORDER BY 1",
          range.hot_table, where_sql(range))));
  std::vector<lake::DataFile> files;
  for (;;) {
    TICKLAKE_ASSIGN(const QueryResult::Chunk chunk, result.next_chunk());
    if (!chunk) return files;
    auto* const days = static_cast<duckdb_string_t*>(duckdb_vector_get_data(chunk.vector(0)));
    uint64_t* const validity = duckdb_vector_get_validity(chunk.vector(0));
    const auto* const counts = static_cast<const int64_t*>(duckdb_vector_get_data(chunk.vector(1)));
    for (size_t i = 0; i < chunk.rows(); ++i) {
      lake::DataFile file;
      if (validity != nullptr && !duckdb_validity_row_is_valid(validity, i)) {
        file.dt = lake::kNoDay;
      } else {
        file.dt.assign(duckdb_string_t_data(&days[i]), duckdb_string_t_length(days[i]));
      }
      file.rows = counts[i];
      file.key = lake::data_key(range.chain, file.dt, range.start, range.end, encoding, qualifier);
      files.push_back(std::move(file));
    }
  }
}

base::Result<uint64_t> write_file(Connection& connection, lake::ObjectStore& store,
                                  const RowRange& range, const lake::BoundaryRecord& record,
                                  const lake::DataFile& file) {
  TICKLAKE_ASSIGN(const base::Path staged, store.stage(encoding_name(record.encoding)));
  auto copied =
      connection.query(fmt::format("COPY ({}) TO {} ({})", file_select_sql(range, record, file),
                                   sql_literal(staged.string()), options_sql(range, record)));
  if (!copied) return tl::unexpected(std::move(copied).error().within("write " + file.key));
  const auto rows = static_cast<int64_t>(copied->rows_changed());
  if (rows != file.rows) {
    return base::fail(base::ErrorCode::kCorrupt,
                      fmt::format("the file {} has {} rows", file.key, rows),
                      fmt::format("its boundary record promises {}", file.rows));
  }
  std::error_code error;  // a size that cannot be told is not worth a failed commit
  const uintmax_t bytes = std::filesystem::file_size(staged, error);
  TICKLAKE_TRY(store.put_file(file.key, staged));
  return error ? 0 : bytes;
}

base::Result<void> write_times(Connection& connection, lake::ObjectStore& store,
                               const RowRange& range, int64_t durable_time_us) {
  TICKLAKE_ASSIGN(const base::Path staged, store.stage("times.parquet"));
  // Rows of one micro-batch share their visible time, whatever lies between their offsets.
  TICKLAKE_TRY(connection.query(fmt::format(
      "COPY (SELECT {} AS topic, {}::INTEGER AS partition, min(_offset) AS first_offset, "
      "max(_offset) AS last_offset, _visible_time AS visible_time, make_timestamp({}::BIGINT) AS "
      "durable_time FROM {} WHERE {} GROUP BY _visible_time ORDER BY 3) TO {} "
      "(FORMAT parquet, COMPRESSION zstd)",
      sql_literal(range.chain.topic), range.chain.partition, durable_time_us, range.hot_table,
      where_sql(range), sql_literal(staged.string()))));
  return store.put_file(lake::times_key(range.chain, range.start), staged);
}

}  // namespace ticklake::table
