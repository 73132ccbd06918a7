#include "lake/boundary.h"

#include <algorithm>
#include <charconv>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "lake/layout.h"

namespace ticklake::lake {
namespace {

using Json = nlohmann::json;

constexpr int64_t kFormat = 1;
constexpr size_t kFilesMax = 10'000;
constexpr size_t kTextBytesMax = 1'024;
constexpr size_t kDayBytesMax = 24;
/// Ours nests three deep; nlohmann's destructor and our memory are safe well past this.
constexpr int kDepthMax = 8;
constexpr size_t kDecodingsMax = 8;

tl::unexpected<base::Error> corrupt(std::string cause) {
  return base::fail(base::ErrorCode::kCorrupt, "a boundary record cannot be read", std::move(cause),
                    "restore the lake's _ticklake folder from a backup");
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

base::Result<int64_t> offset_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_number_integer() ||
      (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) ||
      value->get<int64_t>() < 0) {
    return corrupt(fmt::format("\"{}\" is not an offset", name));
  }
  return value->get<int64_t>();
}

base::Result<std::string> text_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_string() ||
      value->get_ref<const std::string&>().size() > kTextBytesMax) {
    return corrupt(fmt::format("\"{}\" is not a short text", name));
  }
  return value->get<std::string>();
}

base::Result<const Json*> array_member(const Json& object, const char* name, size_t size_max) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_array() || value->size() > size_max) {
    return corrupt(fmt::format("\"{}\" is not an array of at most {}", name, size_max));
  }
  return value;
}

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

base::Result<Schema> parse_schema(const Json& object) {
  const Json* value = member(object, "schema");
  if (value == nullptr || !value->is_object()) return corrupt("\"schema\" is not an object");
  Schema schema;
  TICKLAKE_ASSIGN(schema.version, offset_member(*value, "version"));
  TICKLAKE_ASSIGN(const Json* const columns, array_member(*value, "columns", kColumnsMax));
  for (const Json& item : *columns) {
    if (!item.is_object()) return corrupt("a column is not an object");
    Column column;
    TICKLAKE_ASSIGN(column.key, text_member(item, "key"));
    TICKLAKE_ASSIGN(column.name, text_member(item, "name"));
    TICKLAKE_ASSIGN(const std::string type, text_member(item, "type"));
    const auto parsed = parse_type_name(type);
    if (!parsed) return corrupt(fmt::format("the type \"{}\" is unknown", type));
    column.type = *parsed;
    if (column_name_for(column.name, schema) != column.name) {
      return corrupt(fmt::format("the column name \"{}\" is taken", column.name));
    }
    schema.columns.push_back(std::move(column));
  }
  return schema;
}

base::Result<std::vector<DataFile>> parse_files(const Json& object) {
  TICKLAKE_ASSIGN(const Json* const items, array_member(object, "files", kFilesMax));
  std::vector<DataFile> files;
  for (const Json& item : *items) {
    if (!item.is_object()) return corrupt("a file is not an object");
    DataFile file;
    TICKLAKE_ASSIGN(file.key, text_member(item, "key"));
    TICKLAKE_ASSIGN(file.dt, text_member(item, "dt"));
    TICKLAKE_ASSIGN(file.rows, offset_member(item, "rows"));
    if (!stays_in_lake(file.key)) return corrupt("a file's key leaves the lake");
    if (!is_day(file.dt)) return corrupt("a file's dt is not a day");
    files.push_back(std::move(file));
  }
  return files;
}

base::Result<Rejected> parse_rejected(const Json& object) {
  Rejected rejected;
  const Json* const value = member(object, "rejected");
  if (value == nullptr) return rejected;
  if (!value->is_object()) return corrupt("\"rejected\" is not an object");
  TICKLAKE_ASSIGN(rejected.count, offset_member(*value, "count"));
  TICKLAKE_ASSIGN(rejected.newest_offset, offset_member(*value, "offset"));
  TICKLAKE_ASSIGN(rejected.newest_reason, text_member(*value, "reason"));
  return rejected;
}

