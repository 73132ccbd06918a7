#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "catalog/model_json.h"
#include "catalog/sink_table.h"
#include "cli/command.h"
#include "cli/lake_commands.h"
#include "lake/bucket_store.h"
#include "lake/chain.h"
#include "lake/layout.h"
#include "lake/local_object_store.h"
#include "lake/table_names.h"
#include "market/time_text.h"
#include "query/executions/create_table_text.h"
#include "query/executions/s3_location.h"

namespace ticklake::cli {
namespace {

struct DdlFlags {
  std::string table;
  std::string lake = "ticklake-data/lake";
  std::string location;
  std::string name;
  std::string engine = "athena";
};

/// The lake's table that SQL calls `name`, as its folder.
base::Result<std::string> folder_of(lake::ObjectStore& store, const DdlFlags& flags) {
  TICKLAKE_ASSIGN(const auto folders, lake::list_tables(store));
  TICKLAKE_ASSIGN(const auto names, lake::read_table_names(store, folders));
  std::string known;
  for (const auto& [folder, name] : names) {
    if (lake::same_name(name, flags.table)) return folder;
    known += (known.empty() ? "" : ", ") + name;
  }
  return base::fail(base::ErrorCode::kNotFound,
                    "there is no table " + flags.table + " in " + store.location(),
                    known.empty() ? "no sink has written there yet" : "its tables are " + known,
                    "ticklake lake ddl TABLE --lake DIR");
}

/// What the files are, and what other engines will not read of them, told on stderr.
base::Result<catalog::SinkFiles> read_files(lake::ObjectStore& store, const std::string& folder,
                                            const std::string& table) {
  catalog::SinkFiles files;
  std::vector<lake::BoundaryRecord> records;
  TICKLAKE_ASSIGN(const auto ids, lake::list_chains(store, folder));
  for (const lake::ChainId& id : ids) {
    TICKLAKE_ASSIGN(lake::Chain chain, lake::read_chain(store, id));
    for (lake::BoundaryRecord& record : chain.records) {
      if (record.files.empty()) continue;
      files.add(record);
      records.push_back(std::move(record));
    }
  }
  if (records.empty()) {
    return base::fail(base::ErrorCode::kNotFound, "the table " + table + " has no files yet",
                      "its rows are written when a sink flushes", "try again after --flush-age");
  }
  std::set<std::string> changed;
  for (const lake::BoundaryRecord& record : records) {
    if (record.encoding != files.encoding) {
      return base::fail(base::ErrorCode::kUnsupported, "cannot describe " + table + " to Athena",
                        "some of its files are Parquet and some are JSON lines");
    }
    for (const catalog::HiveField& field : catalog::sink_fields(record.schema)) {
      const auto now = std::ranges::find(files.fields, field.name, &catalog::HiveField::name);
      if (now != files.fields.end() && now->type != field.type) changed.insert(field.name);
    }
  }
  for (const std::string& name : changed) {
    fmt::print(stderr,
               "note: {} has another type in older files: Athena refuses to read it there\n", name);
  }
  return files;
}

/// `dt` from the first day of the lake to tomorrow, or to its last day if that is later.
void add_projection(const catalog::SinkFiles& files, base::WallTime now,
                    catalog::Parameters& parameters) {
  const auto is_day = [](const std::string& day) { return day != lake::kNoDay; };
  const auto first = std::ranges::find_if(files.days, is_day);
  std::string last;
  for (const std::string& day : files.days)
    last = is_day(day) ? day : last;
  constexpr size_t kDayBytes = 10;  // of 2026-11-29T00:00:00Z
  const std::string tomorrow =
      market::to_rfc3339(now + std::chrono::days(1), 0).substr(0, kDayBytes);
  if (files.days.contains(std::string(lake::kNoDay))) {
    fmt::print(stderr,
               "note: rows whose Kafka timestamp is no time (dt={}) are in no projected "
               "partition\n",
               lake::kNoDay);
  }
  std::string end = "NOW+1DAYS";
  if (last > tomorrow) {
    fmt::print(stderr, "note: there are rows of {}; print this again for later ones\n", last);
    end = last;
  }
  const std::string key = std::string("projection.") + catalog::kDayColumn + ".";
  parameters["projection.enabled"] = "true";
  parameters[key + "type"] = "date";
  parameters[key + "format"] = "yyyy-MM-dd";
  parameters[key + "range"] = (first == files.days.end() ? "NOW" : *first) + "," + end;
  parameters[key + "interval"] = "1";
  parameters[key + "interval.unit"] = "DAYS";
}

base::Result<std::string> location_of(const DdlFlags& flags, const std::string& folder) {
  std::string location = flags.location;
  if (location.empty()) {
    location = "s3://" + std::string(lake::kLakeBucket) + "/" + folder;
  }
  if (!location.ends_with('/')) location += '/';
  const bool is_plain = location.find_first_of("'\"\\`\r\n") == std::string::npos;
  if (query::executions::S3Location::parse(location) && is_plain) return location;
  return base::fail(base::ErrorCode::kInvalidArgument, "cannot use the location " + location,
                    "it is no s3:// address, or has quotes or backslashes",
                    "--location s3://BUCKET/PREFIX/TABLE/");
}

base::Result<void> print_ddl(const DdlFlags& flags) {
  base::PosixFileSystem file_system;
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(const base::Path path, lake::local_lake_path(flags.lake));
  TICKLAKE_ASSIGN(
      const auto store,
      lake::LocalObjectStore::open(file_system, path, lake::LocalObjectStore::Access::kReadOnly));
  TICKLAKE_ASSIGN(const std::string folder, folder_of(*store, flags));
  TICKLAKE_ASSIGN(const std::string location, location_of(flags, folder));
  TICKLAKE_ASSIGN(const catalog::SinkFiles files, read_files(*store, folder, flags.table));
  const std::string name = catalog::folded(flags.name.empty() ? flags.table : flags.name);
  const size_t dot = name.find('.');
  catalog::Table table =
      catalog::sink_table(name.substr(dot == name.npos ? 0 : dot + 1), location, files);
  if (dot != std::string::npos) table.database = name.substr(0, dot);
  // No sink keeps this one up to date in the catalog: nothing has to.
  table.parameters = {{"classification", std::string(lake::encoding_name(files.encoding))}};
  add_projection(files, clock.wall_now(), table.parameters);
  std::fputs(query::executions::create_external_table_sql(table).c_str(), stdout);
  return {};
}

}  // namespace

void add_lake_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<DdlFlags>();
  CLI::App& parent = *app.add_subcommand("lake", "Look after a lake");
  parent.require_subcommand(1);
  add_lake_ls_command(parent, action);
  add_lake_stats_command(parent, action);
  add_lake_verify_command(parent, action);
  add_lake_repair_command(parent, action);
  CLI::App* const command = parent.add_subcommand(
      "ddl", "Print the CREATE TABLE by which another engine reads a sink's files");
  command->add_option("table", flags->table, "of the lake, as SQL calls it")
      ->required()
      ->type_name("TABLE");
  command->add_option("--engine", flags->engine, "athena: Amazon Athena, with projected partitions")
      ->check(CLI::IsMember({"athena"}))
      ->capture_default_str();
  command->add_option("--lake", flags->lake, "folder or file:// URL")->capture_default_str();
  command->add_option("--location", flags->location,
                      "of its files in S3; default: s3://lake/TABLE/");
  command->add_option("--as", flags->name, "[DATABASE.]TABLE to make, if not called alike");
  command->callback([flags, &action] { action = [flags] { return print_ddl(*flags); }; });
}

}  // namespace ticklake::cli
