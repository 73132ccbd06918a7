#include "table/committed_files.h"

#include <algorithm>

namespace ticklake::table {
namespace {

using Sizes = std::map<std::string, uint64_t>;

constexpr std::string_view kTimesEnding = ".times.parquet";

bool all_there(const lake::BoundaryRecord& record, const Sizes& sizes) {
  return std::ranges::all_of(record.files,
                             [&](const lake::DataFile& file) { return sizes.contains(file.key); });
}

base::Result<lake::Chain> read_complete_chain(lake::ObjectStore& store, const lake::ChainId& id,
                                              const Sizes& sizes) {
  TICKLAKE_ASSIGN(lake::Chain chain, lake::read_chain(store, id));
  if (!chain.records.empty() && !all_there(chain.records.back(), sizes)) chain.records.pop_back();
  for (const lake::BoundaryRecord& record : chain.records) {
    if (all_there(record, sizes)) continue;
    // The listing may be older than the chain: look again before calling it a loss.
    TICKLAKE_ASSIGN(const std::vector<lake::DataFile> missing, lake::missing_files(store, record));
    if (missing.empty()) continue;
    return base::fail(base::ErrorCode::kCorrupt, "the file " + missing.front().key + " is missing",
                      "offsets " + std::to_string(record.start) + " to " +
                          std::to_string(record.end) + " of " + id.text() + " were committed to it",
                      "restore it from a backup");
  }
  return chain;
}

base::Result<void> load_times(lake::ObjectStore& store, const lake::Chain& chain,
                              CommittedFiles& files) {
  TICKLAKE_ASSIGN(const std::vector<std::string> names, store.list_names(chain.id.prefix()));
  for (const std::string& name : names) {
    if (name.ends_with(kTimesEnding)) {
      files.add_times(store.read_location(chain.id.prefix() + "/" + name));
    }
  }
  return {};
}

}  // namespace

void CommittedFiles::add(const lake::ObjectStore& store, const lake::BoundaryRecord& record,
                         const Sizes& bytes) {
  if (record.files.empty()) return;
  auto group = std::ranges::find_if(groups_, [&](const FileGroup& other) {
    return other.encoding == record.encoding && other.schema == record.schema;
  });
  if (group == groups_.end()) {
    groups_.push_back({record.schema, record.encoding, {}});
    group = groups_.end() - 1;
  }
  for (const lake::DataFile& file : record.files) {
    group->locations.push_back(store.read_location(file.key));
    const auto size = bytes.find(file.key);
    ++totals_.files;
    totals_.rows += static_cast<uint64_t>(file.rows);
    totals_.bytes += size == bytes.end() ? 0 : size->second;
  }
}

base::Result<LoadedTable> load_table(lake::ObjectStore& store, std::string_view table) {
  TICKLAKE_ASSIGN(const std::vector<lake::ChainId> ids, lake::list_chains(store, table));
  TICKLAKE_ASSIGN(const std::vector<lake::ObjectInfo> objects, store.list(table));
  Sizes sizes;
  for (const lake::ObjectInfo& object : objects)
    sizes.emplace(object.key, object.bytes);
  LoadedTable loaded;
  for (const lake::ChainId& id : ids) {
    auto chain = read_complete_chain(store, id, sizes);
    if (!chain) {
      loaded.broken.emplace_back(id, std::move(chain).error());
      continue;
    }
    for (const lake::BoundaryRecord& record : chain->records) {
      loaded.files.add(store, record, sizes);
    }
    TICKLAKE_TRY(load_times(store, *chain, loaded.files));
    loaded.ends.emplace_back(id, chain->end());
  }
  return loaded;
}

base::Result<void> create_schemas(Connection& connection) {
  TICKLAKE_TRY(
      connection.query("CREATE SCHEMA IF NOT EXISTS wide; CREATE SCHEMA IF NOT EXISTS hot"));
  return {};
}

base::Result<void> open_lake(Database& database, lake::ObjectStore& store) {
  TICKLAKE_ASSIGN(Connection connection, database.connect());
  TICKLAKE_TRY(create_schemas(connection));
  TICKLAKE_ASSIGN(const std::vector<std::string> tables, lake::list_tables(store));
  if (tables.empty()) {
    return base::fail(base::ErrorCode::kNotFound, "there is no table in " + store.location(),
                      "no sink has committed anything to it", "check the folder that --lake names");
  }
  for (const std::string& table : tables) {
    TICKLAKE_ASSIGN(LoadedTable loaded, load_table(store, table));
    if (!loaded.broken.empty()) return tl::unexpected(std::move(loaded.broken.front().second));
    const std::string sql = views_sql(table, {loaded.files.groups(), {}, loaded.files.times()});
    if (!sql.empty()) TICKLAKE_TRY(connection.query(sql));
  }
  return {};
}

}  // namespace ticklake::table
