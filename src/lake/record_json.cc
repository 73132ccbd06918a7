#include "lake/record_json.h"

#include <optional>

#include <fmt/format.h>

namespace ticklake::lake {
namespace {

using Json = RecordJson;
using market::Digits;

constexpr size_t kTextBytesMax = 1'024;
/// Ours nest three deep; nlohmann's destructor and our memory are safe well past this.
constexpr int kDepthMax = 8;

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

base::Result<Digits> parse_digits(const Json& column) {
  const Json* value = member(column, "digits");
  if (value == nullptr) return Digits::kUnknown;
  if (*value == "few") return Digits::kFew;
  if (*value == "many") return Digits::kMany;
  return corrupt_record("\"digits\" is neither few nor many");
}

base::Result<Column> parse_column(const Json& item) {
  if (!item.is_object()) return corrupt_record("a column is not an object");
  Column column;
  TICKLAKE_ASSIGN(column.key, text_member(item, "key"));
  TICKLAKE_ASSIGN(column.name, text_member(item, "name"));
  TICKLAKE_ASSIGN(const std::string type, text_member(item, "type"));
  const auto parsed = parse_type_name(type);
  if (!parsed || type_name(*parsed) != type) {
    return corrupt_record(fmt::format("the type \"{}\" is unknown", type));
  }
  column.type = *parsed;
  TICKLAKE_ASSIGN(column.type.digits, parse_digits(item));
  if (const Json* declared = member(item, "declared")) {
    if (!declared->is_boolean()) return corrupt_record("\"declared\" is neither true nor false");
    column.is_declared = declared->get<bool>();
  }
  return column;
}

}  // namespace

tl::unexpected<base::Error> corrupt_record(std::string cause) {
  return base::fail(base::ErrorCode::kCorrupt, "a record of the lake cannot be read",
                    std::move(cause), "restore the lake's _ticklake folder from a backup");
}

base::Result<Json> parse_record(std::string_view text, uint64_t bytes_max) {
  if (text.size() > bytes_max) return corrupt_record("it is too large");
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kDepthMax) too_deep = true;
    return !too_deep;
  };
  Json json = Json::parse(text, watch, false);
  if (too_deep || !json.is_object()) return corrupt_record("it is not a JSON object");
  return json;
}

std::string print_record(const Json& json) {
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<int64_t> offset_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_number_integer() ||
      (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) ||
      value->get<int64_t>() < 0) {
    return corrupt_record(fmt::format("\"{}\" is not an offset", name));
  }
  return value->get<int64_t>();
}

base::Result<std::string> text_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_string() ||
      value->get_ref<const std::string&>().size() > kTextBytesMax) {
    return corrupt_record(fmt::format("\"{}\" is not a short text", name));
  }
  return value->get<std::string>();
}

base::Result<const Json*> array_member(const Json& object, const char* name, size_t size_max) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_array() || value->size() > size_max) {
    return corrupt_record(fmt::format("\"{}\" is not an array of at most {}", name, size_max));
  }
  return value;
}

base::Result<const Json*> object_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_object()) {
    return corrupt_record(fmt::format("\"{}\" is not an object", name));
  }
  return value;
}

Json schema_to_json(const Schema& schema) {
  Json columns = Json::array();
  for (const Column& column : schema.columns) {
    Json& item = columns.emplace_back();
    item = {{"key", column.key}, {"name", column.name}, {"type", type_name(column.type)}};
    if (column.type.digits != Digits::kUnknown) {
      item["digits"] = column.type.digits == Digits::kFew ? "few" : "many";
    }
    if (column.is_declared) item["declared"] = true;
  }
  Json json = {{"version", schema.version}, {"columns", std::move(columns)}};
  if (!schema.event_time.empty()) json["event_time"] = schema.event_time;
  if (!schema.symbol.empty()) json["symbol"] = schema.symbol;
  return json;
}

base::Result<Schema> parse_schema(const Json& object) {
  Schema schema;
  TICKLAKE_ASSIGN(schema.version, offset_member(object, "version"));
  TICKLAKE_ASSIGN(const Json* const columns, array_member(object, "columns", kColumnsMax));
  for (const Json& item : *columns) {
    TICKLAKE_ASSIGN(Column column, parse_column(item));
    if (column_name_for(column.name, schema) != column.name) {
      return corrupt_record(fmt::format("the column name \"{}\" is taken", column.name));
    }
    schema.columns.push_back(std::move(column));
  }
  if (object.contains("event_time")) {
    TICKLAKE_ASSIGN(schema.event_time, text_member(object, "event_time"));
  }
  if (object.contains("symbol")) {
    TICKLAKE_ASSIGN(schema.symbol, text_member(object, "symbol"));
  }
  return schema;
}

}  // namespace ticklake::lake
