#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

#include "lake/schema.h"

namespace ticklake::table {

/// Nested values deeper than this make a record a dead letter.
inline constexpr size_t kJsonDepthMax = 256;

/// Parses JSON objects, one record at a time, in memory that it keeps. What it gives is valid
/// until the next record. One thread.
class JsonReader {
 public:
  JsonReader();

  /// Begins with `text`; an error if it is no JSON object. The members must be iterated to their
  /// end, then finish() called: parsing is lazy, and only then is all of the text known to be good.
  simdjson::simdjson_result<simdjson::ondemand::object> begin(std::string_view text);
  /// Whether nothing stands behind the object.
  simdjson::error_code finish();
  /// Checks a whole nested value (an array or object), which the lazy parser only skips.
  simdjson::error_code check_nested(std::string_view text);

 private:
  std::string padded_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  simdjson::dom::parser nested_;
};

/// What a value is, after checking that it is valid.
struct Classified {
  /// The narrowest type that holds it to the digit (kOpen for null); see market::type_of_number()
  /// and TextTime::type().
  lake::ColumnType type = lake::ColumnType::kOpen;
  std::string_view raw;  ///< its text in the record; a string's with quotes
};

/// Consumes `value` if it is an array or object.
simdjson::simdjson_result<Classified> classify(JsonReader& reader,
                                               simdjson::ondemand::value& value);

}  // namespace ticklake::table
