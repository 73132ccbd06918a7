#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "cli/lake_commands.h"
#include "cli/lake_store.h"
#include "lake/verify.h"
#include "table/database.h"
#include "table/file_check.h"

namespace ticklake::cli {
namespace {

using lake::Finding;
using lake::FindingKind;

struct Flags {
  std::string lake = kDefaultLake;
  bool is_deep = false;
  bool as_json = false;
};

void print_finding(const Finding& finding, bool as_json) {
  if (!as_json) {
    std::puts(to_line(finding).c_str());
    return;
  }
  nlohmann::json json = {{"kind", finding_name(finding.kind)},
                         {"wrong", is_wrong(finding.kind)},
                         {"text", finding.text}};
  if (!finding.key.empty()) json["key"] = finding.key;
  if (!finding.chain.topic.empty()) {
    json["topic"] = finding.chain.topic;
    json["generation"] = finding.chain.generation;
    json["partition"] = finding.chain.partition;
  }
  if (finding.end > 0) {
    json["start"] = finding.start;
    json["end"] = finding.end;
  }
  std::puts(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

int64_t count_of(const lake::RecordCheck& check, FindingKind kind) {
  return std::ranges::count(check.findings, kind, &Finding::kind);
}

std::string summary(const lake::RecordCheck& check, bool is_deep) {
  std::string text =
      fmt::format("proven: {} rows in {} files, {} records of {} partitions, {} tables", check.rows,
                  check.files.size(), check.records, check.partitions, check.tables);
  if (const int64_t gaps = count_of(check, FindingKind::kKnownGap); gaps > 0) {
    text += fmt::format("; {} known {}", gaps, gaps == 1 ? "gap" : "gaps");
  }
  if (const int64_t files = count_of(check, FindingKind::kPending); files > 0) {
    text += fmt::format("; {} {} still to be written", files, files == 1 ? "file" : "files");
  }
  const auto texts =
      std::ranges::count(check.files, lake::Encoding::kJsonLines, &lake::PromisedFile::encoding);
  if (texts > 0 && !is_deep) {
    text += fmt::format("; {} files of JSON lines not read, see --deep", texts);
  }
  return text;
}

void print_summary(const lake::RecordCheck& check, int64_t wrong, const Flags& flags) {
  if (flags.as_json) {
    const nlohmann::json json = {{"kind", "summary"},
                                 {"proven", wrong == 0},
                                 {"wrong", wrong},
                                 {"tables", check.tables},
                                 {"partitions", check.partitions},
                                 {"records", check.records},
                                 {"files", check.files.size()},
                                 {"rows", check.rows},
                                 {"known_gaps", count_of(check, FindingKind::kKnownGap)},
                                 {"pending", count_of(check, FindingKind::kPending)},
                                 {"deep", flags.is_deep}};
    std::puts(json.dump().c_str());
  } else if (wrong == 0) {
    std::puts(summary(check, flags.is_deep).c_str());
  }
}

base::Result<void> verify(const Flags& flags) {
  base::PosixFileSystem files;
  const base::SystemClock clock;
  TICKLAKE_ASSIGN(const auto store, open_lake_store(files, flags.lake, LakeAccess::kRead));
  TICKLAKE_ASSIGN(lake::RecordCheck check, lake::check_records(*store, clock.wall_now()));
  TICKLAKE_ASSIGN(table::Database database, table::Database::open({}));
  TICKLAKE_ASSIGN(table::Connection connection, database.connect());
  TICKLAKE_ASSIGN(auto of_files,
                  table::check_files(connection, *store, check.files,
                                     flags.is_deep ? table::FileCheckDepth::kOffsets
                                                   : table::FileCheckDepth::kFooters));
  std::ranges::move(of_files, std::back_inserter(check.findings));
  int64_t wrong = 0;
  for (const Finding& finding : check.findings) {
    print_finding(finding, flags.as_json);
    if (is_wrong(finding.kind)) ++wrong;
  }
  print_summary(check, wrong, flags);
  std::fflush(stdout);
  if (wrong == 0) return {};
  return base::fail(base::ErrorCode::kCorrupt,
                    "the lake at " + store->location() + " is not proven",
                    fmt::format("{} {} as its records say", wrong,
                                wrong == 1 ? "thing is not" : "things are not"),
                    "docs/lake.md says for each kind what helps");
}

}  // namespace

void add_lake_verify_command(CLI::App& parent, Action& action) {
  const auto flags = std::make_shared<Flags>();
  CLI::App& command = *parent.add_subcommand(
      "verify", "Prove that each offset of the lake is in its files once (exit 4: it is not)");
  command.add_option("--lake", flags->lake, "folder or file:// URL")->capture_default_str();
  command.add_flag("--deep", flags->is_deep, "also read the offsets in all files");
  command.add_flag("--json", flags->as_json, "an object a line");
  command.callback([flags, &action] { action = [flags] { return verify(*flags); }; });
}

}  // namespace ticklake::cli
