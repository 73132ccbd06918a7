// Calls of scalar functions that need more than another name.
#include <algorithm>
#include <array>

#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

std::string listed(const Call& call, std::string_view separator) {
  std::string sql;
  for (size_t i = 0; i < call.size(); ++i)
    sql += (i > 0 ? std::string(separator) : "") + call[i].sql;
  return sql;
}

size_t cost_of(const Call& call) {
  size_t cost = 1;
  for (size_t i = 0; i < call.size(); ++i)
    cost += call[i].cost;
  return cost;
}

std::vector<Expr> values_of(Call& call) {
  std::vector<Expr> values;
  for (Argument& argument : call.arguments)
    values.push_back(std::move(argument.value));
  return values;
}

/// One %… of Java's Formatter.
struct FormatPiece {
  std::string flags;
  char letter = '\0';
  char date_letter = '\0';  ///< behind %t
  size_t argument = 0;
  size_t end = 0;  ///< its last character
};

/// The piece whose flags stand in [begin, end) and whose letter is at `end`. `next` counts the
/// arguments of those without a number.
FormatPiece format_piece(std::string_view format, size_t begin, size_t end, size_t& next) {
  FormatPiece piece;
  piece.flags = format.substr(begin, end - begin);
  piece.letter = format[end];
  piece.end = end;
  if (piece.letter == '%' || piece.letter == 'n') return piece;
  if (piece.letter == 't' || piece.letter == 'T') {
    piece.date_letter = end + 1 < format.size() ? format[end + 1] : '\0';
    ++piece.end;
  }
  const size_t dollar = piece.flags.find('$');
  if (dollar == std::string::npos) {
    piece.argument = next++;
    return piece;
  }
  for (const char c : piece.flags.substr(0, std::min<size_t>(dollar, 3)))
    piece.argument = c >= '0' && c <= '9' ? piece.argument * 10 + static_cast<size_t>(c - '0') : 0;
  piece.flags.erase(0, dollar + 1);
  return piece;
}

/// DuckDB's SQL of a piece; empty if it has none.
std::string formatted(const FormatPiece& piece, const Expr& value) {
  static constexpr std::pair<char, std::string_view> kDates[] = {
      {'A', "%A"},       {'a', "%a"},       {'B', "%B"},       {'b', "%b"},    {'e', "%-d"},
      {'d', "%d"},       {'Y', "%Y"},       {'y', "%y"},       {'m', "%m"},    {'H', "%H"},
      {'M', "%M"},       {'S', "%S"},       {'j', "%j"},       {'I', "%I"},    {'p', "%p"},
      {'F', "%Y-%m-%d"}, {'T', "%H:%M:%S"}, {'D', "%m/%d/%y"}, {'R', "%H:%M"}, {'L', "%g"}};
  for (const auto& [java, ours] : kDates) {
    if (piece.date_letter == java)
      return "strftime(" + value.sql + ", '" + std::string(ours) + "')";
  }
  const auto printed = [&](char letter, std::string_view type) {
    return "printf('%" + piece.flags + letter + "', CAST(" + value.sql + " AS " +
           std::string(type) + "))";
  };
  switch (piece.letter) {
    case 's': return printed('s', "VARCHAR");
    case 'S': return "upper(" + printed('s', "VARCHAR") + ")";
    case 'd':
    case 'x':
    case 'X':
    case 'o': return printed(piece.letter, "BIGINT");
    case 'f':
    case 'e':
    case 'E':
    case 'g': return printed(piece.letter, "DOUBLE");
    case 'b':
    case 'B':
    case 'c': return "CAST(" + value.sql + " AS VARCHAR)";
    default: return {};
  }
}

/// What Java's regular expressions have and RE2 does not; empty if there is nothing.
std::string beyond_re2(std::string_view pattern) {
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    if (rest[0] == '\\') {
      if (rest.size() > 1 && rest[1] >= '1' && rest[1] <= '9' && !in_class)
        return "back references";
      if (rest.size() > 1 && (rest[1] == 'k' || rest[1] == 'G' || rest[1] == 'Z')) {
        return "\\" + std::string(1, rest[1]);
      }
      ++i;
      continue;
    }
    if (in_class) {
      if (rest.starts_with("&&")) return "intersections of character classes (&&)";
      in_class = rest[0] != ']';
      continue;
    }
    if (rest[0] == '[') {
      in_class = true;
      // A ] that comes first is one of the class.
      if (rest.size() > 1 && rest[1] == ']') ++i;
      if (rest.size() > 2 && rest[1] == '^' && rest[2] == ']') i += 2;
      continue;
    }
    for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"}) {
      if (rest.starts_with(look)) return "look-around (" + std::string(look) + "…)";
    }
    if (rest.starts_with("(?>")) return "atomic groups";
    if (rest.size() > 1 && rest[1] == '+' &&
        std::string_view("*+?}").find(rest[0]) != std::string_view::npos) {
      return "possessive quantifiers";
    }
  }
  return {};
}

