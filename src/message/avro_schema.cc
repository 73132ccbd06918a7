#include "message/avro_schema.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "message/json_text.h"

namespace ticklake::message {
namespace {

using Json = nlohmann::json;

/// What of a schema's text is shown in an error.
constexpr size_t kShownBytesMax = 60;
constexpr size_t kFixedBytesMax = 1 << 20;
/// Each type of the text is an object or a text within an array or object at most.
constexpr int kJsonDepthMax = 4 * kAvroDepthMax;

const std::map<std::string_view, AvroType> kPrimitives = {
    {"null", AvroType::kNull},   {"boolean", AvroType::kBoolean}, {"int", AvroType::kInt},
    {"long", AvroType::kLong},   {"float", AvroType::kFloat},     {"double", AvroType::kDouble},
    {"bytes", AvroType::kBytes}, {"string", AvroType::kString},
};

struct LogicalName {
  AvroType type;
  AvroLogicalType logical;
};

const std::multimap<std::string_view, LogicalName> kLogicalTypes = {
    {"decimal", {AvroType::kBytes, AvroLogicalType::kDecimal}},
    {"decimal", {AvroType::kFixed, AvroLogicalType::kDecimal}},
    {"uuid", {AvroType::kFixed, AvroLogicalType::kUuid}},
    {"date", {AvroType::kInt, AvroLogicalType::kDate}},
    {"time-millis", {AvroType::kInt, AvroLogicalType::kTimeMillis}},
    {"time-micros", {AvroType::kLong, AvroLogicalType::kTimeMicros}},
    {"timestamp-millis", {AvroType::kLong, AvroLogicalType::kTimestampMillis}},
    {"timestamp-micros", {AvroType::kLong, AvroLogicalType::kTimestampMicros}},
    {"timestamp-nanos", {AvroType::kLong, AvroLogicalType::kTimestampNanos}},
    {"local-timestamp-millis", {AvroType::kLong, AvroLogicalType::kLocalTimestampMillis}},
    {"local-timestamp-micros", {AvroType::kLong, AvroLogicalType::kLocalTimestampMicros}},
    {"local-timestamp-nanos", {AvroType::kLong, AvroLogicalType::kLocalTimestampNanos}},
    {"duration", {AvroType::kFixed, AvroLogicalType::kDuration}},
};

tl::unexpected<base::Error> invalid(std::string cause) {
  return base::fail(base::ErrorCode::kInvalidData, "an Avro schema cannot be read",
                    std::move(cause));
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::string> text_member(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

std::string shown(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, kShownBytesMax);
}

std::optional<int64_t> count_member(const Json& object, const char* name) {
  const Json* const value = member(object, name);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) return std::nullopt;
  return value->get<int64_t>();
}

class Parser {
 public:
  AvroSchema schema;

  base::Result<size_t> parse(const Json& json, const std::string& scope, int depth) {
    if (depth > kAvroDepthMax) return invalid("its types are nested too deep");
    if (schema.nodes.size() >= kAvroNodesMax) {
      return invalid(fmt::format("it has more than {} types", kAvroNodesMax));
    }
    if (json.is_string()) return parse_name(json.get<std::string>(), scope);
    if (json.is_array()) return parse_union(json, scope, depth);
    if (!json.is_object()) return invalid("not a type: " + shown(json));
    const Json* const type = member(json, "type");
    if (type == nullptr) return invalid("a type without \"type\": " + shown(json));
    if (!type->is_string()) return parse(*type, scope, depth + 1);
    const auto name = type->get<std::string>();
    if (name == "record" || name == "error") return parse_record(json, scope, depth);
    if (name == "enum") return parse_enum(json, scope);
    if (name == "fixed") return parse_fixed(json, scope);
    if (name == "array") return parse_items(json, AvroType::kArray, "items", scope, depth);
    if (name == "map") return parse_items(json, AvroType::kMap, "values", scope, depth);
    return parse_name(name, scope, &json);
  }

 private:
  size_t add(AvroType type) {
    schema.nodes.emplace_back().type = type;
    return schema.nodes.size() - 1;
  }

  /// Gives its logical type to a node whose type is known.
  void annotate(AvroNode& node, const Json& json) const {
    const auto logical = text_member(json, "logicalType");
    if (!logical) return;
    const auto [first, last] = kLogicalTypes.equal_range(*logical);
    for (auto candidate = first; candidate != last; ++candidate) {
      if (candidate->second.type == node.type) node.logical = candidate->second.logical;
    }
    const size_t bytes = node.fixed_bytes;
    if (node.logical == AvroLogicalType::kUuid && bytes != 16) node.logical = {};
    if (node.logical == AvroLogicalType::kDuration && bytes != 12) node.logical = {};
    if (node.logical != AvroLogicalType::kDecimal) return;
    node.scale = member(json, "scale") == nullptr ? 0 : count_member(json, "scale").value_or(-1);
    if (node.scale < 0 || node.scale > kScaleMax) node.logical = {};
  }

  base::Result<size_t> parse_name(const std::string& name, const std::string& scope,
                                  const Json* annotated = nullptr) {
    if (const auto found = kPrimitives.find(name); found != kPrimitives.end()) {
      const size_t at = add(found->second);
      if (annotated != nullptr) annotate(schema.nodes[at], *annotated);
      return at;
    }
    if (const auto found = named_.find(full_name(name, scope)); found != named_.end()) {
      return found->second;
    }
    if (const auto found = named_.find(name); found != named_.end()) return found->second;
    return invalid(fmt::format("the type \"{}\" is unknown", name.substr(0, kShownBytesMax)));
  }

