#include <algorithm>
#include <charconv>
#include <optional>

#include "base/trim.h"
#include "catalog/file_probe.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

constexpr size_t kRecordsMax = 1'000;
constexpr size_t kHeaderCellMax = 150;
constexpr std::string_view kDelimiters{",|\t;\x01", 5};

struct Cell {
  std::string text;
  bool is_quoted = false;
};
using Row = std::vector<Cell>;

struct Rows {
  std::vector<Row> rows;
  size_t bytes = 0;  ///< of the text that they take
};

/// Cuts `text` into rows. The last one counts only if it ends, or if the text `is_whole`.
Rows cut(std::string_view text, char delimiter, bool is_whole) {
  Rows result;
  Row row;
  Cell cell;
  bool is_in_quotes = false;
  const auto end_row = [&](size_t at) {
    row.push_back(std::move(cell));
    cell = {};
    const bool is_empty = row.size() == 1 && row[0].text.empty() && !row[0].is_quoted;
    if (!is_empty) result.rows.push_back(std::move(row));
    row.clear();
    result.bytes = at;
  };
  for (size_t i = 0; i < text.size() && result.rows.size() < kRecordsMax; ++i) {
    const char c = text[i];
    if (is_in_quotes) {
      if (c != '"') {
        cell.text += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        cell.text += text[++i];
      } else {
        is_in_quotes = false;
      }
    } else if (c == '"' && cell.text.empty()) {
      is_in_quotes = cell.is_quoted = true;
    } else if (c == delimiter) {
      row.push_back(std::move(cell));
      cell = {};
    } else if (c == '\n') {
      end_row(i + 1);
    } else if (c != '\r' || i + 1 == text.size() || text[i + 1] != '\n') {
      cell.text += c;
    }
  }
  const bool has_rest = !row.empty() || !cell.text.empty() || cell.is_quoted;
  if (has_rest && is_whole && !is_in_quotes && result.rows.size() < kRecordsMax) {
    end_row(text.size());
  }
  return result;
}

/// Nearly all rows have as many cells as the first, and that is more than one.
bool is_table(const std::vector<Row>& rows) {
  if (rows.size() < 2 || rows[0].size() < 2) return false;
  const auto same =
      std::ranges::count_if(rows, [&](const Row& row) { return row.size() == rows[0].size(); });
  return static_cast<size_t>(same) * 10 >= rows.size() * 9;
}

using base::trimmed;

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_in(std::string_view text, int min, int max) {
  int value = 0;
  if (!are_digits(text)) return false;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value >= min && value <= max;
}

/// 2026-01-31
bool is_date(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && are_digits(text.substr(0, 4)) &&
         is_in(text.substr(5, 2), 1, 12) && is_in(text.substr(8, 2), 1, 31);
}

/// 2026-01-31 23:59:59[.123456789], which is all that Hive reads as one.
bool is_timestamp(std::string_view text) {
  if (text.size() < 19 || !is_date(text.substr(0, 10)) || text[10] != ' ') return false;
  if (text[13] != ':' || text[16] != ':') return false;
  if (!is_in(text.substr(11, 2), 0, 23) || !is_in(text.substr(14, 2), 0, 59)) return false;
  if (!is_in(text.substr(17, 2), 0, 59)) return false;
  const std::string_view fraction = text.substr(19);
  return fraction.empty() ||
         (fraction.size() <= 10 && fraction[0] == '.' && are_digits(fraction.substr(1)));
}

HiveType type_of(const Cell& cell) {
  using Kind = HiveType::Kind;
  const std::string_view text = trimmed(cell.text);
  // LazySimpleSerDe leaves quotes in, so that nothing but a string comes out.
  if (cell.is_quoted) return Kind::kString;
  if (text.empty()) return Kind::kNull;
  const std::string lower = folded(text);
  if (lower == "true" || lower == "false") return Kind::kBoolean;
  std::string_view digits = text;
  if (digits[0] == '+' || digits[0] == '-') digits.remove_prefix(1);
  if (!digits.empty() && (digits[0] == '.' || (digits[0] >= '0' && digits[0] <= '9'))) {
    const std::string_view number = text[0] == '+' ? digits : text;
    const char* const end = number.data() + number.size();
    int64_t integer = 0;
    const auto whole = std::from_chars(number.data(), end, integer);
    if (whole.ec == std::errc() && whole.ptr == end) {
      return integer >= INT32_MIN && integer <= INT32_MAX ? Kind::kInt : Kind::kBigint;
    }
    double real = 0;
    const auto read = std::from_chars(number.data(), end, real);
    if (read.ec == std::errc() && read.ptr == end) return Kind::kDouble;
  }
  if (is_date(text)) return Kind::kDate;
  if (is_timestamp(text)) return Kind::kTimestamp;
  return Kind::kString;
}

