#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service_error.h"
#include "base/clock.h"
#include "base/file_system.h"
#include "base/sqlite_documents.h"
#include "catalog/model.h"
#include "catalog/page.h"

namespace ticklake::catalog {

/// Of the tables that a sink writes.
inline constexpr std::string_view kLiveDatabase = "ticklake";

/// Databases, tables and partitions as Glue's Data Catalog has them, kept in one SQLite file. A
/// change is on disk before it is acknowledged, all of it or nothing. Safe from any thread, and
/// from several processes. May block. Names are folded to lower case here.
///
/// Refusals are Glue's own: EntityNotFoundException, AlreadyExistsException, InvalidInputException,
/// ConcurrentModificationException; kInternal if the disk failed.
class Catalog {
 public:
  /// Made if it is not there, with the databases `default` and `ticklake`. `clock` must outlive it.
  static base::Result<std::unique_ptr<Catalog>> open(base::FileSystem& files,
                                                     const base::Path& path,
                                                     const base::Clock& clock);

  aws::Answer<void> create_database(Database database);
  aws::Answer<Database> get_database(std::string_view name);
  /// By name.
  aws::Answer<Page<Database>> list_databases(const PageRequest& page);
  aws::Answer<void> update_database(std::string_view name, Database database);
  /// With all that is in it.
  aws::Answer<void> delete_database(std::string_view name);

  /// `created_by`: the ARN of who asks; may be empty.
  aws::Answer<void> create_table(std::string_view database, Table table,
                                 std::string_view created_by = {});
  aws::Answer<Table> get_table(std::string_view database, std::string_view name);
  /// By name, those only whose name `accepts`; null takes all.
  aws::Answer<Page<Table>> list_tables(std::string_view database, const PageRequest& page,
                                       const std::function<bool(std::string_view)>& accepts = {});
  struct UpdateOptions {
    /// The version that the change was made from; ConcurrentModificationException if it is not the
    /// current one.
    std::optional<std::string> version = {};
    bool keeps_old = true;  ///< the version that it replaces
  };
  /// Puts `table` in the place of the one of its name, as the next version.
  aws::Answer<void> update_table(std::string_view database, Table table,
                                 const UpdateOptions& options);
  /// With its versions and partitions.
  aws::Answer<void> delete_table(std::string_view database, std::string_view name);

  /// Newest first, the current one included.
  aws::Answer<Page<Table>> list_table_versions(std::string_view database, std::string_view table,
                                               const PageRequest& page);
  /// `version` empty: the current one.
  aws::Answer<Table> get_table_version(std::string_view database, std::string_view table,
                                       std::string_view version);
  /// The current one cannot be deleted.
  aws::Answer<void> delete_table_version(std::string_view database, std::string_view table,
                                         std::string_view version);

  /// What happened to one of several partitions; none: it worked.
  using Outcome = std::optional<aws::ServiceError>;
  using Values = std::vector<std::string>;

  /// In one transaction; those that cannot be are left out. Refuses as a whole only if the table is
  /// not there.
  aws::Answer<std::vector<Outcome>> create_partitions(std::string_view database,
                                                      std::string_view table,
                                                      std::vector<Partition> partitions);
  struct PartitionUpdate {
    Values values;  ///< of the partition as it is
    Partition partition;
  };
  aws::Answer<std::vector<Outcome>> update_partitions(std::string_view database,
                                                      std::string_view table,
                                                      std::vector<PartitionUpdate> updates);
  aws::Answer<std::vector<Outcome>> delete_partitions(std::string_view database,
                                                      std::string_view table,
                                                      std::span<const Values> partitions);
  /// None where there is no such partition.
  aws::Answer<std::vector<std::optional<Partition>>> get_partitions(
      std::string_view database, std::string_view table, std::span<const Values> partitions);
  struct PartitionFilter {
    std::string expression = {};  ///< PartitionExpression
    size_t segment = 0;           ///< this part of so many
    size_t segments = 1;
  };
  aws::Answer<Page<Partition>> list_partitions(std::string_view database, std::string_view table,
                                               const PartitionFilter& filter,
                                               const PageRequest& page);
  /// All that match, in the order of their values.
  aws::Answer<std::vector<Partition>> all_partitions(std::string_view database,
                                                     std::string_view table,
                                                     const std::string& expression = {});

 private:
  Catalog(base::SqliteDocuments documents, const base::Clock& clock)
      : documents_(std::move(documents)), clock_(clock) {}

  // All below: with mutex_ held. Catalog's own failures become kInternal.
  aws::Answer<Database> find_database(std::string_view name);
  aws::Answer<Table> find_table(std::string_view database, std::string_view name);
  aws::Answer<void> put_table(const Table& table);
  aws::Answer<void> check_values(const Table& table, const Values& values) const;
  aws::Answer<void> add_partition(const Table& table, Partition& partition);
  aws::Answer<void> change_partition(const Table& table, PartitionUpdate& update);
  aws::Answer<void> remove_partition(const Table& table, const Values& values);
  aws::Answer<std::optional<Partition>> find_partition(const Table& table, const Values& values);
  /// Runs `change` in a transaction that is committed unless it refuses.
  aws::Answer<void> in_transaction(const std::function<aws::Answer<void>()>& change);
  aws::Answer<std::vector<Outcome>> each_in_transaction(
      std::string_view database, std::string_view table, size_t count,
      const std::function<aws::Answer<void>(const Table&, size_t)>& change);
  aws::Answer<void> run(std::string_view sql, base::SqliteDocuments::Arguments arguments);

  std::mutex mutex_;
  base::SqliteDocuments documents_;
  const base::Clock& clock_;
};

}  // namespace ticklake::catalog
