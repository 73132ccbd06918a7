#include "table/live_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "lake/table_names.h"
#include "table/schema_inference.h"

namespace ticklake::table {
namespace {

constexpr std::string_view kHotSchema = "hot";

std::string delete_sql(const SegmentInfo& segment, int32_t partition, int64_t end) {
  return fmt::format("DELETE FROM {} WHERE _partition = {} AND _offset < {};", segment.hot_table,
                     partition, end);
}

std::string drop_sql(const SegmentInfo& segment) {
  return fmt::format("DROP TABLE {};", segment.hot_table);
}

}  // namespace

base::Result<std::unique_ptr<LiveTable>> LiveTable::open(Database& database,
                                                         lake::ObjectStore& store,
                                                         const base::Clock& clock,
                                                         const std::string& folder) {
  TICKLAKE_ASSIGN(std::string name, lake::claim_table_name(store, folder));
  TICKLAKE_ASSIGN(Connection appends, database.connect());
  TICKLAKE_ASSIGN(Connection commits, database.connect());
  TICKLAKE_TRY(create_schemas(appends));
  TICKLAKE_ASSIGN(LoadedTable loaded, load_table(store, folder));
  std::unique_ptr<LiveTable> table(
      new LiveTable(store, clock, std::move(name), std::move(appends), std::move(commits)));
  table->files_ = std::move(loaded.files);
  table->ends_ = std::move(loaded.ends);
  table->broken_ = std::move(loaded.broken);
  TICKLAKE_TRY(table->transact(table->appends_, "", table->files_));
  return table;
}

ViewParts LiveTable::parts(const CommittedFiles& files) const {
  ViewParts parts{files.groups(), {}, files.times()};
  const auto add = [&](const SegmentInfo& segment) {
    if (!segment.has_something_to_show()) return;
    parts.tails.push_back({segment.hot_table, segment.topic, segment.schema});
  };
  for (const SegmentInfo& segment : frozen_)
    add(segment);
  for (const auto& [name, topic] : topics_) {
    if (topic.active != nullptr) add(topic.active->info());
  }
  return parts;
}

base::Result<void> LiveTable::transact(Connection& connection, const std::string& sql,
                                       const CommittedFiles& files) {
  auto done = connection.query("BEGIN;" + sql + views_sql(name_, parts(files)) + "COMMIT;");
  if (done) return {};
  static_cast<void>(connection.query("ROLLBACK"));
  return tl::unexpected(std::move(done).error().within("change the table " + name_));
}

base::Result<void> LiveTable::open_segment(TopicState& topic, const std::string& name) {
  SegmentInfo info;
  info.id = next_segment_++;
  info.hot_table =
      sql_identifier(kHotSchema) + "." + sql_identifier(fmt::format("{}_{}", name_, info.id));
  info.topic = name;
  info.schema = topic.schema;
  const std::string sql = HotSegment::create_sql(info);
  topic.active = std::make_unique<HotSegment>(reader_, std::move(info));
  auto done = transact(appends_, sql, files_);
  if (!done) topic.active.reset();
  return done;
}

base::Result<void> LiveTable::freeze_locked(TopicState& topic) {
  if (topic.active == nullptr || topic.active->info().ends.empty()) return {};
  TICKLAKE_TRY(topic.active->flush(appends_));
  frozen_.push_back(topic.active->info());
  topic.active.reset();
  return {};
}

base::Result<void> LiveTable::freeze(const std::string& topic) {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return {};
  // The views name the segment already, and go on to: nothing changes for a query.
  return freeze_locked(found->second);
}

base::Result<void> LiveTable::widen(TopicState& topic, const std::string& name,
                                    lake::Schema schema) {
  HotSegment& active = *topic.active;
  const bool in_place = only_adds_columns(topic.schema, schema);
  topic.schema = std::move(schema);
  if (in_place) {
    TICKLAKE_ASSIGN(const std::string sql, active.add_columns_sql(appends_, topic.schema));
    active.adopt_schema(topic.schema);
    return transact(appends_, sql, files_);
  }
  if (active.info().ends.empty()) {
    TICKLAKE_TRY(active.flush(appends_));
    const std::string sql = drop_sql(active.info());
    topic.active.reset();
    TICKLAKE_TRY(transact(appends_, sql, files_));
  } else {
    TICKLAKE_TRY(freeze_locked(topic));
  }
  return open_segment(topic, name);
}

void LiveTable::note_rejected(TopicState& topic, const SourceRecord& record,
                              const std::string& reason) {
  RejectedRecords& rejected = topic.active->info().rejected[record.partition];
  rejected.offsets.push_back(record.offset);
  rejected.newest_reason = reason;
}

base::Result<bool> LiveTable::add_one(TopicState& topic, const std::string& name,
                                      std::span<const SourceRecord> rest, int64_t visible_time_us,
                                      const RejectRecord& reject) {
  const SourceRecord& record = rest.front();
  TICKLAKE_ASSIGN(RowOutcome outcome, topic.active->add(appends_, record, visible_time_us));
  if (outcome == RowOutcome::kNoFit) {
    lake::Schema wider = topic.schema;
    if (const auto reason = widen_schema(reader_, record.value, wider)) {
      note_rejected(topic, record, *reason);
      reject(record, *reason);
      return false;
    }
    // One look at all that came with it saves a change of the table for each of them.
    for (const SourceRecord& later : rest.subspan(1)) {
      if (!later.is_row()) continue;
      static_cast<void>(widen_schema(reader_, later.value, wider));
    }
    TICKLAKE_TRY(widen(topic, name, std::move(wider)));
    TICKLAKE_ASSIGN(outcome, topic.active->add(appends_, record, visible_time_us));
    TICKLAKE_ASSERT(outcome != RowOutcome::kNoFit);
  }
  if (outcome == RowOutcome::kRejected) {
    note_rejected(topic, record, topic.active->rejection());
    reject(record, topic.active->rejection());
  }
  return outcome == RowOutcome::kAdded;
}

base::Result<size_t> LiveTable::add_record(TopicState& topic, const std::string& name,
                                           std::span<const SourceRecord> rest, size_t count,
                                           int64_t visible_time_us, const RejectRecord& reject) {
  const SourceRecord& record = rest.front();
  if (record.is_passed_over) return 0;
  const auto refuse = [&](const std::string& reason) {
    note_rejected(topic, record, reason);
    reject(record, reason);
    return 0;
  };
  if (!record.refusal.empty()) return refuse(std::string(record.refusal));
  if (count > 1) {
    // All of them into one segment: what a later one needs must not end the segment in between.
    lake::Schema wider = topic.schema;
    for (const SourceRecord& row : rest.first(count)) {
      if (const auto reason = widen_schema(reader_, row.value, wider)) return refuse(*reason);
    }
    if (!(wider == topic.schema)) TICKLAKE_TRY(widen(topic, name, std::move(wider)));
  }
  size_t added = 0;
  for (size_t i = 0; i < count; ++i) {
    TICKLAKE_ASSIGN(const bool is_row,
                    add_one(topic, name, rest.subspan(i), visible_time_us, reject));
    if (is_row) ++added;
  }
  return added;
}

base::Result<size_t> LiveTable::append_all(TopicState& topic, const std::string& name,
                                           std::span<const SourceRecord> records,
                                           int64_t visible_time_us, const RejectRecord& reject) {
  size_t added = 0;
  for (size_t count = 0; !records.empty(); records = records.subspan(count)) {
    const SourceRecord& record = records.front();
    count = rows_of_first_record(records);
    const auto floor = topic.floors.find(record.partition);
    if (floor != topic.floors.end() && record.offset < floor->second) continue;
    TICKLAKE_ASSIGN(const size_t rows,
                    add_record(topic, name, records, count, visible_time_us, reject));
    added += rows;
    SegmentInfo& info = topic.active->info();
    if (info.ends.empty()) info.opened = clock_.monotonic_now();
    info.ends[record.partition] = record.offset + 1;
  }
  TICKLAKE_TRY(topic.active->flush(appends_));
  return added;
}

base::Result<void> LiveTable::abandon(const std::string& topic) {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return {};
  std::string drops;
  const auto drop = [&](const SegmentInfo& segment) {
    drops += "DROP TABLE IF EXISTS " + segment.hot_table + ";";
  };
  std::vector<SegmentInfo> others;
  for (const SegmentInfo& segment : frozen_) {
    if (segment.topic == topic) {
      drop(segment);
    } else {
      others.push_back(segment);
    }
  }
  if (found->second.active != nullptr) drop(found->second.active->info());
  // An appender that failed keeps its transaction open until it is gone.
  found->second.active.reset();
  std::swap(frozen_, others);
  auto done = transact(appends_, drops, files_);
  // What could not be dropped is found here by the next try.
  if (!done) std::swap(frozen_, others);
  return done;
}

base::Result<size_t> LiveTable::append(const std::string& topic,
                                       std::span<const SourceRecord> records,
                                       const RejectRecord& reject) {
  const std::lock_guard lock(mutex_);
  TopicState& state = topics_[topic];
  if (state.active == nullptr) TICKLAKE_TRY(open_segment(state, topic));
  const bool was_shown = state.active->info().has_something_to_show();
  const int64_t now_us = base::to_unix_us(clock_.wall_now());
  TICKLAKE_ASSIGN(const size_t added, append_all(state, topic, records, now_us, reject));
  if (!was_shown && state.active->info().has_something_to_show()) {
    TICKLAKE_TRY(transact(appends_, "", files_));
  }
  return added;
}

std::vector<SegmentInfo> LiveTable::frozen() const {
  const std::lock_guard lock(mutex_);
  return frozen_;
}

size_t LiveTable::frozen_count(const std::string& topic) const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::ranges::count(frozen_, topic, &SegmentInfo::topic));
}

