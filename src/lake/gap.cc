#include "lake/gap.h"

#include <algorithm>

#include <fmt/format.h>

#include "lake/json_members.h"

namespace ticklake::lake {
namespace {

using Json = nlohmann::json;

constexpr int64_t kFormat = 1;
constexpr size_t kFilesMax = 10'000;
constexpr size_t kKeyBytesAtMost = 1'024;
constexpr size_t kGapReasonBytesMax = 4'096;
constexpr int kDepthMax = 4;

tl::unexpected<base::Error> corrupt(std::string cause) {
  return base::fail(base::ErrorCode::kCorrupt, "a gap record cannot be read", std::move(cause),
                    "restore the lake's _ticklake folder from a backup");
}

base::Result<std::vector<LostFile>> parse_files(const Json& json) {
  const Json* const items = find_member(json, "files");
  if (items == nullptr || !items->is_array() || items->size() > kFilesMax) {
    return corrupt(fmt::format("\"files\" is not an array of at most {}", kFilesMax));
  }
  std::vector<LostFile> files;
  for (const Json& item : *items) {
    if (!item.is_object()) return corrupt("a file is not an object");
    auto key = text_member(item, "key", kKeyBytesAtMost);
    const auto rows = whole_member(item, "rows");
    if (!key || key->empty() || !rows) return corrupt("a file has no key or no number of rows");
    files.push_back({std::move(*key), *rows});
  }
  return files;
}

}  // namespace

std::string gap_name(int64_t start) { return fmt::format("{:020}.gap.json", start); }

std::string gap_key(const ChainId& chain, int64_t start) {
  return chain.prefix() + "/" + gap_name(start);
}

std::string to_json(const GapRecord& gap) {
  Json files = Json::array();
  for (const LostFile& file : gap.files)
    files.push_back({{"key", file.key}, {"rows", file.rows}});
  const Json json = {{"format", kFormat},
                     {"start", gap.start},
                     {"end", gap.end},
                     {"reason", gap.reason.substr(0, kGapReasonBytesMax)},
                     {"created_us", base::to_unix_us(gap.created)},
                     {"files", std::move(files)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<GapRecord> parse_gap(std::string_view text) {
  if (text.size() > kGapBytesMax) return corrupt("it is too large");
  const auto json = parse_object(text, kDepthMax);
  if (!json) return corrupt("it is not a JSON object");
  const auto format = whole_member(*json, "format");
  if (!format) return corrupt("it has no format");
  if (*format != kFormat) {
    return base::fail(base::ErrorCode::kUnsupported, "a gap record cannot be read",
                      fmt::format("its format is {}, this version knows {}", *format, kFormat),
                      "use a newer version of ticklake");
  }
  const auto start = whole_member(*json, "start");
  const auto end = whole_member(*json, "end");
  if (!start || !end || *end <= *start) return corrupt("\"start\" and \"end\" are no range");
  // A byte that is no UTF-8 was written as a character of three.
  auto reason = text_member(*json, "reason", 3 * kGapReasonBytesMax);
  if (!reason) return corrupt("\"reason\" is not a short text");
  const auto created = whole_member(*json, "created_us");
  if (!created || *created > INT64_MAX / 1'000) return corrupt("\"created_us\" is out of range");
  GapRecord gap{
      *start, *end, std::move(*reason), {}, base::WallTime(std::chrono::microseconds(*created))};
  TICKLAKE_ASSIGN(gap.files, parse_files(*json));
  return gap;
}

base::Result<std::optional<GapRecord>> read_gap(ObjectStore& store, const ChainId& chain,
                                                int64_t start) {
  const std::string key = gap_key(chain, start);
  auto text = store.get(key, kGapBytesMax);
  if (!text && text.error().code == base::ErrorCode::kNotFound) return std::nullopt;
  if (!text) return tl::unexpected(std::move(text).error());
  auto gap = parse_gap(*text);
  if (!gap) return tl::unexpected(std::move(gap).error().within(key));
  return std::move(*gap);
}

void leave_out(const GapRecord& gap, BoundaryRecord& record) {
  if (gap.start != record.start || gap.end != record.end) return;
  std::erase_if(record.files, [&](const DataFile& file) {
    return std::ranges::find(gap.files, file.key, &LostFile::key) != gap.files.end();
  });
}

}  // namespace ticklake::lake
