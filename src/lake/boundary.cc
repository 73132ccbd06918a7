#include "lake/boundary.h"

#include <algorithm>
#include <charconv>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "lake/layout.h"
#include "lake/record_json.h"

namespace ticklake::lake {
namespace {

using Json = RecordJson;

constexpr int64_t kFormat = 1;
constexpr size_t kFilesMax = 10'000;
constexpr size_t kDayBytesMax = 24;
constexpr size_t kDecodingsMax = 8;

/// A day as some version wrote it: before kNoDay there was, years could have any sign and length.
bool is_day(std::string_view text) {
  if (text == kNoDay) return true;
  return !text.empty() && text.size() <= kDayBytesMax && std::ranges::all_of(text, [](char c) {
    return c == '-' || c == '+' || (c >= '0' && c <= '9');
  });
}

bool stays_in_lake(std::string_view key) {
  return !key.empty() && !key.starts_with('/') && key.find("..") == std::string_view::npos &&
         key.find('\0') == std::string_view::npos;
}

base::Result<std::vector<DataFile>> parse_files(const Json& object) {
  TICKLAKE_ASSIGN(const Json* const items, array_member(object, "files", kFilesMax));
  std::vector<DataFile> files;
  for (const Json& item : *items) {
    if (!item.is_object()) return corrupt_record("a file is not an object");
    DataFile file;
    TICKLAKE_ASSIGN(file.key, text_member(item, "key"));
    TICKLAKE_ASSIGN(file.dt, text_member(item, "dt"));
    TICKLAKE_ASSIGN(file.rows, offset_member(item, "rows"));
    if (!stays_in_lake(file.key)) return corrupt_record("a file's key leaves the lake");
    if (!is_day(file.dt)) return corrupt_record("a file's dt is not a day");
    files.push_back(std::move(file));
  }
  return files;
}

base::Result<Rejected> parse_rejected(const Json& object) {
  Rejected rejected;
  if (!object.contains("rejected")) return rejected;
  TICKLAKE_ASSIGN(const Json* const value, object_member(object, "rejected"));
  TICKLAKE_ASSIGN(rejected.count, offset_member(*value, "count"));
  TICKLAKE_ASSIGN(rejected.newest_offset, offset_member(*value, "offset"));
  TICKLAKE_ASSIGN(rejected.newest_reason, text_member(*value, "reason"));
  return rejected;
}

base::Result<std::vector<int32_t>> parse_refused(const Json& object) {
  std::vector<int32_t> ids;
  if (!object.contains("refused_schemas")) return ids;
  TICKLAKE_ASSIGN(const Json* const items,
                  array_member(object, "refused_schemas", kRefusedSchemasMax));
  for (const Json& item : *items) {
    const bool is_id = item.is_number_integer() && item >= 0 && item <= INT32_MAX;
    if (!is_id || (!ids.empty() && item <= ids.back())) {
      return corrupt_record("\"refused_schemas\" are not ids in ascending order");
    }
    ids.push_back(item.get<int32_t>());
  }
  return ids;
}

base::Result<RecordDecoding> parse_decoding(const Json& object) {
  RecordDecoding decoding;
  TICKLAKE_ASSIGN(decoding.refused_schemas, parse_refused(object));
  if (!object.contains("decoding")) return decoding;
  TICKLAKE_ASSIGN(const Json* const steps, array_member(object, "decoding", kDecodingsMax));
  for (const Json& step : *steps) {
    if (step == "explode") {
      decoding.explode = true;
    } else if (step == "registry") {
      decoding.registry = true;
    } else {
      return corrupt_record("\"decoding\" has an unknown step");
    }
  }
  return decoding;
}

base::Result<base::WallTime> parse_created(const Json& object) {
  TICKLAKE_ASSIGN(const int64_t microseconds, offset_member(object, "created_us"));
  if (microseconds > INT64_MAX / 1'000) return corrupt_record("\"created_us\" is out of range");
  return base::WallTime(std::chrono::microseconds(microseconds));
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  return encoding == Encoding::kParquet ? "parquet" : "json";
}

void Rejected::add(const Rejected& later) {
  count += later.count;
  if (later.newest_reason.empty()) return;
  newest_offset = later.newest_offset;
  newest_reason = later.newest_reason;
}

std::string to_json(const BoundaryRecord& record) {
  Json files = Json::array();
  for (const DataFile& file : record.files) {
    files.push_back({{"key", file.key}, {"dt", file.dt}, {"rows", file.rows}});
  }
  Json json = {{"format", kFormat},
               {"start", record.start},
               {"end", record.end},
               {"encoding", encoding_name(record.encoding)},
               {"created_us", base::to_unix_us(record.created)},
               {"schema", schema_to_json(record.schema)},
               {"files", std::move(files)}};
  if (record.start == 0) json["log_start"] = record.log_start;
  if (record.decoding.explode) json["decoding"].push_back("explode");
  if (record.decoding.registry) json["decoding"].push_back("registry");
  if (!record.decoding.refused_schemas.empty()) {
    json["refused_schemas"] = record.decoding.refused_schemas;
  }
  if (record.rejected.count > 0) {
    json["rejected"] = {{"count", record.rejected.count},
                        {"offset", record.rejected.newest_offset},
                        {"reason", record.rejected.newest_reason.substr(0, kReasonBytesMax)}};
  }
  return print_record(json);
}

base::Result<BoundaryRecord> parse_boundary(std::string_view text) {
  TICKLAKE_ASSIGN(const Json json, parse_record(text, kBoundaryBytesMax));
  TICKLAKE_ASSIGN(const int64_t format, offset_member(json, "format"));
  if (format != kFormat) {
    return base::fail(base::ErrorCode::kUnsupported, "a record of the lake cannot be read",
                      fmt::format("its format is {}, this version knows {}", format, kFormat),
                      "use a newer version of ticklake");
  }
  BoundaryRecord record;
  TICKLAKE_ASSIGN(record.start, offset_member(json, "start"));
  TICKLAKE_ASSIGN(record.end, offset_member(json, "end"));
  if (record.end <= record.start) return corrupt_record("\"end\" is not after \"start\"");
  if (record.start == 0) {
    TICKLAKE_ASSIGN(record.log_start, offset_member(json, "log_start"));
  }
  TICKLAKE_ASSIGN(const std::string encoding, text_member(json, "encoding"));
  if (encoding != "parquet" && encoding != "json") return corrupt_record("\"encoding\" is unknown");
  record.encoding = encoding == "json" ? Encoding::kJsonLines : Encoding::kParquet;
  TICKLAKE_ASSIGN(record.created, parse_created(json));
  TICKLAKE_ASSIGN(const Json* const schema, object_member(json, "schema"));
  TICKLAKE_ASSIGN(record.schema, parse_schema(*schema));
  TICKLAKE_ASSIGN(record.files, parse_files(json));
  TICKLAKE_ASSIGN(record.rejected, parse_rejected(json));
  TICKLAKE_ASSIGN(record.decoding, parse_decoding(json));
  return record;
}

}  // namespace ticklake::lake
