#include "lake/verify.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace ticklake::lake {
namespace {

/// See PromisedFile::array_index. A record whose messages were no arrays has no such column.
std::string array_index_column(const BoundaryRecord& record) {
  const auto column = std::ranges::find(record.schema.columns, "_array_index", &Column::key);
  if (!record.decoding.explode || column == record.schema.columns.end() ||
      column->type == ColumnType::kOpen) {
    return {};
  }
  return column->name;
}

std::string offsets_text(const ChainId& chain, int64_t start, int64_t end) {
  return fmt::format("offsets [{}, {}) of {}", start, end, chain.text());
}

/// Engines that list a table pass over such files.
bool is_hidden(std::string_view key) {
  return key.find("/_") != std::string_view::npos || key.find("/.") != std::string_view::npos;
}

/// Checks one table; what it finds goes into a RecordCheck.
class TableCheck {
 public:
  TableCheck(ObjectStore& store, base::WallTime now, const TableSurvey& table, RecordCheck& check)
      : store_(store), now_(now), table_(table), check_(check) {}

  base::Result<void> run() {
    for (const SurveyedChain& chain : table_.chains)
      TICKLAKE_TRY(check_chain(chain));
    check_strays();
    return {};
  }

 private:
  base::Result<void> check_chain(const SurveyedChain& chain);
  void check_place(const SurveyedChain& chain, const BoundaryRecord& record,
                   std::optional<int64_t>& expected);
  base::Result<void> check_files(const SurveyedChain& chain, const BoundaryRecord& record);
  base::Result<void> check_file(const SurveyedChain& chain, const BoundaryRecord& record,
                                const DataFile& file);
  bool may_be_pending(const SurveyedChain& chain, const BoundaryRecord& record) const;
  void note_gap(const SurveyedChain& chain, const BoundaryRecord& record, const GapRecord& gap);
  void check_strays();

