#include "feed/csv_number.h"

#include <algorithm>
#include <array>

#include "base/trim.h"
#include "feed/json_text.h"

namespace ticklake::feed {
namespace {

constexpr size_t kNumberBytesMax = 400;
constexpr size_t kGroupDigits = 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_currency(std::string_view& text) {
  for (const std::string_view sign : {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xB9"})
    if (take_prefix(text, sign)) return true;
  return false;
}

/// A percent or currency sign, with or without a space before it, and nothing else.
bool is_unit(std::string_view text) {
  take_prefix(text, " ");
  return (take_prefix(text, "%") || take_currency(text)) && text.empty();
}

/// Takes a minus off, as typed or as typeset.
bool take_minus(std::string_view& text) {
  return take_prefix(text, "-") || take_prefix(text, "\xE2\x88\x92");
}

/// Digits that `suffix` shifts the decimal point by.
std::optional<size_t> shift_of(char suffix) {
  switch (suffix) {
    case 'K': return 3;
    case 'M': return 6;
    case 'B': return 9;
    case 'T': return 12;
    default: return std::nullopt;
  }
}

/// Takes whole digits off the front, grouped or not, and gives them without marks. Groups are of
/// three digits or, in India, of two before a last one of three: 1,01,23,456.
bool take_whole(std::string_view& text, char thousands, std::string& digits) {
  size_t group = 0;
  bool is_grouped = false, in_threes = true, in_twos = thousands == ',';
  while (!text.empty()) {
    const char c = text[0];
    if (is_digit(c)) {
      digits += c;
      ++group;
    } else if (thousands != '\0' && c == thousands) {
      if (group == 0) return false;
      in_threes &= is_grouped ? group == kGroupDigits : group <= kGroupDigits;
      in_twos &= is_grouped ? group == 2 : group <= 2;
      is_grouped = true;
      group = 0;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  return !is_grouped || (group == kGroupDigits && (in_threes || in_twos));
}

}  // namespace

std::optional<std::string> read_number(std::string_view text, const NumberMarks& marks) {
  text = base::trimmed(text);
  if (text.empty() || text.size() > kNumberBytesMax) return std::nullopt;
  std::string number;
  const bool in_parentheses = text.front() == '(' && text.back() == ')';
  if (in_parentheses) {
    number = "-";
    text = base::trimmed(text.substr(1, text.size() - 2));
  }
  take_currency(text);
  const bool is_signed = take_minus(text);
  if (is_signed && in_parentheses) return std::nullopt;
  if (is_signed)
    number = "-";
  else
    take_prefix(text, "+");
  take_currency(text);
  const size_t digits_from = number.size();
  if (!take_whole(text, marks.thousands, number)) return std::nullopt;
  const size_t whole = number.size() - digits_from;
  if (whole > 1 && number[digits_from] == '0') return std::nullopt;
  std::string fraction;
  if (text.starts_with(marks.decimal)) {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text[0])) {
      fraction += text[0];
      text.remove_prefix(1);
    }
  }
  if (whole == 0 && fraction.empty()) return std::nullopt;
  if (whole == 0) number += '0';
  const auto shift = text.size() == 1 ? shift_of(text[0]) : std::nullopt;
  if (shift) {
    if (fraction.size() < *shift) fraction.resize(*shift, '0');
    if (number.substr(digits_from) == "0") number.resize(digits_from);
    number += fraction.substr(0, *shift);
    fraction.erase(0, *shift);
    const size_t zeros = std::min(number.find_first_not_of('0', digits_from), number.size() - 1);
    number.erase(digits_from, zeros - digits_from);
    text = {};
  } else if (is_unit(text)) {
    text = {};
  }
  if (!fraction.empty()) (number += '.') += fraction;
  number += text;  // an exponent, or what is none
  std::string json;
  if (!append_json_value(json, number) || json[0] == '"' || json[0] == 'n') return std::nullopt;
  return json;
}

bool is_usual_null(std::string_view text) {
  static constexpr std::array<std::string_view, 21> kNulls = {
      "-",        "--",        ".",       "n/a",     "na",    "#n/a",  "#n/a n/a",
      "\\n",      "null",      "nan",     "none",    "inf",   "-inf",  "+inf",
      "infinity", "-infinity", "#div/0!", "#value!", "#ref!", "#num!", "#name?"};
  constexpr size_t kLongest = 9;
  text = base::trimmed(text);
  if (text.empty()) return true;
  if (text.size() > kLongest || is_digit(text[0])) return false;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return std::ranges::find(kNulls, lower) != kNulls.end();
}

}  // namespace ticklake::feed
