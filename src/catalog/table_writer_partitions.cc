#include <algorithm>

#include "catalog/table_writer.h"

namespace ticklake::catalog {
namespace {

/// Partitions that are written in one transaction.
constexpr size_t kPartitionsAtATime = 1'000;

std::string text_of(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values)
    text += (text.empty() ? "" : "/") + value;
  return text;
}

template <typename T>
base::Result<T> done(aws::Answer<T> answer, const std::string& what) {
  if (!answer) return base::fail(aws::to_base_error(answer.error(), what));
  return std::move(*answer);
}

/// The schema, formats and SerDe of the table; the place and size are the partition's own.
void inherit(const Table& table, Partition& partition) {
  StorageDescriptor storage = *table.storage;
  storage.location = partition.storage->location;
  storage.parameters = partition.storage->parameters;
  partition.storage = std::move(storage);
}

bool is_same(const Partition& a, const Partition& b) {
  const auto without_run = [](Parameters parameters) {
    parameters.erase(kCrawlRunId);
    return parameters;
  };
  if (without_run(a.parameters) != without_run(b.parameters)) return false;
  if (!a.storage || !b.storage) return !a.storage && !b.storage;
  return a.storage->columns == b.storage->columns && a.storage->location == b.storage->location &&
         a.storage->serde == b.storage->serde && a.storage->input_format == b.storage->input_format;
}

}  // namespace

base::Result<void> TableWriter::write_partitions(const TableDraft& draft, const Table& table,
                                                 const CrawlTarget& target) {
  if (draft.partition_keys.size() != table.partition_keys.size()) {
    report_.add("skip partitions", table.name,
                "the table has " + std::to_string(table.partition_keys.size()) +
                    " partition keys, and the folders " +
                    std::to_string(draft.partition_keys.size()));
    return {};
  }
  if (table.partition_keys.empty()) return {};
  TICKLAKE_ASSIGN(auto known, done(seams_.catalog.all_partitions(options_.database, table.name),
                                   "cannot read the partitions of " + table.name));
  std::map<std::vector<std::string>, Partition> vanished;
  for (Partition& partition : known) {
    std::vector<std::string> values = partition.values;
    vanished.emplace(std::move(values), std::move(partition));
  }
  std::vector<Partition> fresh;
  std::vector<Partition> changed;
  for (const PartitionDraft& found : draft.partitions) {
    Partition partition =
        make_partition(table, found, target.location(found.path), context(target));
    if (options_.policy.inherits_from_table) inherit(table, partition);
    const auto old = vanished.find(partition.values);
    if (old == vanished.end()) {
      fresh.push_back(std::move(partition));
      if (fresh.size() == kPartitionsAtATime) {
        TICKLAKE_TRY(create_partitions(table, std::exchange(fresh, {})));
      }
      continue;
    }
    const bool is_changed = may_change() && !is_same(old->second, partition);
    vanished.erase(old);
    if (is_changed) changed.push_back(std::move(partition));
    if (changed.size() == kPartitionsAtATime) {
      TICKLAKE_TRY(update_partitions(table, std::exchange(changed, {})));
    }
  }
  TICKLAKE_TRY(create_partitions(table, std::move(fresh)));
  TICKLAKE_TRY(update_partitions(table, std::move(changed)));
  std::vector<Partition> gone;
  for (auto& [values, partition] : vanished)
    gone.push_back(std::move(partition));
  return retire_partitions(table, std::move(gone), target.location(draft.path));
}

base::Result<void> TableWriter::create_partitions(const Table& table,
                                                  std::vector<Partition> partitions) {
  if (partitions.empty()) return {};
  for (const Partition& partition : partitions)
    report_.add("create partition", table.name + "/" + text_of(partition.values));
  TICKLAKE_ASSIGN(
      const auto outcomes,
      done(seams_.catalog.create_partitions(options_.database, table.name, std::move(partitions)),
           "cannot create partitions of " + table.name));
  report_.partitions_created +=
      static_cast<uint64_t>(std::ranges::count(outcomes, Catalog::Outcome()));
  return {};
}

