#include "feed/csv_columns.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <set>

#include <fmt/format.h>

#include "base/trim.h"
#include "feed/json_text.h"
#include "feed/rows.h"
#include "feed/time_format.h"

namespace ticklake::feed {
namespace {

using Record = std::vector<std::string>;

/// The ways in which files write numbers, plainest first.
constexpr std::array<NumberMarks, 4> kMarks = {NumberMarks{'.', '\0'}, NumberMarks{'.', ','},
                                               NumberMarks{',', '\0'}, NumberMarks{',', '.'}};
constexpr size_t kPlain = 0, kGrouped = 1, kComma = 2, kCommaGrouped = 3;
using Fits = std::bitset<kMarks.size()>;

bool is_boolean(std::string_view text) {
  text = base::trimmed(text);
  return text == "true" || text == "false" || text == "True" || text == "False" || text == "TRUE" ||
         text == "FALSE";
}

bool is_time_of_day(std::string_view text) {
  text = base::trimmed(text);
  static const TimeFormat kClock = TimeFormat::parse("%Y %T").value();
  static const TimeFormat kHalves = TimeFormat::parse("%Y %I:%M:%S %p").value();
  const std::string dated = "2000 " + std::string(text);
  return kClock.read(dated).has_value() || kHalves.read(dated).has_value();
}

/// Whether a column of this name holds names, whatever they look like: NA and TRUE are tickers.
bool names_instruments(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames = {"symbol", "ticker", "isin", "cusip",
                                                             "sedol"};
  std::string lower;
  for (const char c : name)
    if (c != '<' && c != '>') lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::ranges::find(kNames, lower) != kNames.end();
}

bool is_word(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

/// Whether `name` is t, or its last word is time, timestamp or date: open_time, "Open time" and
/// openTime, but not candidate.
bool could_name_times(std::string_view name) {
  if (name == "t" || name == "T") return true;
  for (const std::string_view word : {"ime", "imestamp", "ate"}) {
    if (!name.ends_with(word) || name.size() == word.size()) continue;
    const size_t at = name.size() - word.size() - 1;
    const char first = name[at];
    const char wanted = word == "ate" ? 'd' : 't';
    if (first != wanted && first != wanted - 32) continue;
    if (first != wanted || at == 0 || !is_word(name.substr(at - 1, 1))) return true;
  }
  return false;
}

/// One column of the sample.
struct Values {
  std::vector<std::string_view> texts;    ///< those that are not null, whatever the kind
  std::set<std::string_view> null_words;  ///< such as NA, that could be somebody's name

  bool all(bool (*fits)(std::string_view)) const {
    return !texts.empty() && std::ranges::all_of(texts, fits);
  }
};

class Decision {
 public:
  Decision(std::string_view file, const CsvLayout& layout, const std::vector<Record>& records,
           const CsvFlags& flags)
      : file_(file), layout_(layout), records_(records), flags_(flags) {}

  base::Result<CsvColumns> run(const std::optional<std::string>& time_column) {
    for (size_t i = 0; i < layout_.names.size(); ++i)
      values_.push_back(values_of(i));
    TICKLAKE_TRY(find_time(time_column));
    TICKLAKE_TRY(find_marks());
    find_kinds();
    TICKLAKE_TRY(take_given_types());
    describe();
    return std::move(out_);
  }

 private:
  Values values_of(size_t column) const {
    Values values;
    for (const Record& record : records_) {
      const std::string& text = record[column];
      if (std::ranges::find(flags_.nulls, text) != flags_.nulls.end()) continue;
      if (!is_usual_null(text))
        values.texts.push_back(text);
      else if (is_word(text))
        values.null_words.insert(base::trimmed(text));
    }
    return values;
  }

  std::optional<size_t> column_named(std::string_view name) const {
    const auto found = std::ranges::find(layout_.names, name);
    if (found == layout_.names.end()) return std::nullopt;
    return static_cast<size_t>(found - layout_.names.begin());
  }

  base::Result<void> find_time(const std::optional<std::string>& given) {
    std::string wanted = given.value_or("");
    if (wanted.empty() && layout_.shape != nullptr) wanted = layout_.shape->time_column;
    if (wanted == "-") return {};
    if (!wanted.empty()) return take_time_columns(wanted);
    std::vector<size_t> clocks;
    for (size_t i = 0; i < values_.size(); ++i)
      if (values_[i].all(is_time_of_day)) clocks.push_back(i);
    out_.time = find_time_column_but(clocks);
    if (!out_.time) out_.time = find_dates(clocks);
    if (!out_.time) out_.time = find_unix_times();
    if (out_.time && clocks.size() == 1 && has_dates_only(*out_.time)) out_.time_of_day = clocks[0];
    return {};
  }

  base::Result<void> take_time_columns(const std::string& wanted) {
    out_.time = column_named(wanted);
    if (out_.time) return {};
    const size_t comma = wanted.find(',');
    const std::string first = wanted.substr(0, comma);
    out_.time = column_named(first);
    if (!out_.time) return base::fail(no_such_column(file_, "--time-column", first, layout_.names));
    if (comma == std::string::npos) return {};
    const std::string second = wanted.substr(comma + 1);
    out_.time_of_day = column_named(second);
    if (!out_.time_of_day)
      return base::fail(no_such_column(file_, "--time-column", second, layout_.names));
    return {};
  }

  std::optional<size_t> find_time_column_but(const std::vector<size_t>& clocks) const {
    std::vector<std::string> names;
    for (size_t i = 0; i < layout_.names.size(); ++i)
      names.push_back(std::ranges::find(clocks, i) != clocks.end() ? "" : layout_.names[i]);
    return find_time_column(names);
  }

  /// The first column that holds dates or times, as nothing else looks.
  std::optional<size_t> find_dates(const std::vector<size_t>& clocks) const {
    for (size_t i = 0; i < values_.size(); ++i) {
      if (values_[i].texts.empty() || std::ranges::find(clocks, i) != clocks.end()) continue;
      const auto is_no_number = [](std::string_view text) {
        return !read_number(text, {}) && !read_number(text, kMarks[kCommaGrouped]);
      };
      if (!std::ranges::all_of(values_[i].texts, is_no_number)) continue;
      TimeFormatDetector detector(layout_.names[i]);
      for (const std::string_view text : values_[i].texts)
        detector.show(base::trimmed(text), 0);
      const auto format = detector.decide();
      if (!format) continue;
      const auto is_written_so = [&](std::string_view text) {
        return format->read(base::trimmed(text)).has_value();
      };
      if (std::ranges::all_of(values_[i].texts, is_written_so)) return i;
    }
    return std::nullopt;
  }

  /// The first column that could hold times by its name, and does by its numbers of digits.
  std::optional<size_t> find_unix_times() const {
    for (size_t i = 0; i < values_.size(); ++i) {
      if (values_[i].texts.empty() || !could_name_times(layout_.names[i])) continue;
      const bool fits = std::ranges::all_of(values_[i].texts, [](std::string_view text) {
        TimeFormatDetector detector("");
        detector.show(base::trimmed(text), 0);
        const auto format = detector.decide();
        return format && format->is_unix();
      });
      if (fits) return i;
    }
    return std::nullopt;
  }

  bool has_dates_only(size_t column) const {
    constexpr size_t kDateBytesMax = 12;  // "Sep 12, 2024" is as long as dates get
    return std::ranges::all_of(values_[column].texts, [](std::string_view text) {
      return base::trimmed(text).size() <= kDateBytesMax &&
             text.find(':') == std::string_view::npos;
    });
  }

  bool is_time(size_t column) const { return column == out_.time || column == out_.time_of_day; }

  base::Result<void> find_marks() {
    if (flags_.decimal || flags_.thousands) {
      out_.marks = {flags_.decimal.value_or('.'), flags_.thousands.value_or('\0')};
      if (flags_.decimal == ',' && !flags_.thousands) out_.marks.thousands = '.';
      if (!flags_.decimal && flags_.thousands == '.') out_.marks.decimal = ',';
      marks_why_ = "given";
      return {};
    }
    Fits needed, all;
    needed.set();
    all.set();
    std::optional<size_t> shown;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (is_time(i) || values_[i].texts.empty()) continue;
      Fits fits;
      for (size_t marks = 0; marks < kMarks.size(); ++marks)
        fits[marks] = std::ranges::all_of(values_[i].texts, [&](std::string_view text) {
          return read_number(text, kMarks[marks]).has_value();
        });
      if (fits.none()) continue;
      all &= fits;
      if (fits[kPlain]) continue;
      needed &= fits;
      if (!shown) shown = i;
    }
    if (!shown) return {};
    if (!(needed & all).none()) needed &= all;
    return choose_marks(needed, *shown);
  }

  base::Result<void> choose_marks(const Fits& fits, size_t column) {
    const bool comma = fits[kComma] || fits[kCommaGrouped];
    if (fits[kGrouped] != comma) {
      out_.marks = kMarks[fits[kGrouped] ? kGrouped : fits[kComma] ? kComma : kCommaGrouped];
      marks_why_ =
          fmt::format("'{}' in column '{}'", values_[column].texts[0], layout_.names[column]);
      return {};
    }
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("the numbers of {} can be read in two ways", file_),
        fmt::format("column '{}' has '{}', where the comma may stand before decimals or between "
                    "thousands",
                    layout_.names[column], values_[column].texts[0]),
        "say which: --decimal , or --thousands ,");
  }

