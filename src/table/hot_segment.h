#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/boundary.h"
#include "table/database.h"
#include "table/json_object.h"
#include "table/row_builder.h"

namespace ticklake::table {

/// Records of one partition that stand between the rows of a segment and can be no rows.
struct RejectedRecords {
  std::vector<int64_t> offsets;  ///< ascending
  std::string newest_reason;

  /// Those of [start, end).
  lake::Rejected between(int64_t start, int64_t end) const;
};

/// One hot table of one topic, and how far it reaches. All its rows are of one schema.
struct SegmentInfo {
  uint64_t id = 0;
  std::string hot_table;  ///< quoted as SQL wants it
  std::string topic;
  lake::Schema schema;
  uint64_t rows = 0;
  uint64_t bytes = 0;               ///< of the records' values
  base::MonotonicTime opened{};     ///< when its first record came
  std::map<int32_t, int64_t> ends;  ///< by partition: the offset after its last record
  std::map<int32_t, RejectedRecords> rejected = {};

  /// Whether there is anything to show in SQL: columns, or rows of `{}`.
  bool has_something_to_show() const;
  uint64_t rejected_count() const;
  /// Those of a partition below `end`.
  void drop_rejected(int32_t partition, int64_t end);
};

/// The segment that rows are appended to. One thread.
class HotSegment {
 public:
  HotSegment(JsonReader& reader, SegmentInfo info);
  HotSegment(const HotSegment&) = delete;
  HotSegment& operator=(const HotSegment&) = delete;
  ~HotSegment();

  /// The CREATE TABLE for `info`.
  static std::string create_sql(const SegmentInfo& info);

  /// As RowBuilder::add(), but never kFull. Rows can be seen after flush().
  base::Result<RowOutcome> add(Connection& connection, const SourceRecord& record,
                               int64_t visible_time_us);
  const std::string& rejection() const { return builder_->rejection(); }
  base::Result<void> flush(Connection& connection);
  /// Flushes; the SQL that adds the columns of `schema`, which only_adds_columns(). After it has
  /// run, adopt_schema().
  base::Result<std::string> add_columns_sql(Connection& connection, const lake::Schema& schema);
  void adopt_schema(const lake::Schema& schema);

  const SegmentInfo& info() const { return info_; }
  SegmentInfo& info() { return info_; }

 private:
  base::Result<void> append_chunk(Connection& connection);
  void close_appender();

  JsonReader& reader_;
  SegmentInfo info_;
  std::unique_ptr<RowBuilder> builder_;
  duckdb_appender appender_ = nullptr;
};

}  // namespace ticklake::table