base::Result<void> TableWriter::update_partitions(const Table& table,
                                                  std::vector<Partition> partitions) {
  if (partitions.empty()) return {};
  std::vector<Catalog::PartitionUpdate> updates;
  for (Partition& partition : partitions) {
    report_.add("update partition", table.name + "/" + text_of(partition.values));
    std::vector<std::string> values = partition.values;
    updates.push_back({std::move(values), std::move(partition)});
  }
  TICKLAKE_ASSIGN(const auto outcomes, done(seams_.catalog.update_partitions(
                                                options_.database, table.name, std::move(updates)),
                                            "cannot update partitions of " + table.name));
  report_.partitions_updated +=
      static_cast<uint64_t>(std::ranges::count(outcomes, Catalog::Outcome()));
  return {};
}

base::Result<void> TableWriter::retire_partitions(const Table& table,
                                                  std::vector<Partition> vanished,
                                                  const std::string& where) {
  if (where.empty()) {
    // Other keys: none of the partitions that there are is one any more.
    TICKLAKE_ASSIGN(vanished, done(seams_.catalog.all_partitions(options_.database, table.name),
                                   "cannot read the partitions of " + table.name));
  } else {
    if (options_.policy.recrawl == RecrawlBehavior::kNewFoldersOnly) return {};
    // What somebody else has put there, or what is elsewhere, was not looked for.
    std::erase_if(vanished, [&](const Partition& partition) {
      return !partition.parameters.contains(kUpdatedByCrawler) || !partition.storage ||
             !partition.storage->location.starts_with(where);
    });
  }
  const bool deletes =
      where.empty() || options_.policy.deletion == DeleteBehavior::kDeleteFromDatabase;
  std::vector<std::vector<std::string>> values;
  std::vector<Partition> deprecated;
  for (Partition& partition : vanished) {
    if (deletes) {
      report_.add("delete partition", table.name + "/" + text_of(partition.values));
      values.push_back(std::move(partition.values));
    } else if (options_.policy.deletion == DeleteBehavior::kLog) {
      report_.add("log vanished partition", table.name + "/" + text_of(partition.values));
    } else if (!partition.parameters.contains(kDeprecatedByCrawler)) {
      partition.parameters[kDeprecatedByCrawler] =
          std::to_string(base::to_unix_ms(seams_.clock.wall_now()));
      deprecated.push_back(std::move(partition));
    }
  }
  TICKLAKE_TRY(update_partitions(table, std::move(deprecated)));
  if (values.empty()) return {};
  TICKLAKE_ASSIGN(const auto outcomes,
                  done(seams_.catalog.delete_partitions(options_.database, table.name, values),
                       "cannot delete partitions of " + table.name));
  report_.partitions_deleted +=
      static_cast<uint64_t>(std::ranges::count(outcomes, Catalog::Outcome()));
  return {};
}

base::Result<void> TableWriter::add_new_folders(CrawlFolder& root, const CrawlTarget& target) {
  const std::string start = target.location("");
  for (const auto& [location, table] : own_tables()) {
    if (table.partition_keys.empty() || !location.starts_with(start)) continue;
    const std::string path = location.substr(start.size());
    const auto folder = root.take(path);
    if (!folder) continue;
    std::vector<TableDraft> drafts = group(*folder, {.is_one_table = true}, location, report_);
    if (drafts.empty()) continue;
    TableDraft& draft = drafts[0];
    for (PartitionDraft& partition : draft.partitions)
      partition.path = path + partition.path;
    std::vector<HiveField> fields;
    for (const Column& column : table.storage->columns)
      fields.push_back({column.name, parse_hive_type(column.type)});
    resolve_conflicts(draft);
    std::erase_if(draft.partitions, [&](const PartitionDraft& partition) {
      if (is_similar(fields, partition.cluster.fields)) return false;
      report_.add("skip folder", target.location(partition.path),
                  "its schema differs too much from that of table " + table.name);
      return true;
    });
    written_.insert(table.name);
    draft.path = path;
    TICKLAKE_TRY(write_partitions(draft, table, target));
  }
  return {};
}

}  // namespace ticklake::catalog
