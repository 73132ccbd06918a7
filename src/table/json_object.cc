#include "table/json_object.h"

#include <cstring>

#include "base/assert.h"
#include "market/number_text.h"
#include "table/time_text.h"

namespace ticklake::table {
namespace {

using lake::ColumnType;
using simdjson::error_code;
using simdjson::simdjson_result;
using simdjson::ondemand::json_type;

constexpr size_t kNestedBytesInitial = 1024;

ColumnType type_of_text(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return ColumnType::kVarchar;
  if (parse_day(text)) return ColumnType::kDate;
  const auto time = parse_time(text);
  return time ? time->type() : ColumnType::kVarchar;
}

simdjson_result<ColumnType> type_of_number(simdjson::ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  double real;  // that it is a number at all, and not beyond a double's range
  if (const error_code error = value.get_double().get(real)) return error;
  return market::type_of_number(market::parse_number(token));
}

simdjson_result<std::string_view> nested_text(simdjson::ondemand::value& value, json_type type) {
  if (type == json_type::array) {
    simdjson::ondemand::array array;
    if (const error_code error = value.get_array().get(array)) return error;
    return array.raw_json();
  }
  simdjson::ondemand::object object;
  if (const error_code error = value.get_object().get(object)) return error;
  return object.raw_json();
}

std::string_view without_space_behind(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

simdjson_result<ColumnType> type_of_scalar(simdjson::ondemand::value& value, json_type type) {
  switch (type) {
    case json_type::null: {
      bool is_null = false;
      if (value.is_null().get(is_null) || !is_null) return simdjson::N_ATOM_ERROR;
      return ColumnType(ColumnType::kOpen);
    }
    case json_type::boolean: {
      bool truth;
      if (const error_code error = value.get_bool().get(truth)) return error;
      return ColumnType(ColumnType::kBoolean);
    }
    case json_type::number: return type_of_number(value);
    default: {
      std::string_view text;
      if (const error_code error = value.get_string().get(text)) return error;
      return type_of_text(text);
    }
  }
}

}  // namespace

JsonReader::JsonReader() {
  const error_code error = nested_.allocate(kNestedBytesInitial, kJsonDepthMax);
  TICKLAKE_ASSERT(error == simdjson::SUCCESS);
}

simdjson_result<simdjson::ondemand::object> JsonReader::begin(std::string_view text) {
  const size_t capacity = text.size() + simdjson::SIMDJSON_PADDING + lake::kKeyBytesMax + 1;
  if (padded_.size() < capacity) padded_.resize(capacity * 2);
  std::memcpy(padded_.data(), text.data(), text.size());
  // The parser reads past the end of the text, and must not find the rest of an earlier one.
  std::memset(padded_.data() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  if (const error_code error =
          parser_.iterate(padded_.data(), text.size(), padded_.size()).get(document_)) {
    return error;
  }
  return document_.get_object();
}

error_code JsonReader::finish() {
  const char* location;
  return document_.current_location().get(location) == simdjson::SUCCESS ? simdjson::TAPE_ERROR
                                                                         : simdjson::SUCCESS;
}

error_code JsonReader::check_nested(std::string_view text) {
  return nested_.parse(text.data(), text.size(), true).error();
}

simdjson_result<Classified> classify(JsonReader& reader, simdjson::ondemand::value& value) {
  json_type type;
  if (const error_code error = value.type().get(type)) return error;
  Classified classified;
  if (type != json_type::array && type != json_type::object) {
    if (const error_code error = type_of_scalar(value, type).get(classified.type)) return error;
    classified.raw = without_space_behind(value.raw_json_token());
    return classified;
  }
  classified.type = ColumnType::kVarchar;
  if (const error_code error = nested_text(value, type).get(classified.raw)) return error;
  classified.raw = without_space_behind(classified.raw);
  if (const error_code error = reader.check_nested(classified.raw)) return error;
  return classified;
}

}  // namespace ticklake::table