  ObjectStore& store_;
  const base::WallTime now_;
  const TableSurvey& table_;
  RecordCheck& check_;
  /// Promised, or given up: the record that names the file.
  std::map<std::string, std::string> named_;
  std::map<std::string, std::string> given_up_;
};

base::Result<void> TableCheck::check_chain(const SurveyedChain& chain) {
  ++check_.partitions;
  std::map<int64_t, const BoundaryRecord*> by_start;  // null for one that does not read
  for (const UnreadableRecord& record : chain.unreadable) {
    if (record.key == record_key(chain.id, record.start)) by_start.emplace(record.start, nullptr);
    check_.findings.push_back({FindingKind::kUnreadable, chain.id, record.start, record.start,
                               record.key, record.error.cause});
  }
  for (const BoundaryRecord& record : chain.records)
    by_start.emplace(record.start, &record);
  std::optional<int64_t> expected = 0;
  for (const auto& [start, record] : by_start) {
    if (expected && start > *expected) {
      check_.findings.push_back(
          {FindingKind::kGap, chain.id, *expected, start, "",
           fmt::format("offsets [{}, {}) are in no record", *expected, start)});
    }
    if (record == nullptr) {
      expected.reset();  // how far it went is not known
      continue;
    }
    ++check_.records;
    check_place(chain, *record, expected);
    TICKLAKE_TRY(check_files(chain, *record));
  }
  return {};
}

void TableCheck::check_place(const SurveyedChain& chain, const BoundaryRecord& record,
                             std::optional<int64_t>& expected) {
  if (expected && record.start < *expected) {
    const int64_t end = std::min(record.end, *expected);
    check_.findings.push_back(
        {FindingKind::kDuplicate, chain.id, record.start, end, record_key(chain.id, record.start),
         offsets_text(chain.id, record.start, end) + " are promised by an older record too"});
  }
  expected = std::max(expected.value_or(0), record.end);
}

void TableCheck::note_gap(const SurveyedChain& chain, const BoundaryRecord& record,
                          const GapRecord& gap) {
  int64_t rows = 0;
  std::string keys;
  for (const LostFile& file : gap.files) {
    rows += file.rows;
    keys += (keys.empty() ? "" : ", ") + file.key;
    given_up_.emplace(file.key, gap_key(chain.id, gap.start));
  }
  const std::string what = gap.files.empty()
                               ? fmt::format("offsets [{}, {}) are lost", record.start, record.end)
                               : fmt::format("{} rows of offsets [{}, {}) are lost with {}", rows,
                                             record.start, record.end, keys);
  check_.findings.push_back(
      {FindingKind::kKnownGap, chain.id, record.start, record.end, "", what + ": " + gap.reason});
}

bool TableCheck::may_be_pending(const SurveyedChain& chain, const BoundaryRecord& record) const {
  return record.end == chain.end() && !chain.timed.contains(record.start) &&
         now_ - record.created < kPendingMax;
}

base::Result<void> TableCheck::check_files(const SurveyedChain& chain,
                                           const BoundaryRecord& record) {
  BoundaryRecord kept = record;
  if (const GapRecord* const gap = chain.gap_of(record)) {
    note_gap(chain, record, *gap);
    leave_out(*gap, kept);
  }
  for (const DataFile& file : kept.files)
    TICKLAKE_TRY(check_file(chain, record, file));
  return {};
}

base::Result<void> TableCheck::check_file(const SurveyedChain& chain, const BoundaryRecord& record,
                                          const DataFile& file) {
  const std::string by = record_key(chain.id, record.start);
  const auto [named, is_first] = named_.emplace(file.key, by);
  if (!is_first) {
    check_.findings.push_back({FindingKind::kDuplicate, chain.id, record.start, record.end,
                               file.key, fmt::format("{} and {} name it", named->second, by)});
    return {};
  }
  bool stands = table_.bytes.contains(file.key);
  // The listing is older than the record; or the file stands in another table's folder.
  if (!stands) {
    TICKLAKE_ASSIGN(stands, store_.exists(file.key));
  }
  if (stands) {
    check_.files.push_back({chain.id, record.start, record.end, file.key, file.rows,
                            record.encoding, array_index_column(record)});
    check_.rows += file.rows;
    return {};
  }
  const bool is_pending = may_be_pending(chain, record);
  check_.findings.push_back(
      {is_pending ? FindingKind::kPending : FindingKind::kMissing, chain.id, record.start,
       record.end, file.key,
       offsets_text(chain.id, record.start, record.end) +
           (is_pending ? " are agreed on, it is still to be written"
                       : fmt::format(" were committed to it, {} rows", file.rows))});
  return {};
}

void TableCheck::check_strays() {
  for (const auto& [key, bytes] : table_.bytes) {
    if (named_.contains(key) || is_hidden(key)) continue;
    const auto given_up = given_up_.find(key);
    check_.findings.push_back({FindingKind::kStray,
                               {},
                               0,
                               0,
                               key,
                               given_up == given_up_.end()
                                   ? fmt::format("no record names it, {} bytes", bytes)
                                   : given_up->second + " gives it up, yet it stands"});
  }
}

}  // namespace

std::string_view finding_name(FindingKind kind) {
  switch (kind) {
    case FindingKind::kGap: return "gap";
    case FindingKind::kDuplicate: return "duplicate";
    case FindingKind::kMissing: return "missing";
    case FindingKind::kChanged: return "changed";
    case FindingKind::kStray: return "stray";
    case FindingKind::kUnreadable: return "unreadable";
    case FindingKind::kKnownGap: return "known-gap";
    case FindingKind::kPending: return "pending";
  }
  return "";
}

bool is_wrong(FindingKind kind) {
  return kind != FindingKind::kKnownGap && kind != FindingKind::kPending;
}

std::string to_line(const Finding& finding) {
  return fmt::format("{} {}: {}", finding_name(finding.kind),
                     finding.key.empty() ? finding.chain.text() : finding.key, finding.text);
}

base::Result<RecordCheck> check_records(ObjectStore& store, base::WallTime now) {
  RecordCheck check;
  TICKLAKE_ASSIGN(const std::vector<std::string> folders, list_folders(store));
  for (const std::string& folder : folders) {
    TICKLAKE_ASSIGN(const TableSurvey table, survey_table(store, folder));
    if (!table.chains.empty()) ++check.tables;
    TICKLAKE_TRY(TableCheck(store, now, table, check).run());
  }
  return check;
}

}  // namespace ticklake::lake
