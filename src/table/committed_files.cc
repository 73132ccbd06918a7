#include "table/committed_files.h"

#include <algorithm>

#include <fmt/format.h>

#include "lake/schema_chain.h"
#include "lake/table_names.h"

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

void TableRejected::add(const std::string& topic_of_those, const lake::Rejected& later) {
  Rejected::add(later);
  if (later.count > 0) topic = topic_of_those;
}

void CommittedFiles::add(const lake::ObjectStore& store, const std::string& topic,
                         const lake::BoundaryRecord& record, const Sizes& bytes) {
  rejected_.add(topic, record.rejected);
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

base::Result<LoadedTable> load_table(lake::ObjectStore& store, std::string_view folder) {
  TICKLAKE_ASSIGN(const std::vector<lake::ChainId> ids, lake::list_chains(store, folder));
  TICKLAKE_ASSIGN(const std::vector<lake::ObjectInfo> objects, store.list(folder));
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
      loaded.files.add(store, id.topic, record, sizes);
      if (!record.files.empty()) lake::merge_schema(loaded.in_files, record.schema);
    }
    TICKLAKE_TRY(load_times(store, *chain, loaded.files));
    loaded.ends.emplace_back(id, chain->end());
  }
  TICKLAKE_ASSIGN(loaded.schema, lake::read_schema(store, folder));
  lake::merge_schema(loaded.schema, loaded.in_files);
  return loaded;
}

base::Result<void> create_schemas(Connection& connection) {
  TICKLAKE_TRY(
      connection.query("CREATE SCHEMA IF NOT EXISTS wide; CREATE SCHEMA IF NOT EXISTS placed; "
                       "CREATE SCHEMA IF NOT EXISTS parts; CREATE SCHEMA IF NOT EXISTS hot"));
  return {};
}

base::Error no_rows_error(const std::string& name, const TableRejected& rejected, uint64_t kept) {
  const std::string letters = rejected.topic + ".dead-letter";
  std::string where = "in the topic " + letters;
  if (kept > 0) where += fmt::format(" or, {} of them, in the lake's _ticklake/dead-letters", kept);
  return {
      base::ErrorCode::kNotFound, "the table " + name + " has no rows",
      fmt::format("no record of the topic {} could become one: {} {} {}, the newest (offset {}) "
                  "because: {}",
                  rejected.topic, rejected.count, rejected.count == 1 ? "is" : "are", where,
                  rejected.newest_offset, rejected.newest_reason),
      "produce JSON objects; what was sent is read with: ticklake consume --topic " + letters,
      false};
}

base::Result<EmptyTables> open_lake(Database& database, lake::ObjectStore& store) {
  TICKLAKE_ASSIGN(Connection connection, database.connect());
  TICKLAKE_TRY(create_schemas(connection));
  TICKLAKE_ASSIGN(const std::vector<std::string> folders, lake::list_tables(store));
  if (folders.empty()) {
    return base::fail(base::ErrorCode::kNotFound, "there is no table in " + store.location(),
                      "no sink has committed anything to it", "check the folder that --lake names");
  }
  TICKLAKE_ASSIGN(const auto names, lake::read_table_names(store, folders));
  EmptyTables empty;
  for (const auto& [folder, name] : names) {
    TICKLAKE_ASSIGN(LoadedTable loaded, load_table(store, folder));
    if (!loaded.broken.empty()) return tl::unexpected(std::move(loaded.broken.front().second));
    const ViewParts parts{loaded.files.groups(), {}, loaded.files.times()};
    TICKLAKE_TRY(connection.query(change_views_sql({}, views_of(name, parts))));
    if (parts.groups.empty() && loaded.files.rejected().count > 0) {
      empty.emplace(lake::lower_case(name), no_rows_error(name, loaded.files.rejected(), 0));
    }
  }
  return empty;
}

}  // namespace ticklake::table
