#include "lake/repair.h"

#include <algorithm>

#include <fmt/format.h>

#include "lake/chain.h"

namespace ticklake::lake {
namespace {

std::string held_text(std::optional<HeldOffsets> held) {
  return held ? fmt::format("the broker has offsets [{}, {})", held->begin, held->end)
              : "the broker has no such topic any more";
}

base::Result<void> check_in_order(const SurveyedChain& chain) {
  if (!chain.unreadable.empty()) return tl::unexpected(chain.unreadable.front().error);
  return verify_chain({chain.id, chain.records});
}

base::Result<std::optional<RepairStep>> plan_record(ObjectStore& store, const SurveyedChain& chain,
                                                    const BoundaryRecord& record,
                                                    std::optional<HeldOffsets> held,
                                                    base::WallTime now) {
  BoundaryRecord kept = record;
  const GapRecord* const gap = chain.gap_of(record);
  if (gap != nullptr) leave_out(*gap, kept);
  TICKLAKE_ASSIGN(const std::vector<DataFile> missing, missing_files(store, kept));
  if (missing.empty()) return std::nullopt;
  const std::string what =
      fmt::format("the file {} of {} is missing", missing.front().key, chain.id.text());
  const int64_t start = record.start == 0 ? record.log_start : record.start;
  if (held && held->begin <= start && record.end <= held->end) {
    const bool is_last = record.end == chain.end();
    return base::fail(
        base::ErrorCode::kInvalidArgument, what, held_text(held) + ": nothing of it is lost",
        is_last ? "start a sink: it writes the file again" : "restore the file from a backup");
  }
  if (gap != nullptr) {
    return base::fail(
        base::ErrorCode::kUnsupported, what,
        "other files of its record were given up before, by " + gap_key(chain.id, record.start),
        "restore the file from a backup");
  }
  RepairStep step;
  step.gap = {record.start, record.end, held_text(held), {}, now};
  for (const DataFile& file : missing)
    step.gap.files.push_back({file.key, file.rows});
  return step;
}

/// From the chain's end to where the broker's log begins.
base::Result<std::optional<RepairStep>> plan_bridge(const SurveyedChain& chain, HeldOffsets held,
                                                    base::WallTime now) {
  if (held.end < chain.end()) {
    return base::fail(base::ErrorCode::kCorrupt, "cannot go on with " + chain.id.text(),
                      fmt::format("the lake ends at offset {}, and the broker's log at {}: it was "
                                  "cut, and gives those offsets to other records",
                                  chain.end(), held.end),
                      "restore the broker's log, or delete and make the topic again");
  }
  if (chain.records.empty() || held.begin <= chain.end()) return std::nullopt;
  RepairStep step;
  const auto begun = chain.gaps.find(chain.end());
  if (begun != chain.gaps.end()) {
    step.gap = begun->second;  // a repair that was killed between its two records
  } else {
    step.gap = {chain.end(), held.begin, held_text(held), {}, now};
  }
  BoundaryRecord bridge;
  bridge.start = step.gap.start;
  bridge.end = step.gap.end;
  bridge.encoding = chain.records.back().encoding;
  bridge.schema = chain.records.back().schema;
  bridge.created = now;
  step.bridge = std::move(bridge);
  return step;
}

/// Fine too if the very same stands there.
base::Result<void> create(ObjectStore& store, const std::string& key, const std::string& content) {
  auto put = store.put_if_absent(key, content);
  if (put || put.error().code != base::ErrorCode::kAlreadyExists) return put;
  TICKLAKE_ASSIGN(const std::string there, store.get(key, kBoundaryBytesMax));
  if (there == content) return {};
  return base::fail(base::ErrorCode::kAlreadyExists, key + " stands already",
                    "a sink, or another repair, was faster", "look again: ticklake lake repair");
}

}  // namespace

base::Result<std::vector<RepairStep>> plan_repair(ObjectStore& store, const SurveyedChain& chain,
                                                  std::optional<HeldOffsets> held,
                                                  base::WallTime now) {
  TICKLAKE_TRY(check_in_order(chain));
  std::vector<RepairStep> steps;
  for (const BoundaryRecord& record : chain.records) {
    TICKLAKE_ASSIGN(auto step, plan_record(store, chain, record, held, now));
    if (step) steps.push_back(std::move(*step));
  }
  if (held) {
    TICKLAKE_ASSIGN(auto step, plan_bridge(chain, *held, now));
    if (step) steps.push_back(std::move(*step));
  }
  return steps;
}

base::Result<void> carry_out(ObjectStore& store, const ChainId& chain, const RepairStep& step) {
  TICKLAKE_TRY(create(store, gap_key(chain, step.gap.start), to_json(step.gap)));
  if (!step.bridge) return {};
  return create(store, record_key(chain, step.bridge->start), to_json(*step.bridge));
}

}  // namespace ticklake::lake
