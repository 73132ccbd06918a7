// Formats of dates: MySQL's and Joda's letters as those of DuckDB's strftime and strptime.
#include <array>

#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

struct Letter {
  char mysql;
  std::string_view format;
  std::string_view parse;
};
constexpr std::array<Letter, 25> kMysql{{
    {'a', "%a", "%a"},
    {'b', "%b", "%b"},
    {'c', "%-m", "%m"},
    {'d', "%d", "%d"},
    {'e', "%-d", "%d"},
    {'f', "%f", "%f"},
    {'H', "%H", "%H"},
    {'h', "%I", "%I"},
    {'I', "%I", "%I"},
    {'i', "%M", "%M"},
    {'j', "%j", "%j"},
    {'k', "%-H", "%H"},
    {'l', "%-I", "%I"},
    {'M', "%B", "%B"},
    {'m', "%m", "%m"},
    {'p', "%p", "%p"},
    {'r', "%I:%M:%S %p", "%I:%M:%S %p"},
    {'S', "%S", "%S"},
    {'s', "%S", "%S"},
    {'T', "%H:%M:%S", "%H:%M:%S"},
    {'v', "%V", ""},
    {'W', "%A", "%A"},
    {'x', "%G", ""},
    {'Y', "%Y", "%Y"},
    {'y', "%y", "%y"},
}};
constexpr std::string_view kMysqlUnsupported = "DUuVwX";

void append_plain(char c, std::string& out) {
  if (c == '%') out += '%';
  out += c;
}

/// A run of one Joda letter; empty if DuckDB has no word for it.
std::string_view joda_run(char letter, size_t count, bool parse) {
  switch (letter) {
    case 'y':
    case 'Y':
    case 'u': return count == 2 ? "%y" : "%Y";
    case 'x': return parse ? "" : "%G";
    case 'w': return parse ? "" : "%V";
    case 'e': return parse || count > 1 ? "" : "%u";
    case 'M':
      if (count >= 4) return "%B";
      if (count == 3) return "%b";
      return count == 2 || parse ? "%m" : "%-m";
    case 'd': return count >= 2 || parse ? "%d" : "%-d";
    case 'D': return count >= 3 || parse ? "%j" : "%-j";
    case 'E': return count >= 4 ? "%A" : "%a";
    case 'a': return "%p";
    case 'H': return count >= 2 || parse ? "%H" : "%-H";
    case 'h': return count >= 2 || parse ? "%I" : "%-I";
    case 'm': return count >= 2 || parse ? "%M" : "%-M";
    case 's': return count >= 2 || parse ? "%S" : "%-S";
    case 'S':
      if (parse) return count <= 6 ? "%f" : "%n";
      return count == 3 ? "%g" : count == 6 ? "%f" : count == 9 ? "%n" : "";
    case 'Z': return parse ? "%z" : count == 1 ? "+0000" : count == 2 ? "+00:00" : "UTC";
    case 'z': return parse ? "%Z" : "UTC";
    default: return "";
  }
}

}  // namespace

DateFormat mysql_format(std::string_view format, bool parse) {
  DateFormat out;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      append_plain(format[i], out.duckdb);
      continue;
    }
    const char letter = format[++i];
    bool known = false;
    for (const Letter& each : kMysql) {
      if (each.mysql != letter) continue;
      const std::string_view words = parse ? each.parse : each.format;
      out.duckdb += words;
      known = !words.empty();
    }
    if (known) continue;
    if (kMysqlUnsupported.find(letter) != std::string_view::npos || letter == 'v' ||
        letter == 'x') {
      out.unknown = "%" + std::string(1, letter);
      return out;
    }
    append_plain(letter, out.duckdb);
  }
  return out;
}

DateFormat joda_format(std::string_view format, bool parse) {
  DateFormat out;
  for (size_t i = 0; i < format.size();) {
    const char c = format[i];
    if (c == '\'') {
      // 'text' stands for itself, '' for a quote.
      if (i + 1 < format.size() && format[i + 1] == '\'') {
        out.duckdb += '\'';
        i += 2;
        continue;
      }
      for (++i; i < format.size(); ++i) {
        if (format[i] == '\'') {
          if (i + 1 >= format.size() || format[i + 1] != '\'') break;
          ++i;
        }
        append_plain(format[i], out.duckdb);
      }
      ++i;
      continue;
    }
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_letter) {
      append_plain(c, out.duckdb);
      ++i;
      continue;
    }
    size_t count = 1;
    while (i + count < format.size() && format[i + count] == c)
      ++count;
    const std::string_view words = joda_run(c, count, parse);
    if (words.empty()) {
      out.unknown = std::string(format.substr(i, count));
      return out;
    }
    out.duckdb += words;
    i += count;
  }
  return out;
}

}  // namespace ticklake::query::athena