bool is_name(const Cell& cell) {
  return std::ranges::none_of(cell.text,
                              [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

/// Glue's rule: a first row of names, above one that has something else than texts.
bool has_header(const std::vector<Row>& rows) {
  const Row& first = rows[0];
  for (size_t i = 0; i < first.size(); ++i) {
    const std::string_view text = trimmed(first[i].text);
    const bool is_last = i + 1 == first.size();
    if (text.empty() && !is_last) return false;
    Cell unquoted{first[i].text};
    const auto kind = type_of(unquoted).kind();
    if (kind != HiveType::Kind::kString && kind != HiveType::Kind::kNull) return false;
    if ((text.size() >= kHeaderCellMax && !is_last) || !is_name(first[i])) return false;
  }
  for (size_t i = 1; i < rows.size(); ++i) {
    for (const Cell& cell : rows[i]) {
      const auto kind = type_of(cell).kind();
      if (kind != HiveType::Kind::kString && kind != HiveType::Kind::kNull) return true;
    }
  }
  return false;
}

void name_fields(const Row* header, std::vector<HiveField>& fields) {
  for (size_t i = 0; i < fields.size(); ++i) {
    std::string name = header != nullptr && i < header->size() ? folded(trimmed((*header)[i].text))
                                                               : std::string();
    if (name.empty()) name = "col" + std::to_string(i);
    std::string unique = name;
    for (int n = 1;
         std::ranges::find(fields.begin(), fields.begin() + static_cast<ptrdiff_t>(i), unique,
                           &HiveField::name) != fields.begin() + static_cast<ptrdiff_t>(i);
         ++n) {
      unique = name + "_" + std::to_string(n);
    }
    fields[i].name = unique;
  }
}

}  // namespace

std::string_view format_name(FileFormat format) {
  switch (format) {
    case FileFormat::kUnknown: return "UNKNOWN";
    case FileFormat::kJson: return "json";
    case FileFormat::kCsv: return "csv";
    case FileFormat::kParquet: return "parquet";
  }
  return "UNKNOWN";
}

FileProbe probe_csv(std::string_view text, bool is_whole) {
  FileProbe probe;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.find('\0') != std::string_view::npos) {
    probe.problem = "it is no text";
    return probe;
  }
  for (const char delimiter : kDelimiters) {
    const Rows cut_rows = cut(text, delimiter, is_whole);
    const std::vector<Row>& rows = cut_rows.rows;
    if (!is_table(rows)) continue;
    probe.kind = {FileFormat::kCsv, Compression::kNone, delimiter, has_header(rows)};
    probe.fields.resize(rows[0].size());
    const size_t first = probe.kind.has_header ? 1 : 0;
    bool has_quotes = false;
    for (size_t i = first; i < rows.size(); ++i) {
      for (size_t j = 0; j < rows[i].size() && j < probe.fields.size(); ++j) {
        probe.fields[j].type.merge(type_of(rows[i][j]));
        has_quotes = has_quotes || rows[i][j].is_quoted;
      }
    }
    name_fields(probe.kind.has_header ? &rows[0] : nullptr, probe.fields);
    probe.records = rows.size() - first;
    if (cut_rows.bytes > 0 && cut_rows.bytes < text.size()) {
      probe.records = probe.records * text.size() / cut_rows.bytes;
    }
    if (has_quotes) {
      probe.remark =
          "values in quotes keep them with LazySimpleSerDe, which Glue's crawler writes; "
          "OpenCSVSerde takes them off";
    }
    return probe;
  }
  probe.problem = "it is none of the formats that are known; CSV needs two columns and two rows";
  return probe;
}

}  // namespace ticklake::catalog
