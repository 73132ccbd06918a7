#include "table/hot_segment.h"

#include <algorithm>

#include <fmt/format.h>

namespace ticklake::table {
namespace {

using lake::Column;
using lake::ColumnType;

constexpr std::string_view kHotSchema = "hot";

tl::unexpected<base::Error> appender_error(duckdb_appender appender) {
  const char* text = appender ? duckdb_appender_error(appender) : nullptr;
  return base::fail(base::ErrorCode::kNoSpace, "cannot add rows to the live table",
                    text ? text : "DuckDB gave no reason",
                    "lower --flush-rows or --flush-bytes, or give DuckDB more memory");
}

/// The name inside the schema `hot`, without quotes.
std::string bare_name(const SegmentInfo& info) {
  // "hot"."name": what DuckDB's appender wants are the two parts by themselves.
  const size_t dot = info.hot_table.find('.');
  return info.hot_table.substr(dot + 2, info.hot_table.size() - dot - 3);
}

}  // namespace

lake::Rejected RejectedRecords::between(int64_t start, int64_t end) const {
  const auto first = std::ranges::lower_bound(offsets, start);
  const auto last = std::ranges::lower_bound(offsets, end);
  lake::Rejected rejected;
  rejected.count = last - first;
  if (rejected.count == 0) return rejected;
  rejected.newest_offset = *(last - 1);
  if (last == offsets.end()) rejected.newest_reason = newest_reason;
  return rejected;
}

bool SegmentInfo::has_something_to_show() const {
  return rows > 0 || std::ranges::any_of(schema.columns, [](const Column& column) {
           return column.type != ColumnType::kOpen;
         });
}

uint64_t SegmentInfo::rejected_count() const {
  uint64_t count = 0;
  for (const auto& [partition, records] : rejected)
    count += records.offsets.size();
  return count;
}

void SegmentInfo::drop_rejected(int32_t partition, int64_t end) {
  const auto found = rejected.find(partition);
  if (found == rejected.end()) return;
  std::vector<int64_t>& offsets = found->second.offsets;
  offsets.erase(offsets.begin(), std::ranges::lower_bound(offsets, end));
  if (offsets.empty()) rejected.erase(found);
}

HotSegment::HotSegment(JsonReader& reader, SegmentInfo info)
    : reader_(reader),
      info_(std::move(info)),
      builder_(std::make_unique<RowBuilder>(reader_, info_.schema)) {}

HotSegment::~HotSegment() { close_appender(); }

void HotSegment::close_appender() {
  if (appender_ != nullptr) duckdb_appender_destroy(&appender_);
}

std::string HotSegment::create_sql(const SegmentInfo& info) {
  std::string columns(kSystemColumns);
  for (const Column& column : info.schema.columns) {
    if (column.type == ColumnType::kOpen) continue;
    columns += fmt::format(", {} {}", sql_identifier(column.name), lake::type_name(column.type));
  }
  return fmt::format("CREATE TABLE {} ({});", info.hot_table, columns);
}

base::Result<RowOutcome> HotSegment::add(Connection& connection, const SourceRecord& record,
                                         int64_t visible_time_us) {
  RowOutcome outcome = builder_->add(record, visible_time_us);
  if (outcome == RowOutcome::kFull) {
    TICKLAKE_TRY(append_chunk(connection));
    outcome = builder_->add(record, visible_time_us);
  }
  if (outcome == RowOutcome::kAdded) {
    ++info_.rows;
    info_.bytes += record.value.size();
  }
  return outcome;
}

base::Result<void> HotSegment::append_chunk(Connection& connection) {
  if (builder_->rows() == 0) return {};
  if (appender_ == nullptr &&
      duckdb_appender_create(connection.handle(), std::string(kHotSchema).c_str(),
                             bare_name(info_).c_str(), &appender_) == DuckDBError) {
    return appender_error(appender_);
  }
  if (duckdb_append_data_chunk(appender_, builder_->finish_chunk()) == DuckDBError) {
    return appender_error(appender_);
  }
  builder_->reset();
  return {};
}

base::Result<void> HotSegment::flush(Connection& connection) {
  TICKLAKE_TRY(append_chunk(connection));
  if (appender_ != nullptr && duckdb_appender_flush(appender_) == DuckDBError) {
    return appender_error(appender_);
  }
  return {};
}

base::Result<std::string> HotSegment::add_columns_sql(Connection& connection,
                                                      const lake::Schema& schema) {
  TICKLAKE_TRY(flush(connection));
  close_appender();
  std::string sql;
  for (size_t i = info_.schema.columns.size(); i < schema.columns.size(); ++i) {
    const Column& column = schema.columns[i];
    if (column.type == ColumnType::kOpen) continue;
    sql += fmt::format("ALTER TABLE {} ADD COLUMN {} {};", info_.hot_table,
                       sql_identifier(column.name), lake::type_name(column.type));
  }
  return sql;
}

void HotSegment::adopt_schema(const lake::Schema& schema) {
  info_.schema = schema;
  builder_ = std::make_unique<RowBuilder>(reader_, info_.schema);
}

}  // namespace ticklake::table
