#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/boundary.h"
#include "lake/gap.h"
#include "lake/layout.h"
#include "lake/object_store.h"

namespace ticklake::lake {

/// A record that stands in a chain's folder and does not read.
struct UnreadableRecord {
  std::string key;
  int64_t start = 0;  ///< as its name says
  base::Error error;
};

/// One chain as it stands, whether or not it is in order: for those who look after a lake. Who
/// reads rows takes read_chain().
struct SurveyedChain {
  ChainId id;
  std::vector<BoundaryRecord> records;  ///< by start; what gap records give up is still in them
  std::map<int64_t, GapRecord> gaps;    ///< by start
  std::vector<UnreadableRecord> unreadable;
  std::set<int64_t> timed;  ///< starts of records with times: their files have stood once

  /// The gap record of `record`, if it is about that record; else null.
  const GapRecord* gap_of(const BoundaryRecord& record) const;
  int64_t end() const { return records.empty() ? 0 : records.back().end; }
};

/// A table's objects and chains.
struct TableSurvey {
  std::string folder;
  std::map<std::string, uint64_t> bytes;  ///< of each object below the table's folder, by key
  std::vector<SurveyedChain> chains;
};

base::Result<SurveyedChain> survey_chain(ObjectStore& store, const ChainId& id);
/// All that stands in the objects' listing was agreed on by records that are in the chains, however
/// busy the table's sinks are meanwhile.
base::Result<TableSurvey> survey_table(ObjectStore& store, std::string_view folder);

/// Folders of tables that have chains or a name, sorted.
base::Result<std::vector<std::string>> list_folders(ObjectStore& store);

}  // namespace ticklake::lake
