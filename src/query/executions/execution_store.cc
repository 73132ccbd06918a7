#include "query/executions/execution_store.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

namespace ticklake::query::executions {
namespace {

using nlohmann::json;

/// "tkqx" in ASCII.
constexpr base::SqliteSchema kSchema{
    .what = "one of query executions",
    .application_id = 0x746b7178,
    .version = 1,
    .create =
        "CREATE TABLE executions (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL "
        "UNIQUE, work_group TEXT NOT NULL, token TEXT NOT NULL, caller TEXT NOT NULL, is_final "
        "INTEGER NOT NULL, submitted INTEGER NOT NULL, record TEXT NOT NULL) STRICT;"
        "CREATE INDEX executions_token ON executions (token) WHERE token <> '';"
        "CREATE INDEX executions_group ON executions (work_group, sequence);"
        "CREATE INDEX executions_open ON executions (is_final) WHERE is_final = 0;"
        "CREATE TABLE documents (kind TEXT, key TEXT, document TEXT NOT NULL, "
        "PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;"};

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

/// The same of a document that may not be there.
template <typename Read>
auto read_found(const base::Result<std::optional<std::string>>& found, Read read)
    -> base::Result<std::optional<decltype(read(std::declval<const json&>()))>> {
  if (!found) return tl::unexpected(found.error());
  if (!*found) return std::nullopt;
  return read_document(**found, read);
}

template <typename Read>
auto read_all(const base::Result<std::vector<std::string>>& found, Read read)
    -> base::Result<std::vector<decltype(read(std::declval<const json&>()))>> {
  if (!found) return tl::unexpected(found.error());
  std::vector<decltype(read(std::declval<const json&>()))> all;
  for (const std::string& document : *found) {
    TICKLAKE_ASSIGN(auto one, read_document(document, read));
    all.push_back(std::move(one));
  }
  return all;
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

/// Before which sequence a page of executions begins.
base::Result<int64_t> sequence_of(std::string_view token) {
  int64_t before = INT64_MAX;
  const char* const end = token.data() + token.size();
  if (!token.empty() && std::from_chars(token.data(), end, before).ptr != end) {
    return base::fail(base::ErrorCode::kInvalidArgument, "the token of the page is nobody's");
  }
  return before;
}

/// Of ids and sequences, one more than `max` if there are more.
Listed<std::string> listed(const std::vector<base::SqliteDocuments::Row>& rows, size_t max) {
  Listed<std::string> listed;
  for (size_t i = 0; i < std::min(rows.size(), max); ++i)
    listed.items.push_back(rows[i].key);
  if (rows.size() > max) listed.next = max > 0 ? rows[max - 1].document : "0";
  return listed;
}

std::string prepared_key(std::string_view work_group, std::string_view name) {
  return std::string(work_group).append("/").append(name);
}

}  // namespace

base::Result<std::unique_ptr<ExecutionStore>> ExecutionStore::open(base::FileSystem& files,
                                                                   const base::Path& path,
                                                                   base::WallTime now) {
  TICKLAKE_ASSIGN(auto file, base::SqliteDocuments::open(files, path, kSchema));
  auto store = std::unique_ptr<ExecutionStore>(new ExecutionStore(std::move(file)));
  TICKLAKE_ASSIGN(auto transaction, store->file_.begin());
  TICKLAKE_TRY(store->end_unfinished(now));
  TICKLAKE_TRY(transaction.commit());
  return store;
}

base::Result<void> ExecutionStore::end_unfinished(base::WallTime now) {
  TICKLAKE_TRY(file_.run("DELETE FROM executions WHERE submitted < ?",
                         {base::to_unix_ms(now - kExecutionsKept)}));
  TICKLAKE_ASSIGN(const auto open,
                  file_.rows("SELECT id, record FROM executions WHERE is_final = 0", {}));
  for (const base::SqliteDocuments::Row& row : open) {
    auto execution = parse_record(row.document);
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
  const std::string record = to_record(execution);
  return file_.run(
      "INSERT INTO executions (id, work_group, token, caller, is_final, submitted, record) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_final = excluded.is_final, "
      "record = excluded.record",
      {execution.id, execution.work_group, execution.token, execution.caller,
       int64_t{is_final(execution.state) ? 1 : 0}, base::to_unix_ms(execution.submitted), record});
}

base::Result<std::optional<Execution>> ExecutionStore::find_one(
    std::string_view sql, base::SqliteDocuments::Arguments arguments) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(const auto record, file_.one(sql, arguments));
  if (!record) return std::nullopt;
  auto execution = parse_record(*record);
  if (!execution) return unreadable();
  return execution;
}

base::Result<std::optional<Execution>> ExecutionStore::find(std::string_view id) {
  return find_one("SELECT record FROM executions WHERE id = ?", {id});
}

base::Result<std::optional<Execution>> ExecutionStore::find_token(std::string_view token,
                                                                  std::string_view caller) {
  if (token.empty()) return std::nullopt;
  return find_one(
      "SELECT record FROM executions WHERE token = ? AND token <> '' AND caller = ? "
      "ORDER BY sequence DESC LIMIT 1",
      {token, caller});
}

base::Result<Listed<std::string>> ExecutionStore::list(std::string_view work_group, size_t max,
                                                       std::string_view next) {
  TICKLAKE_ASSIGN(const int64_t before, sequence_of(next));
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(const auto rows,
                  file_.rows("SELECT id, sequence FROM executions WHERE work_group = ? AND "
                             "sequence < ? ORDER BY sequence DESC LIMIT ?",
                             {work_group, before, static_cast<int64_t>(max) + 1}));
  return listed(rows, max);
}

base::Result<Listed<std::string>> ExecutionStore::list_all(size_t max, std::string_view next) {
  TICKLAKE_ASSIGN(const int64_t before, sequence_of(next));
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(const auto rows, file_.rows("SELECT id, sequence FROM executions WHERE "
                                              "sequence < ? ORDER BY sequence DESC LIMIT ?",
                                              {before, static_cast<int64_t>(max) + 1}));
  return listed(rows, max);
}

base::Result<void> ExecutionStore::put_document(std::string_view kind, std::string_view key,
                                                const std::string& document) {
  const std::lock_guard lock(mutex_);
  return file_.run(
      "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET "
      "document = excluded.document",
      {kind, key, document});
}

base::Result<std::optional<std::string>> ExecutionStore::find_document(std::string_view kind,
                                                                       std::string_view key) {
  const std::lock_guard lock(mutex_);
  return file_.one("SELECT document FROM documents WHERE kind = ? AND key = ?", {kind, key});
}

base::Result<bool> ExecutionStore::remove_document(std::string_view kind, std::string_view key) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_TRY(file_.run("DELETE FROM documents WHERE kind = ? AND key = ?", {kind, key}));
  TICKLAKE_ASSIGN(const int64_t changes, file_.changes());
  return changes > 0;
}

base::Result<std::vector<std::string>> ExecutionStore::documents(std::string_view kind,
                                                                 std::string_view key_prefix) {
  const std::lock_guard lock(mutex_);
  TICKLAKE_ASSIGN(auto rows, file_.rows("SELECT key, document FROM documents WHERE kind = ?1 AND "
                                        "substr(key, 1, length(?2)) = ?2 ORDER BY key",
                                        {kind, key_prefix}));
  std::vector<std::string> all;
  for (base::SqliteDocuments::Row& row : rows)
    all.push_back(std::move(row.document));
  return all;
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
  return read_found(find_document("named", id), named_of);
}

base::Result<bool> ExecutionStore::remove_named(std::string_view id) {
  return remove_document("named", id);
}

base::Result<std::vector<std::string>> ExecutionStore::list_named(std::string_view work_group) {
  TICKLAKE_ASSIGN(const auto all, read_all(documents("named", ""), named_of));
  std::vector<std::string> ids;
  for (const NamedQuery& query : all) {
    if (query.work_group == work_group) ids.push_back(query.id);
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
  return read_found(find_document("prepared", prepared_key(work_group, name)), prepared_of);
}

base::Result<bool> ExecutionStore::remove_prepared(std::string_view work_group,
                                                   std::string_view name) {
  return remove_document("prepared", prepared_key(work_group, name));
}

base::Result<std::vector<PreparedStatement>> ExecutionStore::list_prepared(
    std::string_view work_group) {
  return read_all(documents("prepared", prepared_key(work_group, "")), prepared_of);
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
  return read_found(find_document("group", name), group_of);
}

base::Result<bool> ExecutionStore::remove_group(std::string_view name) {
  return remove_document("group", name);
}

base::Result<std::vector<WorkGroup>> ExecutionStore::list_groups() {
  return read_all(documents("group", ""), group_of);
}

}  // namespace ticklake::query::executions