  void find_kinds() {
    for (size_t i = 0; i < values_.size(); ++i) {
      const Values& values = values_[i];
      ColumnKind kind = ColumnKind::kText;
      if (names_instruments(layout_.names[i])) {
        kind = ColumnKind::kText;
      } else if (values.texts.empty()) {
        if (values.null_words.size() < 2) kind = ColumnKind::kAny;
      } else if (values.all(is_boolean) && values.null_words.empty()) {
        kind = ColumnKind::kBoolean;
      } else if (std::ranges::all_of(values.texts, [&](std::string_view text) {
                   return read_number(text, out_.marks).has_value();
                 })) {
        kind = ColumnKind::kNumber;
      }
      out_.kinds.push_back(kind);
    }
  }

  base::Result<void> take_given_types() {
    for (const auto& [name, type] : flags_.types) {
      const auto column = column_named(name);
      if (!column) return base::fail(no_such_column(file_, "--type", name, layout_.names));
      if (type == "text")
        out_.kinds[*column] = ColumnKind::kText;
      else if (type == "number")
        out_.kinds[*column] = ColumnKind::kNumber;
      else if (type == "boolean")
        out_.kinds[*column] = ColumnKind::kBoolean;
      else
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("--type {}={} names no type", name, type), {},
                          "give text, number or boolean");
    }
    return {};
  }

