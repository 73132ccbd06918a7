#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <duckdb.h>

#include "lake/schema.h"

namespace ticklake::table {

class JsonReader;

/// For a Kafka timestamp that is no time of the years 1 to 9999, which is all that SQL engines and
/// languages can be relied on to hold; NULL in SQL.
inline constexpr int64_t kNoTime = INT64_MIN;

/// Microseconds of a Kafka timestamp, whatever a producer took for milliseconds; or kNoTime.
constexpr int64_t append_time_us_of(int64_t timestamp_ms) {
  constexpr int64_t kYear1 = -62'135'596'800'000;
  constexpr int64_t kYear10000 = 253'402'300'800'000;
  return timestamp_ms < kYear1 || timestamp_ms >= kYear10000 ? kNoTime : timestamp_ms * 1'000;
}

/// A Kafka record on its way into a table. Several in a row of the same partition and offset are
/// the rows of one record: all of them are added, or none.
struct SourceRecord {
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t append_time_us = 0;  ///< the record's Kafka timestamp, or kNoTime
  std::string_view value;
  /// Why it can be no row, if that is known already; its value is not looked at then.
  std::string_view refusal = {};
  /// It is neither a row nor a dead letter: a tombstone.
  bool is_passed_over = false;

  /// Whether it has a value that is to become a row.
  bool is_row() const { return refusal.empty() && !is_passed_over; }
  bool is_of_the_same_record(const SourceRecord& other) const {
    return partition == other.partition && offset == other.offset;
  }
};

/// How many of `records`, of which there is one, are the rows of the first one's record.
size_t rows_of_first_record(std::span<const SourceRecord> records);

/// What came of one record.
enum class RowOutcome : uint8_t {
  kAdded,
  kFull,      ///< the chunk has no room; take it and try again
  kNoFit,     ///< the schema must be widened first
  kRejected,  ///< it can be no row of any schema; rejection() says why
};

/// Columns of ours that stand before the user's in a hot table, as a list of SQL definitions.
inline constexpr std::string_view kSystemColumns =
    "_partition INTEGER, _offset BIGINT, _event_time TIMESTAMP, _append_time TIMESTAMP, "
    "_visible_time TIMESTAMP";
inline constexpr size_t kSystemColumnCount = 5;

/// Writes JSON objects straight into DuckDB's column vectors. A cell is a pure function of the
/// JSON value and the column's type. Quickest when the keys of each object come in the order of
/// the object before it. One thread.
class RowBuilder {
 public:
  /// `schema` and `reader` must outlive the builder. Chunks have the system columns, then those
  /// columns of the schema whose type is known (not kOpen), in its order.
  RowBuilder(JsonReader& reader, const lake::Schema& schema);
  RowBuilder(const RowBuilder&) = delete;
  RowBuilder& operator=(const RowBuilder&) = delete;
  ~RowBuilder();

  RowOutcome add(const SourceRecord& record, int64_t visible_time_us);
  const std::string& rejection() const;
  size_t rows() const;
  /// The rows so far, to append to a table; reset() before the next add().
  duckdb_data_chunk finish_chunk();
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ticklake::table
