#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "lake/chain.h"
#include "lake/object_store.h"
#include "sink/flush_policy.h"
#include "table/data_files.h"
#include "table/database.h"
#include "table/live_table.h"

namespace ticklake::sink {

/// Gives the records of [start, end) of a partition from the broker, in order. kCorrupt if the
/// broker does not hold them all any more.
using TakeRecords = std::function<base::Result<void>(std::span<const table::SourceRecord>)>;
using ReadRange = std::function<base::Result<void>(const lake::ChainId&, int64_t start, int64_t end,
                                                   const TakeRecords& take)>;

/// Gives what records as they are in the broker come to by `decoding`; all rows of one record in
/// one call of `take`.
using DecodeRecords = std::function<base::Result<void>(const lake::RecordDecoding& decoding,
                                                       std::span<const table::SourceRecord>,
                                                       const TakeRecords& take)>;

struct CommitterSeams {
  lake::ObjectStore& store;
  const base::Clock& clock;
  base::Logger& log;
  ReadRange read_range;
  /// Whether this process may still think that its partitions are its own: no, if its last poll
  /// is older than the group's session.
  std::function<bool()> may_write;
  /// How the rows that are committed were decoded. None, as with `decode`: each value is a JSON
  /// object or a dead letter.
  std::function<lake::RecordDecoding()> decoding = {};
  DecodeRecords decode = {};
};

/// Turns hot rows into files by the rule of docs/formats/lake.md: agree on a boundary first, then
/// write the files that follow from it. One thread.
class Committer {
 public:
  static base::Result<std::unique_ptr<Committer>> create(table::Database& database,
                                                         CommitterSeams seams, FlushPolicy policy,
                                                         lake::Encoding encoding);

  /// Commits offsets up to `end` of one partition, whose rows stand in `segment`. `log_start` is
  /// where the broker's log began when the chain was begun. When it returns, boundary records and
  /// files stand; LiveTable::commit() is then the caller's. Retriable errors leave nothing that a
  /// second call would not complete.
  base::Result<table::CommittedRange> commit(const table::LiveTable& table,
                                             const table::SegmentInfo& segment,
                                             const lake::ChainId& chain, int64_t end,
                                             int64_t log_start);

  /// Boundary records that stand in the store behind what `table` knows of the chain, with all
  /// their files: missing ones are written from the broker. The ordinary path of recovery.
  base::Result<table::CommittedRange> catch_up(const table::LiveTable& table,
                                               const lake::ChainId& chain);

 private:
  Committer(table::Connection connection, CommitterSeams seams, FlushPolicy policy,
            lake::Encoding encoding)
      : connection_(std::move(connection)),
        seams_(std::move(seams)),
        policy_(policy),
        encoding_(encoding) {}

  base::Result<void> commit_boundary(const table::LiveTable& table,
                                     const table::SegmentInfo& segment, int64_t end,
                                     int64_t log_start, table::CommittedRange& range);
  base::Result<void> adopt(const lake::BoundaryRecord& record, table::CommittedRange& range);
  base::Result<void> rewrite(const lake::ChainId& chain, const lake::BoundaryRecord& record,
                             std::span<const lake::DataFile> files, table::CommittedRange& range);
  base::Result<void> fill(const lake::ChainId& chain, const lake::BoundaryRecord& record,
                          const std::string& hot_table);
  base::Result<void> fill_record(table::HotSegment& segment, table::JsonReader& reader,
                                 std::span<const table::SourceRecord> rows,
                                 const lake::ChainId& chain);
  base::Result<void> check_may_write(const lake::ChainId& chain) const;

  table::Connection connection_;
  CommitterSeams seams_;
  const FlushPolicy policy_;
  const lake::Encoding encoding_;
  uint64_t rewrites_ = 0;
};

}  // namespace ticklake::sink
