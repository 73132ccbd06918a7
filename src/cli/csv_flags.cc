#include "cli/csv_flags.h"

#include <optional>

#include <fmt/format.h>

#include "base/split.h"

namespace ticklake::cli {
namespace {

base::Result<std::optional<char>> character(const std::string& flag, const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text == "\\t" || text == "tab") return '\t';
  if (text == "space") return ' ';
  if (text.size() == 1) return text[0];
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{} '{}' is not one character", flag, text), {},
                    "give one, such as ';'; 'tab' and 'space' have names");
}

/// ±HH:MM east of UTC.
base::Result<std::optional<std::chrono::minutes>> offset_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text == "UTC" || text == "Z") return std::chrono::minutes(0);
  const auto is_digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  constexpr size_t kBytes = 6;
  if (text.size() == kBytes && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
      is_digit(1) && is_digit(2) && is_digit(4) && is_digit(5)) {
    const int hours = (text[1] - '0') * 10 + text[2] - '0';
    const int minutes = (text[4] - '0') * 10 + text[5] - '0';
    if (hours < 24 && minutes < 60) {
      const std::chrono::minutes offset(hours * 60 + minutes);
      return text[0] == '-' ? -offset : offset;
    }
  }
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("--time-zone '{}' is no offset from UTC", text),
                    "names of zones, whose offset changes in the course of a year, are not known",
                    "give UTC or an offset such as -05:00");
}

}  // namespace

void add_csv_flags(CLI::App& command, CsvFlagTexts& texts) {
  const char* const kGroup = "How a CSV is written (found by itself; see ticklake feed inspect)";
  const auto text = [&](const char* flag, std::string& into, const char* what, const char* type) {
    command.add_option(flag, into, what)->type_name(type)->group(kGroup);
  };
  text("--columns", texts.columns, "names of the columns of a file without a line of names",
       "A,B,C");
  command
      .add_flag("--header", texts.header, "its first line has the names, whatever they look like")
      ->group(kGroup);
  command.add_option("--skip-lines", texts.skip_lines, "lines above the names")
      ->type_name("N")
      ->check(CLI::Range(0, 1000))
      ->group(kGroup);
  text("--comment", texts.comment, "lines that begin with it are passed over", "CHARACTER");
  text("--delimiter", texts.delimiter, "between fields", "CHARACTER");
  command.add_option("--null", texts.nulls, "text that stands for no value (repeatable)")
      ->type_name("TEXT")
      ->allow_extra_args(false)
      ->group(kGroup);
  text("--decimal", texts.decimal, "decimal mark: . or ,", "CHARACTER");
  text("--thousands", texts.thousands, "mark between thousands", "CHARACTER");
  text("--time-zone", texts.time_zone, "of times that name none; default UTC", "±HH:MM");
  command.add_option("--type", texts.types, "text, number or boolean (repeatable)")
      ->type_name("COLUMN=TYPE")
      ->allow_extra_args(false)
      ->group(kGroup);
  command.add_option("--bad-rows", texts.bad_rows, "leave them out and count them, or end at one")
      ->check(CLI::IsMember({"skip", "fail"}))
      ->capture_default_str()
      ->group(kGroup);
}

base::Result<feed::CsvFlags> csv_flags_of(const CsvFlagTexts& texts) {
  feed::CsvFlags flags;
  if (!texts.columns.empty())
    for (const std::string_view name : base::split(texts.columns, ','))
      flags.columns.emplace_back(name);
  flags.has_header = texts.header;
  if (texts.skip_lines >= 0) flags.skip_lines = static_cast<uint64_t>(texts.skip_lines);
  TICKLAKE_ASSIGN(flags.comment, character("--comment", texts.comment));
  TICKLAKE_ASSIGN(flags.delimiter, character("--delimiter", texts.delimiter));
  TICKLAKE_ASSIGN(flags.decimal, character("--decimal", texts.decimal));
  TICKLAKE_ASSIGN(flags.thousands, character("--thousands", texts.thousands));
  TICKLAKE_ASSIGN(flags.offset, offset_of(texts.time_zone));
  flags.nulls = texts.nulls;
  flags.bad_rows_fail = texts.bad_rows == "fail";
  for (const std::string& type : texts.types) {
    const size_t equals = type.rfind('=');
    if (equals == std::string::npos || equals == 0) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("--type '{}' is not COLUMN=TYPE", type), {},
                        "for example --type symbol=text");
    }
    flags.types.emplace_back(type.substr(0, equals), type.substr(equals + 1));
  }
  return flags;
}

}  // namespace ticklake::cli
