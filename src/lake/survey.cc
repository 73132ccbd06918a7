#include "lake/survey.h"

#include <algorithm>

#include "lake/chain.h"
#include "lake/table_names.h"

namespace ticklake::lake {
namespace {

/// Of the text alone: a store that cannot be asked is no damage.
bool is_damage(const base::Error& error) {
  return error.code == base::ErrorCode::kCorrupt || error.code == base::ErrorCode::kUnsupported ||
         error.code == base::ErrorCode::kInvalidData;
}

base::Result<void> survey_record(ObjectStore& store, int64_t start, SurveyedChain& chain) {
  auto record = read_boundary(store, chain.id, start);
  if (record) {
    chain.records.push_back(std::move(*record));
    return {};
  }
  if (!is_damage(record.error())) return tl::unexpected(std::move(record).error());
  chain.unreadable.push_back({record_key(chain.id, start), start, std::move(record).error()});
  return {};
}

base::Result<void> survey_gap(ObjectStore& store, int64_t start, SurveyedChain& chain) {
  auto gap = read_gap(store, chain.id, start);
  if (!gap) {
    if (!is_damage(gap.error())) return tl::unexpected(std::move(gap).error());
    chain.unreadable.push_back({gap_key(chain.id, start), start, std::move(gap).error()});
    return {};
  }
  if (*gap) chain.gaps.emplace(start, std::move(**gap));
  return {};
}

}  // namespace

const GapRecord* SurveyedChain::gap_of(const BoundaryRecord& record) const {
  const auto found = gaps.find(record.start);
  if (found == gaps.end() || found->second.start != record.start) return nullptr;
  return found->second.end == record.end ? &found->second : nullptr;
}

base::Result<SurveyedChain> survey_chain(ObjectStore& store, const ChainId& id) {
  SurveyedChain chain{id, {}, {}, {}, {}};
  TICKLAKE_ASSIGN(const std::vector<std::string> names, store.list_names(id.prefix()));
  for (const std::string& name : names) {
    constexpr size_t kDigits = 20;
    const auto start = parse_record_name(name.substr(0, kDigits) + ".json");
    if (!start) continue;
    const std::string key = id.prefix() + "/" + name;
    if (key == record_key(id, *start)) {
      TICKLAKE_TRY(survey_record(store, *start, chain));
    } else if (key == gap_key(id, *start)) {
      TICKLAKE_TRY(survey_gap(store, *start, chain));
    } else if (key == times_key(id, *start)) {
      chain.timed.insert(*start);
    }
  }
  return chain;
}

base::Result<TableSurvey> survey_table(ObjectStore& store, std::string_view folder) {
  TableSurvey table{std::string(folder), {}, {}};
  // Objects first: a file comes after its record.
  TICKLAKE_ASSIGN(const std::vector<ObjectInfo> objects, store.list(folder));
  for (const ObjectInfo& object : objects)
    table.bytes.emplace(object.key, object.bytes);
  TICKLAKE_ASSIGN(const std::vector<ChainId> ids, list_chains(store, folder));
  for (const ChainId& id : ids) {
    TICKLAKE_ASSIGN(SurveyedChain chain, survey_chain(store, id));
    table.chains.push_back(std::move(chain));
  }
  return table;
}

base::Result<std::vector<std::string>> list_folders(ObjectStore& store) {
  TICKLAKE_ASSIGN(std::set<std::string> folders, claimed_folders(store));
  TICKLAKE_ASSIGN(const std::vector<std::string> tables, list_tables(store));
  folders.insert(tables.begin(), tables.end());
  return std::vector<std::string>(folders.begin(), folders.end());
}

}  // namespace ticklake::lake
