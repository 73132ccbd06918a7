#pragma once

#include <string_view>
#include <vector>

namespace ticklake::base {

/// The parts between separators, empty ones too; one part where there is no separator.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace ticklake::base