/// Java's (?<name>…) is (?P<name>…) in RE2 of DuckDB.
std::string as_re2(std::string_view pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern.substr(i, 2);
      ++i;
    } else if (pattern.substr(i).starts_with("(?<") && !pattern.substr(i).starts_with("(?<=") &&
               !pattern.substr(i).starts_with("(?<!")) {
      out += "(?P<";
      i += 2;
    } else {
      out += pattern[i];
    }
  }
  return out;
}

/// The capturing groups of a pattern.
size_t count_groups(std::string_view pattern) {
  size_t count = 0;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (in_class) {
      in_class = pattern[i] != ']';
    } else if (pattern[i] == '[') {
      in_class = true;
    } else if (pattern[i] == '(') {
      const bool plain = !pattern.substr(i).starts_with("(?");
      count += plain || pattern.substr(i).starts_with("(?<") ? 1 : 0;
    }
  }
  return std::min<size_t>(count, 99);
}

/// ${name} as the number of the pattern's group (?<name>…).
std::string with_numbered_groups(std::string text, std::string_view pattern) {
  for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 1)) {
    const size_t end = text.find('}', at);
    if (end == std::string::npos) break;
    const std::string name = text.substr(at + 2, end - at - 2);
    const size_t group = pattern.find("(?<" + name + ">");
    if (group == std::string_view::npos) continue;
    text.replace(at + 2, name.size(), std::to_string(count_groups(pattern.substr(0, group)) + 1));
  }
  return text;
}

