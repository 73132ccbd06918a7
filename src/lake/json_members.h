#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace ticklake::lake {

// Reading of small JSON objects that may have been damaged or made by others: nothing here throws.

/// `text` as a JSON object that nests at most `depth_max` deep; none for anything else.
std::optional<nlohmann::json> parse_object(std::string_view text, int depth_max);
/// The member called `name`; null if there is none.
const nlohmann::json* find_member(const nlohmann::json& object, const char* name);
/// It as a whole number from 0 to INT64_MAX.
std::optional<int64_t> whole_member(const nlohmann::json& object, const char* name);
/// It as a text of at most `bytes_max`.
std::optional<std::string> text_member(const nlohmann::json& object, const char* name,
                                       size_t bytes_max);

}  // namespace ticklake::lake