  void describe() {
    for (const ColumnKind kind : {ColumnKind::kNumber, ColumnKind::kText, ColumnKind::kBoolean}) {
      std::string names;
      for (size_t i = 0; i < out_.kinds.size(); ++i) {
        if (out_.kinds[i] != kind || is_time(i)) continue;
        names += (names.empty() ? "" : ", ") + layout_.names[i];
      }
      if (names.empty()) continue;
      out_.findings.push_back({fmt::format("{} columns", name_of(kind)), names,
                               fmt::format("all values of the first {} rows", records_.size()),
                               "--type COLUMN=TYPE"});
    }
    if (out_.marks == NumberMarks{}) return;
    std::string found = fmt::format("decimal '{}'", out_.marks.decimal);
    if (out_.marks.thousands != '\0')
      found += fmt::format(", thousands '{}'", out_.marks.thousands);
    out_.findings.push_back({"numbers", found, marks_why_, "--decimal, --thousands"});
  }

  std::string file_;
  const CsvLayout& layout_;
  const std::vector<Record>& records_;
  const CsvFlags& flags_;
  std::vector<Values> values_;
  std::string marks_why_;
  CsvColumns out_;
};

}  // namespace

std::string_view name_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::kText: return "text";
    case ColumnKind::kNumber: return "number";
    case ColumnKind::kBoolean: return "boolean";
    case ColumnKind::kAny: break;
  }
  return "any";
}

base::Result<CsvColumns> find_csv_columns(std::string_view file, const CsvLayout& layout,
                                          const std::vector<std::vector<std::string>>& records,
                                          const CsvFlags& flags,
                                          const std::optional<std::string>& time_column) {
  return Decision(file, layout, records, flags).run(time_column);
}

bool is_null(std::string_view text, ColumnKind kind, const CsvFlags& flags) {
  if (text.empty()) return true;
  if (std::ranges::find(flags.nulls, text) != flags.nulls.end()) return true;
  if (kind == ColumnKind::kText) return false;
  return is_usual_null(text);
}

bool append_typed(std::string& json, std::string_view text, ColumnKind kind,
                  const NumberMarks& marks) {
  switch (kind) {
    case ColumnKind::kAny: return append_json_value(json, text);
    case ColumnKind::kText: return append_json_string(json, text);
    case ColumnKind::kBoolean:
      text = base::trimmed(text);
      if (!is_boolean(text)) return false;
      json += text[0] == 't' || text[0] == 'T' ? "true" : "false";
      return true;
    case ColumnKind::kNumber: break;
  }
  if (marks == NumberMarks{}) {
    // The plain case, by far the most frequent, needs no copy.
    const size_t before = json.size();
    if (append_json_value(json, text) && json[before] != '"' && json[before] != 'n') return true;
    json.resize(before);
  }
  const auto number = read_number(text, marks);
  if (number) json += *number;
  return number.has_value();
}

}  // namespace ticklake::feed
