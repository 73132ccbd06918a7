#include "catalog/live_tables.h"

#include <algorithm>

#include "catalog/crawl_grouping.h"
#include "catalog/model_json.h"
#include "lake/chain.h"
#include "lake/layout.h"
#include "lake/table_names.h"

namespace ticklake::catalog {
namespace {

std::string value_of(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

}  // namespace

aws::Answer<SinkFiles> LiveTables::read_known(const std::string& name) {
  SinkFiles known;
  auto table = catalog_.get_table(kLiveDatabase, name);
  if (!table) {
    if (table.error().kind == aws::ErrorKind::kInternal) {
      return tl::unexpected(std::move(table).error());
    }
    return known;
  }
  if (value_of(table->parameters, "classification") == "json") {
    known.encoding = lake::Encoding::kJsonLines;
  }
  for (const Column& column : table->storage ? table->storage->columns : std::vector<Column>()) {
    const bool is_own =
        std::ranges::find(sink_columns(), column.name, &Column::name) != sink_columns().end();
    if (!is_own) known.fields.push_back({column.name, parse_hive_type(column.type)});
  }
  TICKLAKE_ASSIGN(const auto partitions, catalog_.all_partitions(kLiveDatabase, name));
  for (const Partition& partition : partitions)
    known.days.insert(partition.values.at(0));
  return known;
}

aws::Answer<void> LiveTables::write(const std::string& name, const std::string& folder,
                                    const SinkFiles& known, bool is_new,
                                    const std::set<std::string>& new_days) {
  const Table table = sink_table(name, url_ + folder + "/", known);
  if (!catalog_.get_database(kLiveDatabase)) {
    TICKLAKE_TRY(catalog_.create_database({.name = std::string(kLiveDatabase)}));
  }
  if (is_new) {
    auto made = catalog_.create_table(kLiveDatabase, table);
    const bool is_there = !made && made.error().code == "AlreadyExistsException";
    if (is_there) made = catalog_.update_table(kLiveDatabase, table, {});
    TICKLAKE_TRY(made);
  }
  std::vector<Partition> partitions;
  for (const std::string& day : new_days) {
    Partition partition;
    partition.values = {day};
    partition.storage = table.storage;
    partition.storage->location += std::string(kDayColumn) + "=" + day + "/";
    partition.parameters = {{"classification", value_of(table.parameters, "classification")}};
    partitions.push_back(std::move(partition));
  }
  if (partitions.empty()) return {};
  // One that is there already is as good.
  TICKLAKE_TRY(catalog_.create_partitions(kLiveDatabase, name, std::move(partitions)));
  return {};
}

base::Result<void> LiveTables::add(const std::string& name, const std::string& folder,
                                   std::span<const lake::BoundaryRecord> records) {
  const bool has_rows = std::ranges::any_of(
      records, [](const lake::BoundaryRecord& record) { return !record.files.empty(); });
  if (!has_rows) return {};
  const std::string key = folded(name);
  const auto failed = [&](const aws::ServiceError& error) {
    return base::fail(aws::to_base_error(error, "cannot register the table " + key));
  };
  const std::lock_guard lock(mutex_);
  if (!known_.contains(key)) {
    auto read = read_known(key);
    if (!read) return failed(read.error());
    known_.emplace(key, std::move(*read));
  }
  const SinkFiles& before = known_.at(key);
  SinkFiles after = before;
  std::set<std::string> new_days;
  for (const lake::BoundaryRecord& record : records) {
    after.add(record);
    for (const lake::DataFile& file : record.files) {
      if (!before.days.contains(file.dt)) new_days.insert(file.dt);
    }
  }
  const bool is_new =
      before.fields != after.fields || before.days.empty() || before.encoding != after.encoding;
  if (!is_new && new_days.empty()) return {};
  const auto written = write(key, folder, after, is_new, new_days);
  if (!written) {
    // Somebody may have changed the catalog: look again at the next commit.
    known_.erase(key);
    return failed(written.error());
  }
  known_[key] = std::move(after);
  return {};
}

base::Result<bool> LiveTables::has_all_days(lake::ObjectStore& store, const std::string& name,
                                            const std::string& folder) {
  const auto known = read_known(name);
  if (!known) {
    return base::fail(aws::to_base_error(known.error(), "cannot read the table " + name));
  }
  TICKLAKE_ASSIGN(const auto folders, store.list_names(folder));
  return !known->days.empty() && std::ranges::all_of(folders, [&](const std::string& day) {
    const auto pair = hive_pair(day);
    return !pair || known->days.contains(pair->second);
  });
}

base::Result<void> LiveTables::load(lake::ObjectStore& store) {
  TICKLAKE_ASSIGN(const auto folders, lake::list_tables(store));
  if (folders.empty()) return {};
  TICKLAKE_ASSIGN(const auto names, lake::read_table_names(store, folders));
  for (const auto& [folder, name] : names) {
    TICKLAKE_ASSIGN(const bool is_known, has_all_days(store, folded(name), folder));
    if (is_known) continue;
    TICKLAKE_ASSIGN(const auto ids, lake::list_chains(store, folder));
    for (const lake::ChainId& id : ids) {
      // One that does not read is the sink's to complain of.
      const auto chain = lake::read_chain(store, id);
      if (chain) TICKLAKE_TRY(add(name, folder, chain->records));
    }
  }
  return {};
}

}  // namespace ticklake::catalog
