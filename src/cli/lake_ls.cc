#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "cli/lake_commands.h"
#include "cli/lake_store.h"
#include "cli/listing.h"
#include "lake/schema.h"
#include "lake/survey.h"
#include "lake/table_names.h"
#include "market/time_text.h"

namespace ticklake::cli {
namespace {

struct Flags {
  std::string table;
  std::string lake = kDefaultLake;
  bool as_json = false;
};

/// What some records of a table come to.
struct Totals {
  int64_t rows = 0;
  int64_t files = 0;
  uint64_t bytes = 0;
  base::WallTime newest{};

  void add(const lake::TableSurvey& table, const lake::BoundaryRecord& record,
           const lake::DataFile& file) {
    const auto size = table.bytes.find(file.key);
    if (size == table.bytes.end()) return;  // not written yet, or lost: verify tells
    rows += file.rows;
    ++files;
    bytes += size->second;
    newest = std::max(newest, record.created);
  }
  std::vector<std::string> cells() const {
    return {std::to_string(rows), std::to_string(files), std::to_string(bytes),
            newest == base::WallTime{} ? "" : market::to_rfc3339(newest, 0)};
  }
};

std::vector<std::string> with_first(std::string first, std::vector<std::string> rest) {
  rest.insert(rest.begin(), std::move(first));
  return rest;
}

/// Calls `take` with each file that the table's records promise and have not given up.
template <typename Take>
void for_each_file(const lake::TableSurvey& table, const Take& take) {
  for (const lake::SurveyedChain& chain : table.chains) {
    for (lake::BoundaryRecord record : chain.records) {
      if (const lake::GapRecord* const gap = chain.gap_of(record)) leave_out(*gap, record);
      for (const lake::DataFile& file : record.files)
        take(record, file);
    }
  }
}

/// Its Hive partitions, as its key spells them: "dt=2026-11-24".
std::string partitions_in(const lake::DataFile& file) {
  const size_t first = file.key.find('/');
  const size_t last = file.key.rfind('/');
  return first == last ? "" : file.key.substr(first + 1, last - first - 1);
}

/// Folders and SQL names of the tables asked for: all, or the one called so.
base::Result<std::map<std::string, std::string>> tables_of(lake::ObjectStore& store,
                                                           const Flags& flags) {
  TICKLAKE_ASSIGN(const auto folders, lake::list_folders(store));
  TICKLAKE_ASSIGN(auto names, lake::read_table_names(store, folders));
  if (flags.table.empty()) return names;
  std::string known;
  for (const auto& [folder, name] : names) {
    if (lake::same_name(name, flags.table))
      return std::map<std::string, std::string>{{folder, name}};
    known += (known.empty() ? "" : ", ") + name;
  }
  return base::fail(base::ErrorCode::kNotFound,
                    "there is no table " + flags.table + " in " + store.location(),
                    known.empty() ? "no sink has written there yet" : "its tables are " + known,
                    "ticklake lake ls --lake " + flags.lake);
}

const char* output_of(const Flags& flags) { return flags.as_json ? "json" : "table"; }

base::Result<void> list(const Flags& flags) {
  base::PosixFileSystem file_system;
  TICKLAKE_ASSIGN(const auto store, open_lake_store(file_system, flags.lake, LakeAccess::kRead));
  TICKLAKE_ASSIGN(const auto tables, tables_of(*store, flags));
  const bool is_one = !flags.table.empty();
  Listing listing({{is_one ? "partition" : "table"},
                   {"rows", true},
                   {"files", true},
                   {"bytes", true},
                   {"newest_commit"}});
  for (const auto& folder_and_name : tables) {
    const std::string& name = folder_and_name.second;
    TICKLAKE_ASSIGN(const lake::TableSurvey table,
                    lake::survey_table(*store, folder_and_name.first));
    std::map<std::string, Totals> totals;
    if (!is_one) totals[name];
    for_each_file(table, [&](const lake::BoundaryRecord& record, const lake::DataFile& file) {
      totals[is_one ? partitions_in(file) : name].add(table, record, file);
    });
    for (const auto& [what, total] : totals)
      listing.add(with_first(what, total.cells()));
  }
  listing.print(output_of(flags));
  return {};
}

/// A line for each topic partition (of each generation of its topic).
void add_chains(const lake::TableSurvey& table, Listing& listing) {
  for (const lake::SurveyedChain& chain : table.chains) {
    int64_t rows = 0;
    uint64_t files = 0;
    int64_t dead_letters = 0;
    int64_t lost = 0;
    for (lake::BoundaryRecord record : chain.records) {
      dead_letters += record.rejected.count;
      if (const lake::GapRecord* const gap = chain.gap_of(record)) {
        if (gap->files.empty()) lost += record.end - record.start;
        for (const lake::LostFile& file : gap->files)
          lost += file.rows;
        leave_out(*gap, record);
      }
      for (const lake::DataFile& file : record.files) {
        rows += file.rows;
        ++files;
      }
    }
    const int64_t begin = chain.records.empty() ? 0 : chain.records.front().log_start;
    listing.add({chain.id.text(), std::to_string(begin), std::to_string(chain.end()),
                 std::to_string(chain.records.size()), std::to_string(files), std::to_string(rows),
                 std::to_string(dead_letters), std::to_string(lost)});
  }
}

base::Result<void> print_stats(const Flags& flags) {
  base::PosixFileSystem file_system;
  TICKLAKE_ASSIGN(const auto store, open_lake_store(file_system, flags.lake, LakeAccess::kRead));
  TICKLAKE_ASSIGN(const auto tables, tables_of(*store, flags));
  Listing listing({{"partition"},
                   {"begin", true},
                   {"end", true},
                   {"records", true},
                   {"files", true},
                   {"rows", true},
                   {"dead_letters", true},
                   {"lost", true}});
  for (const auto& [folder, name] : tables) {
    TICKLAKE_ASSIGN(const lake::TableSurvey table, lake::survey_table(*store, folder));
    add_chains(table, listing);
  }
  listing.print(output_of(flags));
  return {};
}

void add_flags(CLI::App& command, Flags& flags) {
  command.add_option("table", flags.table, "as SQL calls it; default: all")->type_name("TABLE");
  command.add_option("--lake", flags.lake, "folder or file:// URL")->capture_default_str();
  command.add_flag("--json", flags.as_json, "an object a line");
}

}  // namespace

void add_lake_ls_command(CLI::App& parent, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command =
      *parent.add_subcommand("ls", "List the tables of a lake, or the partitions of one");
  add_flags(command, *flags);
  command.callback([flags, &action] { action = [flags] { return list(*flags); }; });
}

void add_lake_stats_command(CLI::App& parent, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *parent.add_subcommand(
      "stats", "Tell for each topic partition which offsets are in the lake, and as what");
  add_flags(command, *flags);
  command.callback([flags, &action] { action = [flags] { return print_stats(*flags); }; });
}

}  // namespace ticklake::cli
