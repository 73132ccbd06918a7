#include "query/executions/execution_store.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "base/assert.h"

namespace ticklake::query::executions {
namespace {

using nlohmann::json;

/// SQLite's application_id: "tkqx" in ASCII.
constexpr int64_t kApplicationId = 0x746b7178;
constexpr int64_t kSchemaVersion = 1;

constexpr const char* kCreate =
    "CREATE TABLE executions (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, "
    "work_group TEXT NOT NULL, token TEXT NOT NULL, caller TEXT NOT NULL, is_final INTEGER NOT "
    "NULL, submitted INTEGER NOT NULL, record TEXT NOT NULL) STRICT;"
    "CREATE INDEX executions_token ON executions (token) WHERE token <> '';"
    "CREATE INDEX executions_group ON executions (work_group, sequence);"
    "CREATE INDEX executions_open ON executions (is_final) WHERE is_final = 0;"
    "CREATE TABLE documents (kind TEXT, key TEXT, document TEXT NOT NULL, PRIMARY KEY (kind, key)) "
    "STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 1953198456; PRAGMA user_version = 1;";
static_assert(kApplicationId == 1'953'198'456 && kSchemaVersion == 1);

base::Result<void> run(base::SqliteStatement& statement) {
  TICKLAKE_ASSIGN(const bool has_row, statement.step());
  TICKLAKE_ASSERT(!has_row);
  return {};
}

tl::unexpected<base::Error> unreadable() {
  return base::fail(base::ErrorCode::kCorrupt, "cannot read the file of query executions",
                    "a record in it does not parse", "restore the file from a copy");
}

std::string dumped(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// What a document makes, unless its members are not those that we write.
template <typename Read>
auto read_document(const std::string& document, Read read)
    -> base::Result<decltype(read(std::declval<const json&>()))> {
  try {
    return read(json::parse(document));
  } catch (const json::exception&) {
    return unreadable();
  }
}

NamedQuery named_of(const json& j) {
  return {j.at("id").get<std::string>(),          j.at("name").get<std::string>(),
          j.at("description").get<std::string>(), j.at("database").get<std::string>(),
          j.at("sql").get<std::string>(),         j.at("workGroup").get<std::string>()};
}

PreparedStatement prepared_of(const json& j) {
  return {j.at("name").get<std::string>(), j.at("workGroup").get<std::string>(),
          j.at("sql").get<std::string>(), j.at("description").get<std::string>(),
          base::WallTime{std::chrono::milliseconds(j.at("modified").get<int64_t>())}};
}

WorkGroup group_of(const json& j) {
  WorkGroup group;
  group.name = j.at("name").get<std::string>();
  group.description = j.at("description").get<std::string>();
  group.is_enabled = j.at("enabled").get<bool>();
  group.output_location = j.at("output").get<std::string>();
  group.enforces_configuration = j.at("enforces").get<bool>();
  group.publishes_metrics = j.at("metrics").get<bool>();
  group.requester_pays = j.at("requesterPays").get<bool>();
  if (j.contains("cutoff")) group.bytes_scanned_cutoff = j.at("cutoff").get<uint64_t>();
  group.created = base::WallTime{std::chrono::milliseconds(j.at("created").get<int64_t>())};
  return group;
}

std::string prepared_key(std::string_view work_group, std::string_view name) {
  return std::string(work_group).append("/").append(name);
}

}  // namespace

base::Result<std::unique_ptr<ExecutionStore>> ExecutionStore::open(base::FileSystem& files,
                                                                   const base::Path& path,
                                                                   base::WallTime now) {
  TICKLAKE_ASSIGN(auto database, base::SqliteDatabase::open_secret(files, path));
  auto store = std::unique_ptr<ExecutionStore>(new ExecutionStore(std::move(database)));
  TICKLAKE_TRY(store->set_up(path, now));
  return store;
}

base::Result<void> ExecutionStore::set_up(const base::Path& path, base::WallTime now) {
  TICKLAKE_ASSIGN(auto transaction, base::SqliteTransaction::begin(database_));
  TICKLAKE_ASSIGN(const int64_t application, database_.query_number("PRAGMA application_id"));
  TICKLAKE_ASSIGN(const int64_t version, database_.query_number("PRAGMA user_version"));
  const bool is_new = application == 0 && version == 0;
  if (!is_new && (application != kApplicationId || version > kSchemaVersion)) {
    return base::fail(
        base::ErrorCode::kInvalidData, "cannot use " + path.string(),
        "it is no file of query executions of version " + std::to_string(kSchemaVersion),
        "use the ticklake that made it, or a later one");
  }
  if (is_new) TICKLAKE_TRY(database_.execute(kCreate));
  TICKLAKE_TRY(end_unfinished(now));
  return transaction.commit();
}

base::Result<void> ExecutionStore::end_unfinished(base::WallTime now) {
  TICKLAKE_ASSIGN(auto old, database_.prepare("DELETE FROM executions WHERE submitted < ?"));
  old.bind(1, base::to_unix_ms(now - kExecutionsKept));
  TICKLAKE_TRY(run(old));
  std::vector<std::string> records;
  TICKLAKE_ASSIGN(auto select,
                  database_.prepare("SELECT record FROM executions WHERE is_final = 0"));
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, select.step());
    if (!has_row) break;
    records.emplace_back(select.text(0));
  }
  for (const std::string& record : records) {
    auto execution = parse_record(record);
    if (!execution) return unreadable();
    execution->state = ExecutionState::kFailed;
    execution->reason = "GENERIC_INTERNAL_ERROR: the server was stopped while the query ran";
    execution->error = {"GENERIC_INTERNAL_ERROR", "the server was stopped while the query ran",
                        athena::ErrorCategory::kSystem};
    execution->completed = now;
    TICKLAKE_TRY(put_locked(*execution));
  }
  return {};
}

base::Result<void> ExecutionStore::put(const Execution& execution) {
  const std::lock_guard lock(mutex_);
  return put_locked(execution);
}

base::Result<void> ExecutionStore::put_locked(const Execution& execution) {
  TICKLAKE_ASSIGN(
      auto insert,
      database_.prepare("INSERT INTO executions (id, work_group, token, caller, is_final, "
                        "submitted, record) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO "
                        "UPDATE SET is_final = excluded.is_final, record = excluded.record"));
  const std::string record = to_record(execution);
  insert.bind(1, execution.id);
  insert.bind(2, execution.work_group);
  insert.bind(3, execution.token);
  insert.bind(4, execution.caller);
  insert.bind(5, int64_t{is_final(execution.state) ? 1 : 0});
  insert.bind(6, base::to_unix_ms(execution.submitted));
  insert.bind(7, record);
  return run(insert);
}

base::Result<std::optional<Execution>> ExecutionStore::find(std::string_view id) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto select, database_.prepare("SELECT record FROM executions WHERE id = ?"));
  select.bind(1, id);
  TICKLAKE_ASSIGN(const bool has_row, select.step());
  if (!has_row) return std::nullopt;
  auto execution = parse_record(select.text(0));
  if (!execution) return unreadable();
  return execution;
}