  static std::string full_name(const std::string& name, const std::string& scope) {
    if (name.find('.') != std::string::npos || scope.empty()) return name;
    return scope + "." + name;
  }

  /// Makes the node of a named type known, so that it can stand within itself; `scope` becomes
  /// that of the types in it.
  base::Result<size_t> add_named(const Json& json, AvroType type, std::string& scope) {
    const auto name = text_member(json, "name");
    if (!name || name->empty()) return invalid("a type without a name: " + shown(json));
    if (name->find('.') == std::string::npos) {
      scope = text_member(json, "namespace").value_or(scope);
    }
    const std::string full = full_name(*name, scope);
    const size_t dot = full.rfind('.');
    scope = dot == std::string::npos ? "" : full.substr(0, dot);
    const size_t at = add(type);
    if (!named_.emplace(full, at).second) {
      return invalid(fmt::format("the type \"{}\" is there twice", full.substr(0, kShownBytesMax)));
    }
    return at;
  }

  base::Result<size_t> parse_record(const Json& json, std::string scope, int depth) {
    TICKLAKE_ASSIGN(const size_t at, add_named(json, AvroType::kRecord, scope));
    const Json* const fields = member(json, "fields");
    if (fields == nullptr || !fields->is_array()) return invalid("no fields: " + shown(json));
    std::vector<std::string> keys;
    std::vector<size_t> children;
    std::set<std::string> seen;
    for (const Json& field : *fields) {
      const auto name = field.is_object() ? text_member(field, "name") : std::nullopt;
      const Json* const type = name ? member(field, "type") : nullptr;
      if (type == nullptr) return invalid("not a field: " + shown(field));
      std::string key;
      if (!append_string(key, *name)) return invalid("a field's name is not UTF-8");
      if (!seen.insert(key).second) return invalid("a field is there twice: " + key);
      keys.push_back(key + ":");
      TICKLAKE_ASSIGN(const size_t child, parse(*type, scope, depth + 1));
      children.push_back(child);
    }
    schema.nodes[at].keys = std::move(keys);
    schema.nodes[at].children = std::move(children);
    return at;
  }

  base::Result<size_t> parse_enum(const Json& json, std::string scope) {
    TICKLAKE_ASSIGN(const size_t at, add_named(json, AvroType::kEnum, scope));
    const Json* const symbols = member(json, "symbols");
    if (symbols == nullptr || !symbols->is_array()) return invalid("no symbols: " + shown(json));
    for (const Json& symbol : *symbols) {
      std::string text;
      if (!symbol.is_string() || !append_string(text, symbol.get_ref<const std::string&>())) {
        return invalid("not a symbol: " + shown(symbol));
      }
      schema.nodes[at].symbols.push_back(std::move(text));
    }
    return at;
  }

  base::Result<size_t> parse_fixed(const Json& json, std::string scope) {
    TICKLAKE_ASSIGN(const size_t at, add_named(json, AvroType::kFixed, scope));
    const int64_t size = count_member(json, "size").value_or(-1);
    if (size < 0 || static_cast<uint64_t>(size) > kFixedBytesMax) {
      return invalid("not a size: " + shown(json));
    }
    schema.nodes[at].fixed_bytes = static_cast<size_t>(size);
    annotate(schema.nodes[at], json);
    return at;
  }

  base::Result<size_t> parse_items(const Json& json, AvroType type, const char* name,
                                   const std::string& scope, int depth) {
    const Json* const items = member(json, name);
    if (items == nullptr) return invalid(fmt::format("no \"{}\": {}", name, shown(json)));
    const size_t at = add(type);
    TICKLAKE_ASSIGN(const size_t child, parse(*items, scope, depth + 1));
    schema.nodes[at].children = {child};
    return at;
  }

  base::Result<size_t> parse_union(const Json& json, const std::string& scope, int depth) {
    const size_t at = add(AvroType::kUnion);
    std::vector<size_t> children;
    for (const Json& branch : json) {
      TICKLAKE_ASSIGN(const size_t child, parse(branch, scope, depth + 1));
      if (schema.nodes[child].type == AvroType::kUnion) return invalid("a union in a union");
      children.push_back(child);
    }
    schema.nodes[at].children = std::move(children);
    return at;
  }

  std::map<std::string, size_t> named_;  ///< by full name
};

base::Result<Json> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kJsonDepthMax) too_deep = true;
    return !too_deep;
  };
  Json json = Json::parse(text, watch, false);
  if (too_deep) return invalid("it is nested too deep");
  if (!json.is_discarded()) return json;
  // Some registries give a primitive type as a bare word.
  if (kPrimitives.contains(text)) return Json(std::string(text));
  return invalid("it is not JSON");
}

}  // namespace

base::Result<AvroSchema> AvroSchema::parse(std::string_view text,
                                           std::span<const std::string> references) {
  Parser parser;
  for (const std::string& reference : references) {
    TICKLAKE_ASSIGN(const Json json, parse_json(reference));
    TICKLAKE_TRY(parser.parse(json, "", 0));
  }
  TICKLAKE_ASSIGN(const Json json, parse_json(text));
  TICKLAKE_ASSIGN(const size_t root, parser.parse(json, "", 0));
  parser.schema.root = root;
  return std::move(parser.schema);
}

}  // namespace ticklake::message