/// $1 and ${1} of Java as \1 of RE2; \$ as a dollar.
std::string as_re2_replacement(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == '\\' && next != '\0') {
      out += next == '\\' ? "\\\\" : std::string(1, next);
      ++i;
    } else if (text[i] == '$' && next >= '0' && next <= '9') {
      out += '\\';
    } else if (text[i] == '$' && next == '{' && i + 3 < text.size() && text[i + 3] == '}' &&
               text[i + 2] >= '0' && text[i + 2] <= '9') {
      out += "\\" + std::string(1, text[i + 2]);
      i += 3;
    } else if (text[i] == '\\') {
      out += "\\\\";
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

Expr Translator::call_if(Call& call) {
  if (cursor_.failed()) return {};
  const size_t cost = cost_of(call);
  const std::string otherwise = call.size() == 3 ? call[2].sql : "NULL";
  Type type = call[1].type;
  if (call.size() == 3 && call[2].type.kind != type.kind) type = {};
  if (type.is_decimal()) type = {};
  return made("(CASE WHEN " + call[0].sql + " THEN " + call[1].sql + " ELSE " + otherwise + " END)",
              type, cost);
}

Expr Translator::call_coalesce(Call& call) {
  Type type = call[0].type;
  for (size_t i = 1; i < call.size(); ++i) {
    if (call[i].type.kind != type.kind) type = {};
  }
  if (type.is_decimal()) type = {};
  return made("coalesce(" + listed(call, ", ") + ")", type, cost_of(call));
}

Expr Translator::call_concat(Call& call) {
  Expr left = std::move(call[0]);
  for (size_t i = 1; i < call.size(); ++i)
    left = concat(std::move(left), std::move(call[i]));
  return left;
}

Expr Translator::call_concat_ws(Call& call) {
  const size_t cost = cost_of(call);
  if (call.size() == 2 && !call[1].type.is_text()) {
    return macro("concat_ws", values_of(call), {TypeKind::kVarchar});
  }
  return made("concat_ws(" + listed(call, ", ") + ")", {TypeKind::kVarchar}, cost);
}

/// greatest and least: NULL if one is.
Expr Translator::call_extreme(Call& call) {
  return macro(call.name == "greatest" ? "greatest_of" : "least_of",
               {made("[" + listed(call, ", ") + "]", {}, cost_of(call))},
               call[0].type.is_decimal() ? Type{} : call[0].type);
}

Expr Translator::call_try(Call& call) {
  return made("TRY(" + call[0].sql + ")", call[0].type, call[0].cost);
}

Expr Translator::call_typeof(Call& call) {
  const Expr& value = call[0];
  if (const auto text = constant_string(value)) {
    size_t length = 0;
    for (const char c : *text)
      length += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    return made("'varchar(" + std::to_string(length) + ")'", {TypeKind::kVarchar}, 1);
  }
  if (value.type.is(TypeKind::kNull)) return made("'unknown'", {TypeKind::kVarchar}, 1);
  if (value.type.is(TypeKind::kTimestampTz) || !value.zone.empty()) {
    return made("'timestamp(3) with time zone'", {TypeKind::kVarchar}, 1);
  }
  if (value.type.is(TypeKind::kIntervalYear)) {
    return made("'interval year to month'", {TypeKind::kVarchar}, 1);
  }
  return macro("typeof", values_of(call), {TypeKind::kVarchar});
}

Expr Translator::call_round(Call& call) {
  const bool truncates = call.name == "truncate";
  const Expr& value = call[0];
  if (value.type.is_decimal() && call.size() == 1) {
    return made((truncates ? "trunc(" : "round(") + value.sql + ")", {}, value.cost);
  }
  return macro(truncates ? "truncate" : "round", values_of(call));
}

Expr Translator::call_modulo(Call& call) { return modulo(std::move(call[0]), std::move(call[1])); }

Expr Translator::call_random(Call& call) {
  if (call.size() == 0) return made("random()", {TypeKind::kDouble}, 1);
  return macro("random", values_of(call), {TypeKind::kBigint});
}

/// format('%s …', …) with a constant format: each piece is formatted by itself, after its letter.
Expr Translator::call_format(Call& call) {
  const std::string format = constant_text(call[0], "format with a pattern", call.token);
  std::vector<std::string> pieces;
  std::string plain;
  size_t next = 1;
  for (size_t i = 0; i < format.size() && !cursor_.failed(); ++i) {
    if (format[i] != '%') {
      plain += format[i];
      continue;
    }
    const size_t end = format.find_first_not_of("0123456789$,.+-# (<", i + 1);
    FormatPiece piece;
    if (end != std::string::npos) piece = format_piece(format, i + 1, end, next);
    i = end == std::string::npos ? format.size() : piece.end;
    if (piece.letter == '%' || piece.letter == 'n') {
      plain += piece.letter == '%' ? '%' : '\n';
      continue;
    }
    if (piece.argument == 0 || piece.argument >= call.size()) {
      cursor_.fail("INVALID_FUNCTION_ARGUMENT",
                   "Invalid format string: " + format + " (Format specifier '%" + piece.flags +
                       piece.letter + "')",
                   call.token);
      return {};
    }
    const std::string sql = formatted(piece, call[piece.argument]);
    if (sql.empty()) {
      cursor_.not_supported("format with %" + piece.flags + piece.letter, call.token);
      return {};
    }
    if (!plain.empty()) pieces.push_back(quoted_string(plain));
    plain.clear();
    pieces.push_back(sql);
    if (pieces.size() > kChainMax) {
      cursor_.fail("QUERY_TOO_COMPLEX", "a format of too many pieces", call.token);
    }
  }
  if (!plain.empty()) pieces.push_back(quoted_string(plain));
  std::string sql;
  for (const std::string& piece : pieces)
    sql += (sql.empty() ? "" : " || ") + piece;
  return made(sql.empty() ? "''" : "(" + sql + ")", {TypeKind::kVarchar}, cost_of(call));
}

Expr Translator::call_regexp(Call& call) {
  if (const auto pattern = constant_string(call[1])) {
    const std::string beyond = beyond_re2(*pattern);
    if (!beyond.empty()) {
      cursor_.not_supported("regular expressions with " + beyond, call.token);
      return {};
    }
    call[1].sql = quoted_string(as_re2(*pattern));
  }
  const size_t cost = cost_of(call);
  const std::string arguments = "(" + listed(call, ", ") + ")";
  if (call.name == "regexp_like") {
    return made("regexp_matches" + arguments, {TypeKind::kBoolean}, cost);
  }
  if (call.name == "regexp_count") {
    return macro("regexp_count", values_of(call), {TypeKind::kBigint});
  }
  if (call.name == "regexp_position") {
    return macro("regexp_position", values_of(call), {TypeKind::kInteger});
  }
  if (call.name == "regexp_split") {
    return made("string_split_regex" + arguments, {TypeKind::kArray, 0, 0, TypeKind::kVarchar},
                cost);
  }
  if (call.size() == 3 && !(call[2].type.is_integer() && call[2].is_literal)) {
    cursor_.not_supported(call.name + " with a group that is no constant", call.token);
    return {};
  }
  const std::string group = call.size() == 3 ? call[2].sql : "0";
  if (call.name == "regexp_extract_all") {
    return made("regexp_extract_all(" + call[0].sql + ", " + call[1].sql + ", " + group + ")",
                {TypeKind::kArray, 0, 0, TypeKind::kVarchar}, cost);
  }
  // DuckDB gives '' where nothing matches; the first of all matches is NULL then.
  return made("list_extract(regexp_extract_all(" + call[0].sql + ", " + call[1].sql + ", " + group +
                  "), 1)",
              {TypeKind::kVarchar}, cost);
}

Expr Translator::call_regexp_replace(Call& call) {
  const auto pattern = constant_string(call[1]);
  if (pattern) {
    const std::string beyond = beyond_re2(*pattern);
    if (!beyond.empty()) {
      cursor_.not_supported("regular expressions with " + beyond, call.token);
      return {};
    }
    call[1].sql = quoted_string(as_re2(*pattern));
  }
  std::string replacement = "''";
  if (call.size() == 3) {
    if (call.arguments[2].is_lambda) return replaced_by_lambda(call);
    auto constant = constant_string(call[2]);
    if (constant && pattern) constant = with_numbered_groups(std::move(*constant), *pattern);
    replacement = constant ? quoted_string(as_re2_replacement(*constant))
                           : "athena.java_replacement(" + call[2].sql + ")";
  }
  return made("regexp_replace(" + call[0].sql + ", " + call[1].sql + ", " + replacement + ", 'g')",
              {TypeKind::kVarchar}, cost_of(call));
}

/// regexp_replace(text, pattern, x -> …): what stands between the matches, and what becomes of
/// each.
Expr Translator::replaced_by_lambda(Call& call) {
  const std::string pattern = constant_text(call[1], "a lambda with a pattern", call.token);
  if (!require_lambda(call, 2, 1)) return {};
  const std::string text = new_variable();
  const std::string match = new_variable();
  const std::string i = new_variable();
  std::string groups;
  const size_t count = count_groups(pattern);
  for (size_t group = 1; group <= count; ++group) {
    groups += (group > 1 ? ", " : "") + ("regexp_extract_all(" + text + ", " + call[1].sql + ", ") +
              std::to_string(group) + ")[" + i + "]";
  }
  const Argument& lambda = call.arguments[2];
  const Expr body = lambda_body(
      lambda,
      {{lambda.parameters[0], "[" + groups + "]", {TypeKind::kArray, 0, 0, TypeKind::kVarchar}}});
  const std::string parts = "string_split_regex(" + text + ", " + call[1].sql + ")";
  return made("list_transform([" + call[0].sql + "], lambda " + text +
                  ": array_to_string(list_transform(regexp_extract_all(" + text + ", " +
                  call[1].sql + "), lambda " + match + ", " + i + ": " + parts + "[" + i + "] || " +
                  body.sql + "), '') || " + parts + "[-1])[1]",
              {TypeKind::kVarchar}, call[0].cost + body.cost);
}

Expr Translator::call_json_path(Call& call) {
  std::string path = "athena.json_path_of(" + call[1].sql + ")";
  if (const auto constant = constant_string(call[1])) {
    const auto known = json_path(*constant, false);
    if (!known || known->many) {
      cursor_.not_supported("the JSON path '" + constant->substr(0, 60) + "'", call.token);
      return {};
    }
    path = quoted_string(known->duckdb);
  }
  std::vector<Expr> arguments;
  arguments.push_back(std::move(call[0]));
  arguments.push_back(made(path, {TypeKind::kVarchar}, call[1].cost));
  const TypeKind type = call.name == "json_extract"          ? TypeKind::kJson
                        : call.name == "json_extract_scalar" ? TypeKind::kVarchar
                                                             : TypeKind::kBigint;
  return macro(call.name, std::move(arguments), {type});
}

Expr Translator::call_combinations(Call& call) {
  static constexpr std::array<std::string_view, 5> kMacros{
      "combinations_1", "combinations_2", "combinations_3", "combinations_4", "combinations_5"};
  const std::string size = call[1].is_literal ? call[1].sql : "";
  if (size.size() != 1 || size < "1" || size > "5") {
    cursor_.not_supported("combinations of other sizes than the constants 1 to 5", call.token);
    return {};
  }
  std::vector<Expr> arguments;
  arguments.push_back(std::move(call[0]));
  return macro(kMacros[static_cast<size_t>(size[0] - '1')], std::move(arguments),
               {TypeKind::kArray, 0, 0, TypeKind::kArray});
}

Expr Translator::call_division(Call& call) {
  return divide(std::move(call[0]), std::move(call[1]));
}

Expr Translator::call_array_join(Call& call) {
  if (call[0].type.element != TypeKind::kVarchar) {
    const std::string x = new_variable();
    call[0].sql = "list_transform(" + call[0].sql + ", lambda " + x + ": athena.to_varchar(" + x +
                  ", " + x + "))";
  }
  return macro("array_join", values_of(call), {TypeKind::kVarchar});
}

Expr Translator::call_map(Call& call) {
  if (call.size() == 0) return made("map()", {TypeKind::kMap}, 1);
  if (call.size() == 1) {
    cursor_.fail("FUNCTION_NOT_FOUND", "Unexpected parameters for function map", call.token);
    return {};
  }
  return macro("map", values_of(call), {TypeKind::kMap});
}

}  // namespace ticklake::query::athena
