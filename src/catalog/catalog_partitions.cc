#include <functional>

#include <nlohmann/json.hpp>

#include "catalog/answers.h"
#include "catalog/catalog.h"
#include "catalog/model_json.h"
#include "catalog/partition_expression.h"

namespace ticklake::catalog {
namespace {

/// What a partition is found by, and sorted by.
std::string key_of(const Catalog::Values& values) { return to_text(nlohmann::json(values)); }

std::string joined(const Catalog::Values& values) {
  std::string text;
  for (const std::string& value : values)
    text += (text.empty() ? "" : ", ") + value;
  return text;
}

aws::Answer<Partition> parse_partition(std::string_view document) {
  TICKLAKE_ASSIGN(const auto json, kept_json(document));
  std::string problem;
  Partition partition = read_partition({json, {}, problem});
  if (!problem.empty()) return unreadable(problem);
  return partition;
}

/// The same at every call, so that the segments of a listing have nothing in common.
uint64_t hash_of(std::string_view key) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

aws::Answer<void> Catalog::check_values(const Table& table, const Values& values) const {
  if (values.size() == table.partition_keys.size()) return {};
  return invalid_input("The number of partition keys do not match the number of partition values");
}

aws::Answer<std::optional<Partition>> Catalog::find_partition(const Table& table,
                                                              const Values& values) {
  TICKLAKE_ASSIGN(const auto document,
                  answered(documents_.one("SELECT document FROM partitions"
                                          " WHERE database = ? AND name = ? AND key = ?",
                                          {table.database, table.name, key_of(values)})));
  if (!document) return std::optional<Partition>();
  TICKLAKE_ASSIGN(Partition partition, parse_partition(*document));
  return std::optional(std::move(partition));
}

aws::Answer<void> Catalog::add_partition(const Table& table, Partition& partition) {
  TICKLAKE_TRY(check_values(table, partition.values));
  partition.created = clock_.wall_now();
  const std::string document = to_text(to_json(partition));
  TICKLAKE_TRY(run("INSERT OR IGNORE INTO partitions VALUES (?, ?, ?, ?)",
                   {table.database, table.name, key_of(partition.values), document}));
  TICKLAKE_ASSIGN(const int64_t added, answered(documents_.changes()));
  if (added == 0) return already_exists("Partition already exists.");
  return {};
}

aws::Answer<void> Catalog::change_partition(const Table& table, PartitionUpdate& update) {
  TICKLAKE_TRY(check_values(table, update.values));
  TICKLAKE_TRY(check_values(table, update.partition.values));
  TICKLAKE_ASSIGN(const auto old, find_partition(table, update.values));
  if (!old) return not_found("Partition not found: " + joined(update.values));
  if (update.values != update.partition.values) {
    TICKLAKE_ASSIGN(const auto other, find_partition(table, update.partition.values));
    if (other) return already_exists("Partition already exists.");
  }
  update.partition.created = old->created;
  TICKLAKE_TRY(remove_partition(table, update.values));
  return run("INSERT INTO partitions VALUES (?, ?, ?, ?)",
             {table.database, table.name, key_of(update.partition.values),
              to_text(to_json(update.partition))});
}

aws::Answer<void> Catalog::remove_partition(const Table& table, const Values& values) {
  TICKLAKE_TRY(run("DELETE FROM partitions WHERE database = ? AND name = ? AND key = ?",
                   {table.database, table.name, key_of(values)}));
  TICKLAKE_ASSIGN(const int64_t removed, answered(documents_.changes()));
  if (removed == 0) return not_found("Partition not found: " + joined(values));
  return {};
}

aws::Answer<std::vector<Catalog::Outcome>> Catalog::each_in_transaction(
    std::string_view database, std::string_view table, size_t count,
    const std::function<aws::Answer<void>(const Table&, size_t)>& change) {
  std::vector<Outcome> outcomes(count);
  const std::lock_guard lock(mutex_);
  TICKLAKE_TRY(in_transaction([&]() -> aws::Answer<void> {
    TICKLAKE_ASSIGN(const Table found, find_table(database, table));
    for (size_t i = 0; i < count; ++i) {
      const auto changed = change(found, i);
      if (changed) continue;
      if (changed.error().kind == aws::ErrorKind::kInternal) {
        return tl::unexpected(changed.error());
      }
      outcomes[i] = changed.error();
    }
    return {};
  }));
  return outcomes;
}

aws::Answer<std::vector<Catalog::Outcome>> Catalog::create_partitions(
    std::string_view database, std::string_view table, std::vector<Partition> partitions) {
  return each_in_transaction(database, table, partitions.size(), [&](const Table& found, size_t i) {
    return add_partition(found, partitions[i]);
  });
}

aws::Answer<std::vector<Catalog::Outcome>> Catalog::update_partitions(
    std::string_view database, std::string_view table, std::vector<PartitionUpdate> updates) {
  return each_in_transaction(database, table, updates.size(), [&](const Table& found, size_t i) {
    return change_partition(found, updates[i]);
  });
}

aws::Answer<std::vector<Catalog::Outcome>> Catalog::delete_partitions(
    std::string_view database, std::string_view table, std::span<const Values> partitions) {
  return each_in_transaction(database, table, partitions.size(), [&](const Table& found, size_t i) {
    return remove_partition(found, partitions[i]);
  });
}

aws::Answer<std::vector<std::optional<Partition>>> Catalog::get_partitions(
    std::string_view database, std::string_view table, std::span<const Values> partitions) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(const Table found, find_table(database, table));
  std::vector<std::optional<Partition>> result;
  for (const Values& values : partitions) {
    TICKLAKE_TRY(check_values(found, values));
    TICKLAKE_ASSIGN(auto partition, find_partition(found, values));
    result.push_back(std::move(partition));
  }
  return result;
}

aws::Answer<Page<Partition>> Catalog::list_partitions(std::string_view database,
                                                      std::string_view table,
                                                      const PartitionFilter& filter,
                                                      const PageRequest& page) {
  /// Rows that are read at a time, so that a table of any size takes little memory.
  constexpr int64_t kRowsAtATime = 1'000;
  TICKLAKE_ASSIGN(std::string after, last_key_of(page));
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(const Table found, find_table(database, table));
  TICKLAKE_ASSIGN(const auto expression,
                  PartitionExpression::parse(filter.expression, found.partition_keys));
  Page<Partition> result;
  while (true) {
    TICKLAKE_ASSIGN(const auto rows, answered(documents_.rows(
                                         "SELECT key, document FROM partitions WHERE database = ?"
                                         " AND name = ? AND key > ? ORDER BY key LIMIT ?",
                                         {found.database, found.name, after, kRowsAtATime})));
    for (const base::SqliteDocuments::Row& row : rows) {
      TICKLAKE_ASSIGN(const auto key, kept_json(row.key));
      const auto values = key.get<Values>();
      if (filter.segments > 1 && hash_of(row.key) % filter.segments != filter.segment) continue;
      if (values.size() == found.partition_keys.size() && !expression.matches(values)) continue;
      if (result.items.size() == page.max) {
        result.next_token = page_token(key_of(result.items.back().values));
        return result;
      }
      TICKLAKE_ASSIGN(Partition partition, parse_partition(row.document));
      result.items.push_back(std::move(partition));
    }
    if (static_cast<int64_t>(rows.size()) < kRowsAtATime) return result;
    after = rows.back().key;
  }
}

aws::Answer<std::vector<Partition>> Catalog::all_partitions(std::string_view database,
                                                            std::string_view table,
                                                            const std::string& expression) {
  TICKLAKE_ASSIGN(auto page,
                  list_partitions(database, table, {.expression = expression}, {SIZE_MAX, {}}));
  return std::move(page.items);
}

}  // namespace ticklake::catalog
