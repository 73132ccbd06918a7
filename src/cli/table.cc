#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/random.h"
#include "cli/command.h"
#include "cli/listing.h"
#include "lake/chain.h"
#include "lake/layout.h"
#include "lake/local_object_store.h"
#include "lake/schema_chain.h"
#include "lake/table_names.h"
#include "market/table_spec.h"
#include "table/committed_files.h"

namespace ticklake::cli {
namespace {

using Access = lake::LocalObjectStore::Access;

struct Flags {
  std::string table;
  std::string columns;
  std::string event_time;
  std::string symbol;
  std::string lake = "ticklake-data/lake";
  std::string output = "table";
};

/// A lake in a folder, with what it takes to use it.
struct OpenLake {
  std::unique_ptr<base::PosixFileSystem> files = std::make_unique<base::PosixFileSystem>();
  std::unique_ptr<lake::LocalObjectStore> store = {};
};

base::Result<OpenLake> open(const Flags& flags, Access access) {
  OpenLake lake;
  TICKLAKE_ASSIGN(const base::Path folder, lake::local_lake_path(flags.lake));
  TICKLAKE_ASSIGN(lake.store,
                  lake::LocalObjectStore::open(*lake.files, folder, access, base::entropy_seed()));
  return lake;
}

base::Result<void> create(const Flags& flags) {
  market::TableSpec spec;
  TICKLAKE_ASSIGN(spec.columns, market::parse_columns(flags.columns));
  spec.event_time = flags.event_time;
  spec.symbol = flags.symbol;
  TICKLAKE_TRY(market::check(spec));
  if (flags.table.empty() || !lake::is_sunk_topic(flags.table)) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("\"{}\" cannot be a table", flags.table),
                      "no topic of that name becomes one", "choose another name");
  }
  const std::string folder = lake::table_name(flags.table);
  lake::Schema schema = lake::declared_schema(spec);
  for (const lake::Column& column : schema.columns) {
    if (column.name == column.key) continue;
    return base::fail(
        base::ErrorCode::kInvalidArgument, fmt::format("{} cannot be declared", column.key),
        "every table has a column of that name, which is not the producer's",
        fmt::format("leave it out: the key {} becomes the column {}", column.key, column.name));
  }
  TICKLAKE_ASSIGN(const OpenLake lake, open(flags, Access::kReadWrite));
  TICKLAKE_ASSIGN(const auto chains, lake::list_chains(*lake.store, folder));
  if (!chains.empty()) {
    return base::fail(base::ErrorCode::kAlreadyExists, "the table " + folder + " is there",
                      "a sink has written to it", "ticklake table describe shows its columns");
  }
  TICKLAKE_TRY(lake::create_schema(*lake.store, folder, std::move(schema)));
  TICKLAKE_ASSIGN(const std::string name, lake::claim_table_name(*lake.store, folder));
  fmt::print(stderr, "table {} created in {}: what is produced to the topic {} has these columns\n",
             name, lake.store->location(), flags.table);
  return {};
}

/// The tables that have columns or rows, by folder, with their name in SQL.
base::Result<std::map<std::string, std::string>> names_of(lake::ObjectStore& store) {
  TICKLAKE_ASSIGN(const auto folders, lake::list_tables(store));
  return lake::read_table_names(store, folders);
}

base::Result<void> list(const Flags& flags) {
  TICKLAKE_ASSIGN(const OpenLake lake, open(flags, Access::kReadOnly));
  TICKLAKE_ASSIGN(const auto names, names_of(*lake.store));
  Listing listing({{"table"}, {"columns", true}, {"rows", true}, {"event time"}, {"symbol"}});
  for (const auto& [folder, name] : names) {
    TICKLAKE_ASSIGN(const table::LoadedTable loaded, table::load_table(*lake.store, folder));
    if (loaded.schema.columns.empty() && loaded.ends.empty()) continue;
    listing.add({name, std::to_string(loaded.schema.columns.size()),
                 std::to_string(loaded.files.totals().rows), loaded.schema.event_time,
                 loaded.schema.symbol});
  }
  listing.print(flags.output);
  return {};
}