bool LiveTable::has_frozen() const {
  const std::lock_guard lock(mutex_);
  return !frozen_.empty();
}

ActiveSize LiveTable::active_size(const std::string& topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end() || found->second.active == nullptr) return {};
  const SegmentInfo& info = found->second.active->info();
  if (info.ends.empty()) return {};
  return {std::max<uint64_t>(info.rows + info.rejected_count(), 1), info.bytes, info.opened};
}

void LiveTable::add_files(const CommittedRange& range, CommittedFiles& files) const {
  int64_t end = committed_end_locked(range.chain);
  bool is_new = false;
  for (const lake::BoundaryRecord& record : range.records) {
    // The partition may have been taken up again amid the commit, and this record with it.
    if (record.start < end) continue;
    files.add(store_, range.chain.topic, record, range.bytes);
    is_new = true;
    end = record.end;
  }
  if (!is_new) return;
  for (const std::string& location : range.times)
    files.add_times(location);
}

std::string LiveTable::remove_from_others(const CommittedRange& range, uint64_t segment) {
  const int32_t partition = range.chain.partition;
  std::string deletes;
  const auto remove = [&](SegmentInfo& other) {
    if (other.id == segment || other.topic != range.chain.topic) return;
    deletes += delete_sql(other, partition, range.end);
    other.drop_rejected(partition, range.end);
  };
  for (SegmentInfo& other : frozen_)
    remove(other);
  const auto topic = topics_.find(range.chain.topic);
  if (topic != topics_.end() && topic->second.active != nullptr) {
    remove(topic->second.active->info());
  }
  return deletes;
}

