#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sqlite_documents.h"
#include "query/executions/execution.h"

namespace ticklake::query::executions {

/// A query that somebody gave a name.
struct NamedQuery {
  std::string id;  ///< a UUID
  std::string name;
  std::string description = {};
  std::string database;
  std::string sql;
  std::string work_group;
};

struct PreparedStatement {
  std::string name;
  std::string work_group;
  std::string sql;
  std::string description = {};
  base::WallTime modified{};
};

struct WorkGroup {
  std::string name;
  std::string description = {};
  bool is_enabled = true;
  std::string output_location = {};  ///< `s3://…`; empty: none
  bool enforces_configuration = false;
  bool publishes_metrics = false;
  bool requester_pays = false;
  std::optional<uint64_t> bytes_scanned_cutoff = {};
  base::WallTime created{};
};

/// The work group that is always there.
inline constexpr std::string_view kPrimaryWorkGroup = "primary";
/// How long Athena keeps what is known of a query.
inline constexpr std::chrono::hours kExecutionsKept{24 * 45};

template <typename T>
struct Listed {
  std::vector<T> items;
  std::string next = {};  ///< for the next page; empty at the end
};

/// Executions, named queries, prepared statements and work groups in one SQLite file: what is put
/// is on disk when the call returns. Safe from any thread. Errors: kIo, kNoSpace, kCorrupt.
class ExecutionStore {
 public:
  /// Made if it is not there. Executions that were not finished are FAILED from now on; those that
  /// are older than kExecutionsKept are gone.
  static base::Result<std::unique_ptr<ExecutionStore>> open(base::FileSystem& files,
                                                            const base::Path& path,
                                                            base::WallTime now);

  /// A new one, or another state of one that is there.
  base::Result<void> put(const Execution& execution);
  base::Result<std::optional<Execution>> find(std::string_view id);
  /// The newest with that ClientRequestToken of that caller.
  base::Result<std::optional<Execution>> find_token(std::string_view token,
                                                    std::string_view caller);
  /// Ids of a work group's, newest first. kInvalidArgument for a `next` of nobody's.
  base::Result<Listed<std::string>> list(std::string_view work_group, size_t max,
                                         std::string_view next);
  /// The same of all work groups.
  base::Result<Listed<std::string>> list_all(size_t max, std::string_view next);

  base::Result<void> put(const NamedQuery& query);
  base::Result<std::optional<NamedQuery>> find_named(std::string_view id);
  base::Result<bool> remove_named(std::string_view id);
  base::Result<std::vector<std::string>> list_named(std::string_view work_group);

  base::Result<void> put(const PreparedStatement& statement);
  base::Result<std::optional<PreparedStatement>> find_prepared(std::string_view work_group,
                                                               std::string_view name);
  base::Result<bool> remove_prepared(std::string_view work_group, std::string_view name);
  base::Result<std::vector<PreparedStatement>> list_prepared(std::string_view work_group);

  base::Result<void> put(const WorkGroup& group);
  base::Result<std::optional<WorkGroup>> find_group(std::string_view name);
  base::Result<bool> remove_group(std::string_view name);
  base::Result<std::vector<WorkGroup>> list_groups();

 private:
  explicit ExecutionStore(base::SqliteDocuments file) : file_(std::move(file)) {}
  base::Result<void> end_unfinished(base::WallTime now);
  base::Result<void> put_locked(const Execution& execution);
  base::Result<std::optional<Execution>> find_one(std::string_view sql,
                                                  base::SqliteDocuments::Arguments arguments);
  /// Documents of one kind.
  base::Result<void> put_document(std::string_view kind, std::string_view key,
                                  const std::string& document);
  base::Result<std::optional<std::string>> find_document(std::string_view kind,
                                                         std::string_view key);
  base::Result<bool> remove_document(std::string_view kind, std::string_view key);
  base::Result<std::vector<std::string>> documents(std::string_view kind,
                                                   std::string_view key_prefix);

  std::mutex mutex_;
  base::SqliteDocuments file_;
};

}  // namespace ticklake::query::executions