base::Result<std::vector<int32_t>> parse_refused(const Json& object) {
  std::vector<int32_t> ids;
  if (member(object, "refused_schemas") == nullptr) return ids;
  TICKLAKE_ASSIGN(const Json* const items,
                  array_member(object, "refused_schemas", kRefusedSchemasMax));
  for (const Json& item : *items) {
    const bool is_id = item.is_number_integer() && item >= 0 && item <= INT32_MAX;
    if (!is_id || (!ids.empty() && item <= ids.back())) {
      return corrupt("\"refused_schemas\" are not ids in ascending order");
    }
    ids.push_back(item.get<int32_t>());
  }
  return ids;
}

base::Result<RecordDecoding> parse_decoding(const Json& object) {
  RecordDecoding decoding;
  TICKLAKE_ASSIGN(decoding.refused_schemas, parse_refused(object));
  if (member(object, "decoding") == nullptr) return decoding;
  TICKLAKE_ASSIGN(const Json* const steps, array_member(object, "decoding", kDecodingsMax));
  for (const Json& step : *steps) {
    if (step == "explode") {
      decoding.explode = true;
    } else if (step == "registry") {
      decoding.registry = true;
    } else {
      return corrupt("\"decoding\" has an unknown step");
    }
  }
  return decoding;
}

base::Result<base::WallTime> parse_created(const Json& object) {
  TICKLAKE_ASSIGN(const int64_t microseconds, offset_member(object, "created_us"));
  if (microseconds > INT64_MAX / 1'000) return corrupt("\"created_us\" is out of range");
  return base::WallTime(std::chrono::microseconds(microseconds));
}

Json parse_bounded(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kDepthMax) too_deep = true;
    return !too_deep;
  };
  Json json = Json::parse(text, watch, false);
  return too_deep ? Json(Json::value_t::discarded) : json;
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
  Json columns = Json::array();
  for (const Column& column : record.schema.columns) {
    columns.push_back(
        {{"key", column.key}, {"name", column.name}, {"type", type_name(column.type)}});
  }
  Json files = Json::array();
  for (const DataFile& file : record.files) {
    files.push_back({{"key", file.key}, {"dt", file.dt}, {"rows", file.rows}});
  }
  Json json = {{"format", kFormat},
               {"start", record.start},
               {"end", record.end},
               {"encoding", encoding_name(record.encoding)},
               {"created_us", base::to_unix_us(record.created)},
               {"schema", {{"version", record.schema.version}, {"columns", std::move(columns)}}},
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
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<BoundaryRecord> parse_boundary(std::string_view text) {
  if (text.size() > kBoundaryBytesMax) return corrupt("it is too large");
  const Json json = parse_bounded(text);
  if (!json.is_object()) return corrupt("it is not a JSON object");
  TICKLAKE_ASSIGN(const int64_t format, offset_member(json, "format"));
  if (format != kFormat) {
    return base::fail(base::ErrorCode::kUnsupported, "a boundary record cannot be read",
                      fmt::format("its format is {}, this version knows {}", format, kFormat),
                      "use a newer version of ticklake");
  }
  BoundaryRecord record;
  TICKLAKE_ASSIGN(record.start, offset_member(json, "start"));
  TICKLAKE_ASSIGN(record.end, offset_member(json, "end"));
  if (record.end <= record.start) return corrupt("\"end\" is not after \"start\"");
  if (record.start == 0) {
    TICKLAKE_ASSIGN(record.log_start, offset_member(json, "log_start"));
  }
  TICKLAKE_ASSIGN(const std::string encoding, text_member(json, "encoding"));
  if (encoding != "parquet" && encoding != "json") return corrupt("\"encoding\" is unknown");
  record.encoding = encoding == "json" ? Encoding::kJsonLines : Encoding::kParquet;
  TICKLAKE_ASSIGN(record.created, parse_created(json));
  TICKLAKE_ASSIGN(record.schema, parse_schema(json));
  TICKLAKE_ASSIGN(record.files, parse_files(json));
  TICKLAKE_ASSIGN(record.rejected, parse_rejected(json));
  TICKLAKE_ASSIGN(record.decoding, parse_decoding(json));
  return record;
}

}  // namespace ticklake::lake