base::Result<void> LiveTable::commit(uint64_t segment, std::span<const CommittedRange> ranges) {
  const std::lock_guard lock(mutex_);
  const std::vector<SegmentInfo> before = frozen_;
  // It is gone if its topic was abandoned amid the commit: then its rows stand in later segments,
  // or are not read again yet.
  const auto committed = std::ranges::find(frozen_, segment, &SegmentInfo::id);
  CommittedFiles files = files_;
  std::string deletes;
  std::string drop;
  for (const CommittedRange& range : ranges) {
    add_files(range, files);
    const int32_t partition = range.chain.partition;
    int64_t end_of_segment = 0;
    if (committed != frozen_.end()) {
      const auto end = committed->ends.find(partition);
      if (end != committed->ends.end()) end_of_segment = end->second;
      if (end_of_segment <= range.end) committed->ends.erase(partition);
      committed->drop_rejected(partition, range.end);
    }
    // Another sink's boundary may reach past this segment, into later ones.
    if (end_of_segment < range.end) deletes += remove_from_others(range, segment);
    int64_t& floor = topics_[range.chain.topic].floors[partition];
    floor = std::max(floor, range.end);
  }
  if (committed != frozen_.end() && committed->ends.empty()) {
    drop = drop_sql(*committed);
    frozen_.erase(committed);
  } else if (committed != frozen_.end()) {
    for (const CommittedRange& range : ranges)
      deletes += delete_sql(*committed, range.chain.partition, range.end);
  }
  if (auto changed = transact(commits_, deletes + drop, files); !changed) {
    frozen_ = before;
    return changed;
  }
  files_ = std::move(files);
  remember_ends(ranges);
  return deletes.empty() ? base::Result<void>() : recount();
}