/// The folder of the table that SQL calls so.
base::Result<std::string> folder_of(lake::ObjectStore& store, const Flags& flags) {
  TICKLAKE_ASSIGN(const auto names, names_of(store));
  for (const auto& [folder, name] : names) {
    if (lake::same_name(name, flags.table)) return folder;
  }
  return base::fail(base::ErrorCode::kNotFound,
                    "there is no table " + flags.table + " in " + store.location(), {},
                    "ticklake table list");
}

base::Result<void> describe(const Flags& flags) {
  TICKLAKE_ASSIGN(const OpenLake lake, open(flags, Access::kReadOnly));
  TICKLAKE_ASSIGN(const std::string folder, folder_of(*lake.store, flags));
  TICKLAKE_ASSIGN(const table::LoadedTable loaded, table::load_table(*lake.store, folder));
  Listing listing({{"column"}, {"type"}, {"key"}, {"declared"}, {"role"}});
  for (const lake::Column& column : loaded.schema.columns) {
    std::string role = column.key == loaded.schema.event_time ? "event time" : "";
    if (column.key == loaded.schema.symbol) role = "symbol";
    const bool is_open = column.type == lake::ColumnType::kOpen;
    listing.add({column.name, is_open ? "(only nulls so far)" : lake::type_name(column.type),
                 column.key, column.is_declared ? "yes" : "no", role});
  }
  listing.print(flags.output);
  return {};
}

base::Result<void> drop(const Flags& flags) {
  TICKLAKE_ASSIGN(const OpenLake lake, open(flags, Access::kReadWrite));
  TICKLAKE_ASSIGN(const std::string folder, folder_of(*lake.store, flags));
  TICKLAKE_ASSIGN(const auto chains, lake::list_chains(*lake.store, folder));
  if (!chains.empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument, "will not drop the table " + flags.table,
                      "a sink has written to it: its columns are those of its files",
                      "only what was declared and has no rows can be dropped");
  }
  TICKLAKE_TRY(lake::drop_schema(*lake.store, folder));
  fmt::print(stderr, "table {} dropped\n", flags.table);
  return {};
}

CLI::App* add(CLI::App& command, const char* name, const char* what, Flags& flags) {
  CLI::App* const sub = command.add_subcommand(name, what);
  sub->add_option("--lake", flags.lake, "folder or file:// URL")->capture_default_str();
  return sub;
}

void add_name(CLI::App& command, Flags& flags) {
  command.add_option("name", flags.table, "the table")->required()->type_name("NAME");
}

void add_output(CLI::App& command, Flags& flags) {
  command.add_option("--output", flags.output, "how it is printed")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "csv", "json"}));
}

}  // namespace

void add_table_command(CLI::App& app, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* const command =
      app.add_subcommand("table", "Tables of a lake: declare their columns before there are rows");
  command->require_subcommand(1);

  CLI::App* const creating = add(*command, "create", "Declare a table's columns", *flags);
  add_name(*creating, *flags);
  creating
      ->add_option("columns", flags->columns, "as in SQL: 'symbol VARCHAR, price DECIMAL(18,4)'")
      ->required()
      ->type_name("COLUMNS");
  creating->add_option("--event-time", flags->event_time, "column that _event_time is taken from")
      ->type_name("COLUMN");
  creating->add_option("--symbol", flags->symbol, "column that rows are sorted by in files")
      ->type_name("COLUMN");
  creating->callback([flags, &action] { action = [flags] { return create(*flags); }; });

  CLI::App* const listing = add(*command, "list", "Tables and what they have", *flags);
  add_output(*listing, *flags);
  listing->callback([flags, &action] { action = [flags] { return list(*flags); }; });

  CLI::App* const describing = add(*command, "describe", "A table's columns", *flags);
  add_name(*describing, *flags);
  add_output(*describing, *flags);
  describing->callback([flags, &action] { action = [flags] { return describe(*flags); }; });

  CLI::App* const dropping =
      add(*command, "drop", "Take back what was declared of a table without rows", *flags);
  add_name(*dropping, *flags);
  dropping->callback([flags, &action] { action = [flags] { return drop(*flags); }; });
}

}  // namespace ticklake::cli
