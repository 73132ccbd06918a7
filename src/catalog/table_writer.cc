#include "catalog/table_writer.h"

#include <algorithm>

namespace ticklake::catalog {
namespace {

constexpr const char* kCannotWrite = "cannot write to the catalog";

base::Result<void> done(aws::Answer<void> answer, const std::string& what) {
  if (!answer) return base::fail(aws::to_base_error(answer.error(), what));
  return {};
}

bool is_crawlers(const Parameters& parameters) { return parameters.contains(kUpdatedByCrawler); }

std::string value_of(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

/// What a reader of a table must know; not how much there is.
bool is_same_shape(const std::optional<StorageDescriptor>& a,
                   const std::optional<StorageDescriptor>& b) {
  if (!a || !b) return !a && !b;
  return a->columns == b->columns && with_slash(a->location) == with_slash(b->location) &&
         a->input_format == b->input_format && a->output_format == b->output_format &&
         a->serde == b->serde && a->is_compressed == b->is_compressed;
}

Parameters without_run(Parameters parameters) {
  parameters.erase(kCrawlRunId);
  return parameters;
}

/// Whether nothing of a partition or table but the run that saw it differs.
template <typename T>
bool is_same(const T& a, const T& b) {
  return is_same_shape(a.storage, b.storage) &&
         without_run(a.parameters) == without_run(b.parameters);
}

}  // namespace

std::string with_slash(std::string_view location) {
  std::string text(location);
  if (!text.ends_with('/')) text += '/';
  return text;
}

TableWriter::TableWriter(const CrawlOptions& options, const CrawlSeams& seams, CrawlReport& report)
    : options_(options), seams_(seams), report_(report) {}

bool TableWriter::may_change() const {
  return options_.policy.merges_new_columns ||
         (options_.policy.update == UpdateBehavior::kUpdateInDatabase &&
          options_.policy.recrawl == RecrawlBehavior::kEverything);
}

DraftContext TableWriter::context(const CrawlTarget& target) const {
  return {options_.crawler, options_.run_id, target.exclusions, options_.elements};
}

void TableWriter::know(std::vector<Table> tables) {
  for (Table& table : tables) {
    if (table.storage && !table.storage->location.empty()) {
      std::string& name = places_[with_slash(table.storage->location)];
      const bool is_ours = value_of(table.parameters, kUpdatedByCrawler) == options_.crawler;
      if (name.empty() || is_ours) name = table.name;
    }
    std::string name = table.name;
    tables_.emplace(std::move(name), std::move(table));
  }
}

std::vector<std::pair<std::string, Table>> TableWriter::own_tables() const {
  std::vector<std::pair<std::string, Table>> own;
  for (const auto& [name, table] : tables_) {
    if (value_of(table.parameters, kUpdatedByCrawler) != options_.crawler) continue;
    if (table.storage) own.emplace_back(with_slash(table.storage->location), table);
  }
  return own;
}

const Table* TableWriter::find(const std::string& location, const CrawlTarget& target) const {
  if (!target.table.empty()) {
    const auto named = tables_.find(target.table);
    return named == tables_.end() ? nullptr : &named->second;
  }
  const auto place = places_.find(with_slash(location));
  return place == places_.end() ? nullptr : &tables_.at(place->second);
}

base::Result<void> TableWriter::write(const TableDraft& draft, const std::string& name,
                                      const std::string& location, const CrawlTarget& target) {
  const Table* const old = find(location, target);
  if (old == nullptr) {
    if (!target.table.empty()) {
      report_.add("skip table", target.table, "the catalog has no such table any more");
      return {};
    }
    const bool is_taken = tables_.contains(name);
    const std::string unique = is_taken ? name_with_hash(name, location) : name;
    if (is_taken) {
      report_.add("rename table", name, "the name is taken; it is called " + unique);
    }
    return create(draft, make_table(draft, unique, location, context(target)), target);
  }
  written_.insert(old->name);
  report_.tables.push_back(old->name);
  if (!is_crawlers(old->parameters) && target.table.empty()) {
    report_.add("leave table", old->name, "it is not a crawler's");
    return {};
  }
  return update(draft, *old, make_table(draft, old->name, location, context(target)), target);
}

base::Result<void> TableWriter::create(const TableDraft& draft, Table table,
                                       const CrawlTarget& target) {
  TICKLAKE_TRY(done(seams_.catalog.create_table(options_.database, table),
                    "cannot create table " + table.name));
  report_.add("create table", table.name, table.storage->location);
  ++report_.tables_created;
  report_.tables.push_back(table.name);
  written_.insert(table.name);
  places_[with_slash(table.storage->location)] = table.name;
  const Table& kept = tables_.insert_or_assign(table.name, table).first->second;
  return write_partitions(draft, kept, target);
}

Table TableWriter::merged(const Table& old, const Table& made) const {
  if (!options_.policy.merges_new_columns) return made;
  Table table = old;
  for (const auto& [name, value] : made.parameters)
    table.parameters[name] = value;
  table.parameters.erase(kDeprecatedByCrawler);
  StorageDescriptor storage = *made.storage;
  storage.columns = with_new_columns(old.storage ? old.storage->columns : std::vector<Column>(),
                                     made.storage->columns);
  table.storage = std::move(storage);
  return table;
}

base::Result<void> TableWriter::update(const TableDraft& draft, const Table& old, Table made,
                                       const CrawlTarget& target) {
  if (!may_change()) {
    if (!is_same_shape(old.storage, made.storage)) {
      report_.add("log change", old.name, "its schema differs, and the policy is LOG");
    }
    return write_partitions(draft, old, target);
  }
  if (options_.policy.merges_new_columns) {
    for (const char* name : {"classification", "compressionType", "delimiter"}) {
      const std::string before = value_of(old.parameters, name);
      const std::string after = value_of(made.parameters, name);
      if (before.empty() || before == after) continue;
      return deprecate(old, std::string(name) + " was " + before + " and is " + after);
    }
  }
  Table table = merged(old, made);
  if (!target.table.empty()) {
    // The table is its user's: only what is in it changes.
    table.partition_keys = old.partition_keys;
    table.storage->location = old.storage ? old.storage->location : table.storage->location;
  }
  const bool is_new_shape =
      !is_same_shape(old.storage, table.storage) || !(old.partition_keys == table.partition_keys);
  if (is_new_shape) {
    report_.add("update table", table.name, "its schema has changed");
    ++report_.tables_updated;
  }
  if (!(old.partition_keys == table.partition_keys)) {
    TICKLAKE_TRY(retire_partitions(old, {}, {}));
  }
  if (is_new_shape || !is_same(old, table)) TICKLAKE_TRY(put(old, table));
  return write_partitions(draft, table, target);
}

base::Result<void> TableWriter::put(const Table& old, Table table) {
  const bool is_archived = !is_same_shape(old.storage, table.storage);
  TICKLAKE_TRY(done(seams_.catalog.update_table(
                        options_.database, table,
                        {.version = std::to_string(old.version), .keeps_old = is_archived}),
                    "cannot update table " + table.name));
  return {};
}

base::Result<void> TableWriter::deprecate(Table table, const std::string& why) {
  if (table.parameters.contains(kDeprecatedByCrawler)) return {};
  report_.add("deprecate table", table.name, why);
  ++report_.tables_updated;
  table.parameters[kDeprecatedByCrawler] =
      std::to_string(base::to_unix_ms(seams_.clock.wall_now()));
  return done(seams_.catalog.update_table(options_.database, table, {}), kCannotWrite);
}

base::Result<void> TableWriter::retire(const std::vector<CrawlTarget>& targets) {
  for (const auto& [location, table] : own_tables()) {
    const bool is_inside = std::ranges::any_of(targets, [&](const CrawlTarget& target) {
      return location.starts_with(with_slash(target.url + target.prefix));
    });
    if (!is_inside || written_.contains(table.name)) continue;
    switch (options_.policy.deletion) {
      case DeleteBehavior::kLog:
        report_.add("log vanished table", table.name, "nothing is left at " + location);
        break;
      case DeleteBehavior::kDeprecateInDatabase:
        TICKLAKE_TRY(deprecate(table, "nothing is left at " + location));
        break;
      case DeleteBehavior::kDeleteFromDatabase:
        TICKLAKE_TRY(done(seams_.catalog.delete_table(options_.database, table.name),
                          "cannot delete table " + table.name));
        report_.add("delete table", table.name, "nothing is left at " + location);
        ++report_.tables_deleted;
    }
  }
  return {};
}

}  // namespace ticklake::catalog