base::Result<std::optional<Execution>> ExecutionStore::find_token(std::string_view token,
                                                                  std::string_view caller) {
  if (token.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto select,
                  database_.prepare("SELECT record FROM executions WHERE token = ? AND token <> '' "
                                    "AND caller = ? ORDER BY sequence DESC LIMIT 1"));
  select.bind(1, token);
  select.bind(2, caller);
  TICKLAKE_ASSIGN(const bool has_row, select.step());
  if (!has_row) return std::nullopt;
  auto execution = parse_record(select.text(0));
  if (!execution) return unreadable();
  return execution;
}

base::Result<Listed<std::string>> ExecutionStore::list(std::string_view work_group, size_t max,
                                                       std::string_view next) {
  int64_t before = INT64_MAX;
  const char* const end = next.data() + next.size();
  if (!next.empty() && std::from_chars(next.data(), end, before).ptr != end) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the token of the page is nobody's");
  }
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto select,
                  database_.prepare("SELECT id, sequence FROM executions WHERE work_group = ? AND "
                                    "sequence < ? ORDER BY sequence DESC LIMIT ?"));
  select.bind(1, work_group);
  select.bind(2, before);
  select.bind(3, static_cast<int64_t>(max) + 1);
  Listed<std::string> listed;
  int64_t last = 0;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, select.step());
    if (!has_row) return listed;
    if (listed.items.size() == max) {
      listed.next = std::to_string(last);
      return listed;
    }
    listed.items.emplace_back(select.text(0));
    last = select.number(1);
  }
}

base::Result<void> ExecutionStore::put_document(std::string_view kind, std::string_view key,
                                                const std::string& document) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto insert, database_.prepare(
                                   "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind, key) "
                                   "DO UPDATE SET document = excluded.document"));
  insert.bind(1, kind);
  insert.bind(2, key);
  insert.bind(3, document);
  return run(insert);
}

base::Result<std::optional<std::string>> ExecutionStore::find_document(std::string_view kind,
                                                                       std::string_view key) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto select,
                  database_.prepare("SELECT document FROM documents WHERE kind = ? AND key = ?"));
  select.bind(1, kind);
  select.bind(2, key);
  TICKLAKE_ASSIGN(const bool has_row, select.step());
  if (!has_row) return std::nullopt;
  return std::string(select.text(0));
}

