#include "sink/committer.h"

#include <algorithm>

#include <fmt/format.h>

#include "table/hot_segment.h"
#include "table/schema_inference.h"

namespace ticklake::sink {
namespace {

using lake::BoundaryRecord;
using lake::ChainId;
using table::CommittedRange;

/// Enough of a topic's id to tell its generations apart in file names.
constexpr size_t kQualifierBytes = 8;

}  // namespace

base::Result<std::unique_ptr<Committer>> Committer::create(table::Database& database,
                                                           CommitterSeams seams, FlushPolicy policy,
                                                           lake::Encoding encoding) {
  TICKLAKE_ASSIGN(table::Connection connection, database.connect());
  TICKLAKE_TRY(table::create_schemas(connection));
  return std::unique_ptr<Committer>(
      new Committer(std::move(connection), std::move(seams), policy, encoding));
}

base::Result<void> Committer::check_may_write(const ChainId& chain) const {
  if (seams_.may_write()) return {};
  return base::fail({base::ErrorCode::kFenced,
                     "will not write for " + chain.text() + " just now",
                     "this process was stopped for longer than its group's session",
                     {},
                     true});
}

base::Result<CommittedRange> Committer::commit(const table::LiveTable& table,
                                               const table::SegmentInfo& segment,
                                               const ChainId& chain, int64_t end,
                                               int64_t log_start) {
  CommittedRange range{chain, table.committed_end(chain), {}, {}, {}};
  while (range.end < end) {
    TICKLAKE_TRY(
        commit_boundary(table, segment, boundary_end(policy_, range.end, end), log_start, range));
  }
  return range;
}

base::Result<void> Committer::commit_boundary(const table::LiveTable& table,
                                              const table::SegmentInfo& segment, int64_t end,
                                              int64_t log_start, CommittedRange& range) {
  table::RowRange rows{segment.hot_table, range.chain, range.end, end};
  TICKLAKE_ASSIGN(end, end_within_days(connection_, rows));
  rows.end = end;
  const std::string qualifier = table.has_other_generation(range.chain)
                                    ? range.chain.generation.substr(0, kQualifierBytes)
                                    : "";
  BoundaryRecord ours;
  ours.start = range.end;
  ours.end = end;
  ours.log_start = ours.start == 0 ? log_start : 0;
  ours.encoding = encoding_;
  ours.schema = segment.schema;
  if (const auto found = segment.rejected.find(range.chain.partition);
      found != segment.rejected.end()) {
    ours.rejected = found->second.between(ours.start, ours.end);
  }
  if (seams_.decoding) ours.decoding = seams_.decoding();
  ours.created = seams_.clock.wall_now();
  TICKLAKE_ASSIGN(ours.files, plan_files(connection_, rows, encoding_, qualifier));
  TICKLAKE_TRY(check_may_write(range.chain));
  auto put = seams_.store.put_if_absent(record_key(range.chain, ours.start), to_json(ours));
  if (!put && put.error().code != base::ErrorCode::kAlreadyExists) {
    return tl::unexpected(std::move(put).error().within("flush " + range.chain.text()));
  }
  if (!put) {
    TICKLAKE_ASSIGN(BoundaryRecord theirs, read_boundary(seams_.store, range.chain, ours.start));
    if (judge_race(ours, theirs) == Race::kAdopt) {
      seams_.log.warn("{}: another sink agreed on offsets {} to {} first; adopting that",
                      range.chain.text(), theirs.start, theirs.end);
      return adopt(theirs, range);
    }
  }
  for (const lake::DataFile& file : ours.files) {
    TICKLAKE_TRY(check_may_write(range.chain));
    TICKLAKE_ASSIGN(range.bytes[file.key], write_file(connection_, seams_.store, rows, ours, file));
  }
  // The times are for those who measure; rows are durable without them.
  const int64_t durable_us = base::to_unix_us(seams_.clock.wall_now());
  if (auto timed = write_times(connection_, seams_.store, rows, durable_us); timed) {
    range.times.push_back(seams_.store.read_location(times_key(range.chain, ours.start)));
  } else {
    seams_.log.warn("no visible times for {}: {}", range.chain.text(), to_line(timed.error()));
  }
  range.end = ours.end;
  range.records.push_back(std::move(ours));
  return {};
}

base::Result<void> Committer::adopt(const BoundaryRecord& record, CommittedRange& range) {
  TICKLAKE_ASSIGN(const std::vector<lake::DataFile> missing, missing_files(seams_.store, record));
  if (!missing.empty()) TICKLAKE_TRY(rewrite(range.chain, record, missing, range));
  range.end = record.end;
  range.records.push_back(record);
  return {};
}

base::Result<CommittedRange> Committer::catch_up(const table::LiveTable& table,
                                                 const ChainId& chain) {
  CommittedRange range{chain, table.committed_end(chain), {}, {}, {}};
  for (;;) {
    auto record = read_boundary(seams_.store, chain, range.end);
    if (!record && record.error().code == base::ErrorCode::kNotFound) return range;
    if (!record) return tl::unexpected(std::move(record).error());
    TICKLAKE_TRY(adopt(*record, range));
  }
}

base::Result<void> Committer::fill_record(table::HotSegment& segment, table::JsonReader& reader,
                                          std::span<const table::SourceRecord> rows,
                                          const ChainId& chain) {
  // What could be no row then can be none now: it is a dead letter already.
  if (!rows.front().is_row()) return {};
  const lake::Schema& schema = segment.info().schema;
  const bool may_lack_columns = schema.columns.size() == lake::kColumnsMax;
  lake::Schema needed = schema;
  for (size_t i = 0; rows.size() > 1 && i < rows.size(); ++i) {
    if (table::widen_schema(reader, rows[i].value, needed)) return {};
  }
  if (may_lack_columns && !(needed == schema)) return {};
  for (const table::SourceRecord& source : rows) {
    TICKLAKE_ASSIGN(const table::RowOutcome outcome, segment.add(connection_, source, 0));
    if (outcome != table::RowOutcome::kNoFit || may_lack_columns) continue;
    return base::fail(base::ErrorCode::kCorrupt,
                      fmt::format("offset {} of {} does not fit the schema that its boundary "
                                  "record gives",
                                  source.offset, chain.text()));
  }
  return {};
}

base::Result<void> Committer::fill(const ChainId& chain, const BoundaryRecord& record,
                                   const std::string& hot_table) {
  table::JsonReader reader;
  table::SegmentInfo info;
  info.hot_table = hot_table;
  info.topic = chain.topic;
  info.schema = record.schema;
  TICKLAKE_TRY(connection_.query(table::HotSegment::create_sql(info)));
  table::HotSegment segment(reader, std::move(info));
  const TakeRecords add = [&](std::span<const table::SourceRecord> records) -> base::Result<void> {
    for (size_t count = 0; !records.empty(); records = records.subspan(count)) {
      count = table::rows_of_first_record(records);
      TICKLAKE_TRY(fill_record(segment, reader, records.first(count), chain));
    }
    return {};
  };
  const TakeRecords take = [&](std::span<const table::SourceRecord> records) {
    return seams_.decode ? seams_.decode(record.decoding, records, add) : add(records);
  };
  const int64_t start = record.start == 0 ? record.log_start : record.start;
  if (start < record.end) TICKLAKE_TRY(seams_.read_range(chain, start, record.end, take));
  return segment.flush(connection_);
}

base::Result<void> Committer::rewrite(const ChainId& chain, const BoundaryRecord& record,
                                      std::span<const lake::DataFile> files,
                                      CommittedRange& range) {
  seams_.log.info("{}: writing the files of offsets {} to {} from the broker", chain.text(),
                  record.start, record.end);
  const std::string hot_table =
      "\"hot\"." + table::sql_identifier(fmt::format("rewrite {}", rewrites_++));
  auto outcome = [&]() -> base::Result<void> {
    TICKLAKE_TRY(fill(chain, record, hot_table));
    const table::RowRange rows{hot_table, chain, record.start, record.end};
    for (const lake::DataFile& file : files) {
      TICKLAKE_TRY(check_may_write(chain));
      TICKLAKE_ASSIGN(range.bytes[file.key],
                      write_file(connection_, seams_.store, rows, record, file));
    }
    return {};
  }();
  static_cast<void>(connection_.query("DROP TABLE IF EXISTS " + hot_table));
  return outcome;
}

}  // namespace ticklake::sink
