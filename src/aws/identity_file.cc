#include "aws/identity_file.h"

#include <algorithm>

#include "aws/identity_json.h"
#include "aws/request_view.h"
#include "base/assert.h"

namespace ticklake::aws {
namespace {

/// "tkid" in ASCII.
constexpr base::SqliteSchema kSchema{
    .what = "one of identities",
    .application_id = 0x746b6964,
    .version = 1,
    .create =
        "CREATE TABLE users (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE roles (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE policies (arn TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT,"
        " WITHOUT ROWID;"
        "CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"};

constexpr std::string_view kSessionKeyName = "session key";

}  // namespace

base::Result<IdentityFile> IdentityFile::open(base::FileSystem& files, const base::Path& path,
                                              const base::SecretRandom& random) {
  TICKLAKE_ASSIGN(auto database, base::SqliteDatabase::open_secret(files, path));
  IdentityFile file(std::move(database));
  // Another process that makes it at the same time comes first or finds it made.
  TICKLAKE_ASSIGN(auto transaction, file.begin());
  TICKLAKE_ASSIGN(const bool is_new, file.database_.take_schema(kSchema));
  if (is_new) TICKLAKE_TRY(file.make_session_key(random));
  TICKLAKE_TRY(transaction.commit());
  return file;
}

base::Result<void> IdentityFile::make_session_key(const base::SecretRandom& random) {
  SessionKey key;
  random(key);
  TICKLAKE_ASSIGN(auto insert, database_.prepare("INSERT INTO secrets VALUES (?, ?)"));
  insert.bind(1, kSessionKeyName);
  insert.bind(2, base::ByteView(key));
  return insert.run();
}

base::Result<SessionKey> IdentityFile::session_key() {
  TICKLAKE_ASSIGN(auto select, database_.prepare("SELECT value FROM secrets WHERE name = ?"));
  select.bind(1, kSessionKeyName);
  TICKLAKE_ASSIGN(const bool has_row, select.step());
  SessionKey key;
  if (!has_row || select.blob(0).size() != key.size()) {
    return base::fail(base::ErrorCode::kCorrupt, "cannot read the file of identities",
                      "the key of sessions is missing", "restore the file from a copy");
  }
  std::ranges::copy(select.blob(0), key.begin());
  return key;
}

base::Result<int64_t> IdentityFile::change_number() {
  return database_.query_number("PRAGMA data_version");
}

template <typename Parse>
base::Result<void> IdentityFile::load_all(const char* sql, IdentityState& state, Parse parse) {
  TICKLAKE_ASSIGN(auto select, database_.prepare(sql));
  while (true) {
    TICKLAKE_ASSIGN(const bool has_row, select.step());
    if (!has_row) return {};
    auto parsed = parse(select.text(0));
    if (!parsed) return tl::unexpected(std::move(parsed).error());
    using Value = typename decltype(parsed)::value_type;
    state.put(std::make_shared<const Value>(std::move(*parsed)));
  }
}

base::Result<IdentityState> IdentityFile::load() {
  IdentityState state;
  TICKLAKE_TRY(load_all("SELECT document FROM users", state, parse_user));
  TICKLAKE_TRY(load_all("SELECT document FROM roles", state, parse_role));
  TICKLAKE_TRY(load_all("SELECT document FROM policies", state, parse_managed_policy));
  return state;
}

base::Result<void> IdentityFile::put(const char* sql, std::string_view key,
                                     const std::string& document) {
  TICKLAKE_ASSIGN(auto statement, database_.prepare(sql));
  statement.bind(1, key);
  statement.bind(2, document);
  return statement.run();
}

base::Result<void> IdentityFile::remove(const char* sql, std::string_view key) {
  TICKLAKE_ASSIGN(auto statement, database_.prepare(sql));
  statement.bind(1, key);
  return statement.run();
}

base::Result<void> IdentityFile::put(const User& user) {
  return put("INSERT OR REPLACE INTO users VALUES (?, ?)", lower_case(user.name), to_json(user));
}

base::Result<void> IdentityFile::put(const Role& role) {
  return put("INSERT OR REPLACE INTO roles VALUES (?, ?)", lower_case(role.name), to_json(role));
}

base::Result<void> IdentityFile::put(const ManagedPolicy& policy) {
  return put("INSERT OR REPLACE INTO policies VALUES (?, ?)", policy.arn(), to_json(policy));
}

base::Result<void> IdentityFile::remove_user(std::string_view name) {
  return remove("DELETE FROM users WHERE name = ?", lower_case(name));
}

base::Result<void> IdentityFile::remove_role(std::string_view name) {
  return remove("DELETE FROM roles WHERE name = ?", lower_case(name));
}

base::Result<void> IdentityFile::remove_policy(std::string_view arn) {
  return remove("DELETE FROM policies WHERE arn = ?", arn);
}

}  // namespace ticklake::aws
