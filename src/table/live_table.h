#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "table/committed_files.h"
#include "table/database.h"
#include "table/hot_segment.h"
#include "table/schema_inference.h"
#include "table/view_sql.h"

namespace ticklake::table {

/// How far one partition has got into files: what a commit of its part of a segment came to.
struct CommittedRange {
  lake::ChainId chain;
  /// The offset up to which the partition's chain goes now; may be past the segment's end.
  int64_t end = 0;
  /// Boundary records since the last commit, with all their files in the store.
  std::vector<lake::BoundaryRecord> records;
  std::map<std::string, uint64_t> bytes = {};  ///< sizes of their files, by key
  std::vector<std::string> times = {};         ///< locations of their files of times
};

/// The active segment of a topic, as far as it matters when to flush it.
struct ActiveSize {
  uint64_t records = 0;  ///< rows, and records that could be no rows
  uint64_t bytes = 0;
  base::MonotonicTime opened{};
};

struct LiveTableStats {
  LakeTotals lake;
  uint64_t rows_tail = 0;
  uint64_t bytes_tail = 0;
  TableRejected rejected;  ///< of files and tail
};

/// Called for each record that cannot be a row, with the reason: with the first of its rows, if it
/// is of several.
using RejectRecord = std::function<void(const SourceRecord& record, const std::string& reason)>;

/// One SQL table while a sink writes to it: committed files, frozen segments that are being
/// written to files, and one active segment per topic, under one name. Whatever a query sees is
/// one state between two appends or commits: no row twice, none missing.
///
/// append() and freeze() are called by one thread, commit() by another; stats() by any.
class LiveTable {
 public:
  /// Loads what the lake has of the table in `folder` and makes its views, under a name that SQL
  /// takes for no other table's. Chains that cannot be used are in broken(). `database`, `store`
  /// and `clock` must outlive the table. Keys get the columns that the lake has for them.
  static base::Result<std::unique_ptr<LiveTable>> open(Database& database, lake::ObjectStore& store,
                                                       const base::Clock& clock,
                                                       const std::string& folder,
                                                       Misfits misfits = Misfits::kDeadLetter);

  /// Makes the records visible, all at once, in the order in which they are given. Records below
  /// their partition's committed end are passed over. Returns how many rows were added. After an
  /// error it is not known which of them are visible: abandon() the topic.
  base::Result<size_t> append(const std::string& topic, std::span<const SourceRecord> records,
                              const RejectRecord& reject);
  /// Ends the active segment of `topic`, if it has records; new ones go to another.
  base::Result<void> freeze(const std::string& topic);
  /// Removes all hot rows of `topic`, whatever state they are in; what is committed stays.
  base::Result<void> abandon(const std::string& topic);
  /// Segments that wait to be committed, oldest first.
  std::vector<SegmentInfo> frozen() const;
  size_t frozen_count(const std::string& topic) const;
  bool has_frozen() const;
  /// How much stands in the active segment of `topic`.
  ActiveSize active_size(const std::string& topic) const;

  /// Replaces hot rows by committed files, in one transaction: of each range's partition all hot
  /// rows below its end go. A frozen segment without rows or partitions left is dropped. The
  /// segment may have been abandoned since it was seen frozen.
  base::Result<void> commit(uint64_t segment, std::span<const CommittedRange> ranges);
  /// Takes in what others committed to a partition of which no hot row is in here.
  base::Result<void> adopt(const CommittedRange& range);
  /// Removes the hot rows of a partition that this sink does not read any more.
  base::Result<void> forget(const std::string& topic, int32_t partition);

  /// Up to where a chain is known to be committed; 0 for one that was never heard of.
  int64_t committed_end(const lake::ChainId& chain) const;
  const std::vector<std::pair<lake::ChainId, base::Error>>& broken() const { return broken_; }
  /// Whether the lake has a chain of this partition under another generation of the topic.
  bool has_other_generation(const lake::ChainId& chain) const;
  /// In SQL.
  const std::string& name() const { return name_; }
  LiveTableStats stats() const;

 private:
  struct TopicState {
    lake::Schema schema = {};
    std::unique_ptr<HotSegment> active;
    /// Rows below these offsets are in files, whoever wrote them.
    std::map<int32_t, int64_t> floors;
  };

  LiveTable(lake::ObjectStore& store, const base::Clock& clock, std::string folder,
            std::string name, Misfits misfits, Connection appends, Connection commits)
      : store_(store),
        clock_(clock),
        folder_(std::move(folder)),
        name_(std::move(name)),
        misfits_(misfits),
        appends_(std::move(appends)),
        commits_(std::move(commits)) {}

  base::Result<size_t> append_all(TopicState& topic, const std::string& name,
                                  std::span<const SourceRecord> records, int64_t visible_time_us,
                                  const RejectRecord& reject);
  base::Result<bool> add_one(TopicState& topic, const std::string& name,
                             std::span<const SourceRecord> rest, int64_t visible_time_us,
                             const RejectRecord& reject);
  /// Makes schema_ hold what `wanted` does, in the lake if that takes it just now.
  base::Result<void> agree(const lake::Schema& wanted);
  base::Result<size_t> add_record(TopicState& topic, const std::string& name,
                                  std::span<const SourceRecord> rest, size_t count,
                                  int64_t visible_time_us, const RejectRecord& reject);
  base::Result<void> widen(TopicState& topic, const std::string& name, lake::Schema schema);
  base::Result<void> open_segment(TopicState& topic, const std::string& name);
  base::Result<void> freeze_locked(TopicState& topic);
  base::Result<void> refuse(TopicState& topic, const SourceRecord& record, const NoRow& why,
                            const RejectRecord& reject);
  void note_rejected(TopicState& topic, const SourceRecord& record, const std::string& reason);
  base::Result<void> transact(Connection& connection, const std::string& sql,
                              const CommittedFiles& files);
  int64_t committed_end_locked(const lake::ChainId& chain) const;
  /// Adds to `files` what of the range they do not have yet.
  void add_files(const CommittedRange& range, CommittedFiles& files) const;
  /// The SQL that removes what the range covers from all segments of its topic but one.
  std::string remove_from_others(const CommittedRange& range, uint64_t segment);
  /// Counts the rows of every segment again, after some were deleted.
  base::Result<void> recount();
  void remember(std::span<const CommittedRange> ranges);
  ViewParts parts(const CommittedFiles& files) const;

  lake::ObjectStore& store_;
  const base::Clock& clock_;
  const std::string folder_;
  const std::string name_;
  const Misfits misfits_;
  JsonReader reader_;
  mutable std::mutex mutex_;  ///< guards all below, and orders changes of the views
  Connection appends_;
  Connection commits_;
  CommittedFiles files_;
  std::vector<View> views_;  ///< as they are in the database
  lake::Schema in_files_;    ///< of the committed files
  lake::Schema schema_;      ///< what is agreed on for the table: that of a topic's next segment
  bool is_agreed_ = true;    ///< whether the lake has schema_
  std::vector<std::pair<lake::ChainId, int64_t>> ends_;
  std::vector<std::pair<lake::ChainId, base::Error>> broken_;
  std::map<std::string, TopicState> topics_;
  std::vector<SegmentInfo> frozen_;
  uint64_t next_segment_ = 0;
};

}  // namespace ticklake::table
