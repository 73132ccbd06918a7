#pragma once

#include <string>
#include <string_view>

namespace ticklake::feed {

/// Appends `text` as a JSON string with its quotes (RFC 8259); false, and nothing appended, if it
/// is not UTF-8.
bool append_json_string(std::string& json, std::string_view text);

/// Appends a CSV field as the JSON value it most plainly is, spaces around it aside: null where
/// means_missing(), the exact text of a JSON number, 0.5 for .5 and +.5, and a string for all
/// else, also for numbers with a leading zero (they are codes) or beyond a double. False, and
/// nothing appended, if it is not UTF-8.
bool append_json_value(std::string& json, std::string_view text);

/// Whether a text stands for "no value" in a CSV: nothing, null, NaN, or an infinity, which JSON
/// does not have.
bool means_missing(std::string_view text);

}  // namespace ticklake::feed