base::Result<bool> ExecutionStore::remove_document(std::string_view kind, std::string_view key) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto remove,
                  database_.prepare("DELETE FROM documents WHERE kind = ? AND key = ?"));
  remove.bind(1, kind);
  remove.bind(2, key);
  TICKLAKE_TRY(run(remove));
  TICKLAKE_ASSIGN(const int64_t changes, database_.query_number("SELECT changes()"));
  return changes > 0;
}

base::Result<std::vector<std::string>> ExecutionStore::documents(std::string_view kind,
                                                                 std::string_view key_prefix) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto select,
                  database_.prepare("SELECT document FROM documents WHERE kind = ? AND "
                                    "substr(key, 1, length(?2)) = ?2 ORDER BY key"));
  select.bind(1, kind);
  select.bind(2, key_prefix);
  std::vector<std::string> all;
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, select.step());
    if (!has_row) return all;
    all.emplace_back(select.text(0));
  }
}

base::Result<void> ExecutionStore::put(const NamedQuery& query) {
  return put_document("named", query.id,
                      dumped({{"id", query.id},
                              {"name", query.name},
                              {"description", query.description},
                              {"database", query.database},
                              {"sql", query.sql},
                              {"workGroup", query.work_group}}));
}

base::Result<std::optional<NamedQuery>> ExecutionStore::find_named(std::string_view id) {
  TICKLAKE_ASSIGN(const auto document, find_document("named", id));
  if (!document) return std::nullopt;
  TICKLAKE_ASSIGN(NamedQuery query, read_document(*document, named_of));
  return query;
}

base::Result<bool> ExecutionStore::remove_named(std::string_view id) {
  return remove_document("named", id);
}

base::Result<std::vector<std::string>> ExecutionStore::list_named(std::string_view work_group) {
  TICKLAKE_ASSIGN(const auto all, documents("named", ""));
  std::vector<std::string> ids;
  for (const std::string& document : all) {
    TICKLAKE_ASSIGN(NamedQuery query, read_document(document, named_of));
    if (query.work_group == work_group) ids.push_back(std::move(query.id));
  }
  return ids;
}

base::Result<void> ExecutionStore::put(const PreparedStatement& statement) {
  return put_document("prepared", prepared_key(statement.work_group, statement.name),
                      dumped({{"name", statement.name},
                              {"workGroup", statement.work_group},
                              {"sql", statement.sql},
                              {"description", statement.description},
                              {"modified", base::to_unix_ms(statement.modified)}}));
}

base::Result<std::optional<PreparedStatement>> ExecutionStore::find_prepared(
    std::string_view work_group, std::string_view name) {
  TICKLAKE_ASSIGN(const auto document, find_document("prepared", prepared_key(work_group, name)));
  if (!document) return std::nullopt;
  TICKLAKE_ASSIGN(PreparedStatement statement, read_document(*document, prepared_of));
  return statement;
}

base::Result<bool> ExecutionStore::remove_prepared(std::string_view work_group,
                                                   std::string_view name) {
  return remove_document("prepared", prepared_key(work_group, name));
}

base::Result<std::vector<PreparedStatement>> ExecutionStore::list_prepared(
    std::string_view work_group) {
  TICKLAKE_ASSIGN(const auto all, documents("prepared", prepared_key(work_group, "")));
  std::vector<PreparedStatement> statements;
  for (const std::string& document : all) {
    TICKLAKE_ASSIGN(PreparedStatement statement, read_document(document, prepared_of));
    statements.push_back(std::move(statement));
  }
  return statements;
}

base::Result<void> ExecutionStore::put(const WorkGroup& group) {
  json document{{"name", group.name},
                {"description", group.description},
                {"enabled", group.is_enabled},
                {"output", group.output_location},
                {"enforces", group.enforces_configuration},
                {"metrics", group.publishes_metrics},
                {"requesterPays", group.requester_pays},
                {"created", base::to_unix_ms(group.created)}};
  if (group.bytes_scanned_cutoff) document["cutoff"] = *group.bytes_scanned_cutoff;
  return put_document("group", group.name, dumped(document));
}

base::Result<std::optional<WorkGroup>> ExecutionStore::find_group(std::string_view name) {
  TICKLAKE_ASSIGN(const auto document, find_document("group", name));
  if (!document) return std::nullopt;
  TICKLAKE_ASSIGN(WorkGroup group, read_document(*document, group_of));
  return group;
}

base::Result<bool> ExecutionStore::remove_group(std::string_view name) {
  return remove_document("group", name);
}

base::Result<std::vector<WorkGroup>> ExecutionStore::list_groups() {
  TICKLAKE_ASSIGN(const auto all, documents("group", ""));
  std::vector<WorkGroup> groups;
  for (const std::string& document : all) {
    TICKLAKE_ASSIGN(WorkGroup group, read_document(document, group_of));
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace ticklake::query::executions
