#include "message/decoder.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/assert.h"
#include "message/avro_json.h"
#include "message/value_kind.h"
#include "message/wire_format.h"

namespace ticklake::message {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kQuotedArrayIndexKey = "\"_array_index\"";
constexpr std::string_view kWhiteSpace = " \t\r\n";
/// Nested values deeper than this are no rows either.
constexpr size_t kJsonDepthMax = 256;

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

char first_character(std::string_view text) {
  const size_t start = text.find_first_not_of(kWhiteSpace);
  return start == std::string_view::npos ? '\0' : text[start];
}

/// `object` with its place in the array as its last member.
std::string with_index(std::string_view object, size_t index) {
  std::string row(object.substr(0, object.rfind('}')));
  const bool is_empty = row.find_last_not_of(kWhiteSpace) == row.find('{');
  fmt::format_to(std::back_inserter(row), "{}\"{}\":{}}}", is_empty ? "" : ",", kArrayIndexKey,
                 index);
  return row;
}

/// Whether all of `text` is one JSON value; the reason if not.
std::optional<std::string> json_problem(const simdjson::padded_string& text) {
  simdjson::dom::parser parser;
  if (const auto error = parser.allocate(text.size() + 1, kJsonDepthMax)) {
    return fmt::format("it cannot be read ({})", simdjson::error_message(error));
  }
  const auto error = parser.parse(text).error();
  if (error == simdjson::SUCCESS) return std::nullopt;
  return fmt::format("it is not valid JSON ({})", simdjson::error_message(error));
}

}  // namespace

std::string_view Decoder::keep(std::string text) {
  bytes_ += text.size();
  return kept_.emplace_back(std::move(text));
}

void Decoder::clear() {
  kept_.clear();
  bytes_ = 0;
}

DecodedValue Decoder::refuse(std::string reason) { return {{}, keep(std::move(reason))}; }

base::Result<DecodedValue> Decoder::decode(std::optional<std::string_view> value) {
  if (!value) return DecodedValue{};
  const bool is_registered = decoding_.registry && value->starts_with(kMagicByte);
  if (is_registered) return decode_registered(*value);
  return decode_json(*value);
}

DecodedValue Decoder::decode_json(std::string_view value) {
  const std::string_view text = without_mark(value);
  const char first = first_character(text);
  if (first == '{' && is_plain_object(text.substr(text.find('{')))) return {{text}, {}};
  if (first == '[' && decoding_.explode) return explode(text);
  return refuse(reason_of_kind(text));
}

DecodedValue Decoder::explode(std::string_view text) {
  const simdjson::padded_string padded(text);
  if (auto problem = json_problem(padded)) return refuse(std::move(*problem));
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  if (parser.iterate(padded).get(document) || document.get_array().get(array)) {
    return refuse("it is not a JSON array");
  }
  DecodedValue decoded;
  for (auto element : array) {
    const size_t index = decoded.rows.size();
    simdjson::ondemand::object object;
    std::string_view raw;
    if (element.get_object().get(object) || object.raw_json().get(raw)) {
      return refuse(fmt::format("element {} of its array is not a JSON object", index));
    }
    if (raw.find(kQuotedArrayIndexKey) != std::string_view::npos) {
      return refuse(
          fmt::format("element {} of its array has a {} of its own", index, kArrayIndexKey));
    }
    if (index == kElementsMax) {
      return refuse(fmt::format("its array has more than {} elements", kElementsMax));
    }
    decoded.rows.push_back(keep(with_index(raw, index)));
  }
  return decoded;
}

base::Result<DecodedValue> Decoder::decode_registered(std::string_view value) {
  TICKLAKE_ASSERT(registry_ != nullptr);
  const auto message = split_registered(value);
  if (!message) {
    return refuse("it starts with the schema registry's magic byte, but no schema's id follows");
  }
  if (std::ranges::binary_search(decoding_.refused_ids, message->schema_id)) {
    return refuse(fmt::format("its schema, id {}, was refused before", message->schema_id));
  }
  TICKLAKE_ASSIGN(const auto schema, registry_->schema(message->schema_id));
  if (std::holds_alternative<JsonSchema>(*schema)) return decode_json(message->payload);
  if (const auto* const unusable = std::get_if<UnusableSchema>(schema.get())) {
    return refuse(unusable->reason);
  }
  std::string json;
  std::optional<std::string> problem;
  if (const auto* const avro = std::get_if<AvroSchema>(schema.get())) {
    problem = append_avro(*avro, message->payload, json);
  } else {
    const auto* const protobuf = std::get_if<std::shared_ptr<const ProtobufSchema>>(schema.get());
    problem = (*protobuf)->append_json(message->payload, json);
  }
  if (problem) {
    return refuse(fmt::format("by its schema, id {}: {}", message->schema_id, *problem));
  }
  const std::string_view text = keep(std::move(json));
  if (text.front() == '{') return DecodedValue{{text}, {}};
  if (text.front() == '[') return decode_json(text);
  return refuse(fmt::format("its schema, id {}, is not that of a record", message->schema_id));
}

}  // namespace ticklake::message