void LiveTable::remember_ends(std::span<const CommittedRange> ranges) {
  for (const CommittedRange& range : ranges) {
    const auto known = std::ranges::find(ends_, range.chain, &decltype(ends_)::value_type::first);
    if (known == ends_.end()) {
      ends_.emplace_back(range.chain, range.end);
    } else {
      known->second = std::max(known->second, range.end);
    }
  }
}

base::Result<void> LiveTable::adopt(const CommittedRange& range) {
  const std::lock_guard lock(mutex_);
  CommittedFiles files = files_;
  add_files(range, files);
  TICKLAKE_TRY(transact(appends_, "", files));
  files_ = std::move(files);
  remember_ends({&range, 1});
  return {};
}

base::Result<void> LiveTable::forget(const std::string& topic, int32_t partition) {
  const std::lock_guard lock(mutex_);
  std::string sql;
  for (SegmentInfo& segment : frozen_) {
    if (segment.topic != topic || !segment.ends.contains(partition)) continue;
    segment.ends.erase(partition);
    segment.rejected.erase(partition);
    sql += delete_sql(segment, partition, INT64_MAX);
  }
  TopicState& state = topics_[topic];
  if (state.active != nullptr && state.active->info().ends.erase(partition) > 0) {
    state.active->info().rejected.erase(partition);
    sql += delete_sql(state.active->info(), partition, INT64_MAX);
  }
  state.floors.erase(partition);
  if (sql.empty()) return {};
  TICKLAKE_TRY(transact(appends_, sql, files_));
  return recount();
}

base::Result<void> LiveTable::recount() {
  const auto count = [this](SegmentInfo& segment) -> base::Result<void> {
    TICKLAKE_ASSIGN(QueryResult result,
                    commits_.query("SELECT count(*) FROM " + segment.hot_table));
    TICKLAKE_ASSIGN(const int64_t rows, result.single_integer());
    segment.rows = static_cast<uint64_t>(rows);
    return {};
  };
  for (SegmentInfo& segment : frozen_)
    TICKLAKE_TRY(count(segment));
  for (auto& [name, topic] : topics_) {
    if (topic.active != nullptr) TICKLAKE_TRY(count(topic.active->info()));
  }
  return {};
}

int64_t LiveTable::committed_end(const lake::ChainId& chain) const {
  const std::lock_guard lock(mutex_);
  return committed_end_locked(chain);
}

int64_t LiveTable::committed_end_locked(const lake::ChainId& chain) const {
  const auto known = std::ranges::find(ends_, chain, &decltype(ends_)::value_type::first);
  return known == ends_.end() ? 0 : known->second;
}

bool LiveTable::has_other_generation(const lake::ChainId& chain) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(ends_, [&](const auto& known) {
    return known.first.topic == chain.topic && known.first.generation != chain.generation;
  });
}

LiveTableStats LiveTable::stats() const {
  const std::lock_guard lock(mutex_);
  LiveTableStats stats;
  stats.lake = files_.totals();
  stats.rejected = files_.rejected();
  const auto add = [&](const SegmentInfo& segment) {
    stats.rows_tail += segment.rows;
    stats.bytes_tail += segment.bytes;
    for (const auto& [partition, records] : segment.rejected)
      stats.rejected.add(segment.topic, records.between(0, INT64_MAX));
  };
  for (const SegmentInfo& segment : frozen_)
    add(segment);
  for (const auto& [name, topic] : topics_) {
    if (topic.active != nullptr) add(topic.active->info());
  }
  return stats;
}

}  // namespace ticklake::table
