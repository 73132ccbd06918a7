#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ticklake::feed {

/// How a file writes its numbers.
struct NumberMarks {
  char decimal = '.';
  char thousands = '\0';  ///< '\0': digits are not grouped

  bool operator==(const NumberMarks&) const = default;
};

/// The JSON number that `text` is, every digit kept: 1,234.50 with these marks is 1234.50, and so
/// is 1,23,456 as India groups it; (1.5) is -1.5, as accountants write it. A currency sign in front
/// or behind, a percent sign behind, and K, M, B or T behind (thousands, millions,
/// billions, trillions, as a shift of the decimal point) are read over. None if it is no number so
/// written: digits in wrong groups, leading zeros (they are codes), anything else around it.
std::optional<std::string> read_number(std::string_view text, const NumberMarks& marks);

/// Whether the usual texts for "no value" are meant, where the other values are numbers or times:
/// "-", ".", "N/A", "NA", "\N", "null", "NaN", "None", an infinity, "#DIV/0!" and their like; or
/// nothing.
bool is_usual_null(std::string_view text);

}  // namespace ticklake::feed
