#include "feed/csv_layout.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/split.h"
#include "base/trim.h"
#include "feed/csv_number.h"
#include "feed/json_text.h"
#include "feed/time_format.h"

namespace ticklake::feed {
namespace {

using Record = std::vector<std::string>;

constexpr size_t kRecordsToLookAt = 100;
constexpr size_t kShapeRows = 20;
constexpr uint64_t kTitleLinesMax = 20;
constexpr size_t kMarkupBytes = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSeparatorLine = "sep=";

std::string shown(char delimiter) {
  switch (delimiter) {
    case ',': return "comma";
    case ';': return "semicolon";
    case '\t': return "tab";
    case '|': return "bar";
    case ' ': return "space";
    default: return std::string(1, delimiter);
  }
}

std::string_view first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<Record> records_of(std::string_view text, char delimiter, size_t records_max) {
  CsvReader reader(read_memory(text), delimiter);
  CsvRecord record;
  std::vector<Record> records;
  while (records.size() < records_max) {
    const auto found = reader.next(record);
    if (!found || !*found) break;
    if (record.problem != nullptr || record.is_empty()) continue;
    if (!record.has_line_end && !records.empty()) break;
    Record fields;
    for (const CsvField& field : record.fields)
      fields.emplace_back(field.text);
    records.push_back(std::move(fields));
  }
  return records;
}

/// How many of the records have the most frequent number of fields above one, and that number.
std::pair<size_t, size_t> most_frequent_width(const std::vector<Record>& records) {
  std::map<size_t, size_t> counts;
  for (const Record& record : records)
    if (record.size() > 1) ++counts[record.size()];
  std::pair<size_t, size_t> best{0, 0};
  for (const auto& [width, count] : counts)
    if (count >= best.first) best = {count, width};
  return best;
}

class Look {
 public:
  Look(std::string_view file, std::string_view head, const CsvFlags& flags)
      : file_(file), text_(head), flags_(flags) {}

  base::Result<CsvLayout> run() {
    TICKLAKE_TRY(pass_over_lines_above());
    TICKLAKE_TRY(check_that_it_has_lines_of_fields());
    find_delimiter();
    if (!flags_.skip_lines) pass_over_titles();
    TICKLAKE_TRY(find_names());
    TICKLAKE_TRY(compare_names_with_rows());
    describe();
    return std::move(layout_);
  }

 private:
  void pass_line() {
    const size_t size = std::min(text_.find('\n'), text_.size() - 1) + 1;
    text_.remove_prefix(size);
    layout_.bytes_above += size;
    ++layout_.lines_above;
  }

  base::Result<void> pass_over_lines_above() {
    if (flags_.comment) layout_.comment = *flags_.comment;
    if (flags_.skip_lines) {
      for (uint64_t i = 0; i < *flags_.skip_lines && !text_.empty(); ++i)
        pass_line();
      if (text_.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("{} has no line below --skip-lines {} in its first {} bytes",
                                      file_, *flags_.skip_lines, layout_.bytes_above),
                          {}, "give a smaller number");
      }
    }
    while (!text_.empty() && pass_over_one_above()) {
    }
    return {};
  }

  bool pass_over_one_above() {
    std::string_view line = first_line(text_);
    if (layout_.bytes_above == 0 && line.starts_with(kByteOrderMark))
      line.remove_prefix(kByteOrderMark.size());
    line = base::trimmed(line);
    if (line.size() == kSeparatorLine.size() + 1 && line.starts_with(kSeparatorLine)) {
      separator_ = line.back();
      note_above("a line that names the delimiter");
    } else if (line.empty()) {
      if (text_.find('\n') == std::string_view::npos) return false;
    } else if (layout_.comment == '\0' ? line[0] == '#' : line[0] == layout_.comment) {
      layout_.comment = line[0];
      note_above("comments");
    } else if (line.starts_with("http://") || line.starts_with("https://")) {
      note_above("an address");
    } else {
      return false;
    }
    pass_line();
    return true;
  }

  void note_above(std::string_view what) {
    if (above_.find(what) != std::string::npos) return;
    if (!above_.empty()) above_ += ", ";
    above_ += what;
  }

  void find_delimiter() {
    if (flags_.delimiter) {
      layout_.delimiter = *flags_.delimiter;
      delimiter_why_ = "given";
    } else if (separator_ != '\0') {
      layout_.delimiter = separator_;
      delimiter_why_ = "the file says so";
    } else {
      size_t best = 0;
      layout_.delimiter = detect_delimiter(text_);
      for (const char candidate : {',', ';', '\t', '|'}) {
        const auto records = records_of(text_, candidate, kRecordsToLookAt);
        const auto [count, width] = most_frequent_width(records);
        if (count * 2 <= records.size()) continue;
        const size_t score = count * 1000 + width;
        if (score > best) {
          best = score;
          layout_.delimiter = candidate;
        }
      }
      delimiter_why_ = "it divides the first lines most evenly";
    }
    records_ = records_of(text_, layout_.delimiter, kRecordsToLookAt);
  }

  /// A title above the names is one field where the table has several.
  void pass_over_titles() {
    const auto [count, width] = most_frequent_width(records_);
    if (count < 2) return;
    const auto is_title = [](const Record& record) {
      return std::ranges::count_if(record, [](const std::string& f) { return !f.empty(); }) < 2;
    };
    size_t titles = 0;
    while (titles < records_.size() && records_[titles].size() != width &&
           is_title(records_[titles]))
      ++titles;
    if (titles == 0 || titles > kTitleLinesMax || titles == records_.size()) return;
    // As many lines as hold those records; a title does not go over several.
    for (size_t passed = 0; passed < titles;) {
      const bool is_blank = base::trimmed(first_line(text_)).empty();
      pass_line();
      if (!is_blank) ++passed;
    }
    records_.erase(records_.begin(), records_.begin() + static_cast<ptrdiff_t>(titles));
    note_above("a title");
  }

  base::Result<void> refuse(std::string cause, std::string advice) const {
    return base::fail(base::ErrorCode::kInvalidData,
                      file_ + " does not begin with a line of column names", std::move(cause),
                      std::move(advice));
  }

  base::Result<void> check_that_it_has_lines_of_fields() const {
    std::string_view start = text_.substr(0, kMarkupBytes);
    if (start.starts_with(kByteOrderMark)) start.remove_prefix(kByteOrderMark.size());
    for (const std::string_view markup : {"<!DOCTYPE", "<!doctype", "<html", "<HTML", "<?xml"}) {
      if (base::trimmed(start).starts_with(markup))
        return refuse("it is a web page or XML, perhaps what a server said in place of the file",
                      "open it to read what it says, and download the CSV again");
    }
    const size_t line_end = text_.find_first_of("\r\n");
    const bool by_cr = line_end != std::string_view::npos && line_end + 1 < text_.size() &&
                       text_.find('\n') == std::string_view::npos;
    if (by_cr)
      return refuse("its lines end in CR alone, as of old Macs",
                    fmt::format("convert it: tr '\\r' '\\n' < {} > NEW.csv", file_));
    return {};
  }

  /// Where all rows are wider than the names: a trailing delimiter explains it, or a title did
  /// not look like one.
  base::Result<void> compare_names_with_rows() {
    const size_t columns = layout_.names.size();
    if (layout_.header_records != 1 || records_.size() < 2) return {};
    const std::span<const Record> rows(records_.begin() + 1, records_.end());
    const auto as_wide_as = [](size_t width) {
      return [width](const Record& row) { return row.size() == width; };
    };
    layout_.trailing_delimiter =
        std::ranges::all_of(rows, as_wide_as(columns + 1)) &&
        std::ranges::all_of(rows, [](const Record& row) { return row.back().empty(); });
    const size_t width = rows[0].size();
    if (layout_.trailing_delimiter || flags_.has_header || rows.size() < 2 || width <= columns ||
        !std::ranges::all_of(rows, as_wide_as(width)))
      return {};
    return refuse(fmt::format("line {} has {} fields, and the lines below it have {}: {}",
                              layout_.lines_above + 1, columns, width, first_line(text_)),
                  fmt::format("pass over it if the names stand below: --skip-lines {0}; "
                              "or name the columns: --skip-lines {0} --columns a,b,c",
                              layout_.lines_above + 1));
  }

  base::Result<void> find_names() {
    if (records_.empty()) {
      CsvReader reader(read_memory(text_), layout_.delimiter);
      CsvRecord record;
      const auto found = reader.next(record);
      if (found && *found && record.problem != nullptr)
        return refuse(record.problem, "correct its first line");
      return refuse("it is empty", "give a file with rows in it");
    }
    if (!flags_.columns.empty()) return take_given_names();
    if (!flags_.has_header) {
      if (take_yfinance_names()) return {};
      const std::vector<Record> rows(
          records_.begin(),
          records_.begin() + static_cast<ptrdiff_t>(std::min(records_.size(), kShapeRows)));
      layout_.shape = shape_of_rows(rows);
      if (layout_.shape != nullptr) {
        for (const std::string_view name : base::split(layout_.shape->columns, ','))
          layout_.names.emplace_back(name);
        names_why_ =
            fmt::format("it looks like {}, which has no line of names", layout_.shape->source);
        return {};
      }
      TICKLAKE_TRY(check_that_names_are_no_data());
    }
    return take_first_record_as_names();
  }

  base::Result<void> take_given_names() {
    if (flags_.columns.size() != records_[0].size()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("--columns names {} columns, and {} has {}",
                                    flags_.columns.size(), file_, records_[0].size()),
                        fmt::format("line {} is: {}", layout_.lines_above + 1, first_line(text_)),
                        "give as many names as there are columns");
    }
    layout_.names = flags_.columns;
    names_why_ = "given";
    return check_names();
  }

  /// "Price,Close,…", "Ticker,MSFT,…", "Date,,…" as yfinance writes them, or its former order.
  bool take_yfinance_names() {
    if (records_.size() < 4) return false;
    const Record &first = records_[0], &second = records_[1], &third = records_[2];
    const auto is_label = [](const std::string& text) {
      return text.empty() || text == "Price" || text == "Ticker" || text == "Attributes" ||
             text == "Symbols";
    };
    const bool fits = first.size() > 1 && second.size() == first.size() &&
                      third.size() == first.size() && is_label(first[0]) && is_label(second[0]) &&
                      (third[0] == "Date" || third[0] == "Datetime") &&
                      std::all_of(third.begin() + 1, third.end(),
                                  [](const std::string& text) { return text.empty(); });
    if (!fits) return false;
    const bool tickers_first = first[0] == "Ticker" || second[0] == "Price";
    const Record& tickers = tickers_first ? first : second;
    const Record& prices = tickers_first ? second : first;
    const std::set<std::string> different(tickers.begin() + 1, tickers.end());
    layout_.names = {third[0]};
    for (size_t i = 1; i < prices.size(); ++i)
      layout_.names.push_back(different.size() == 1 ? prices[i] : prices[i] + "_" + tickers[i]);
    if (different.size() == 1) layout_.constants = {{"Ticker", *different.begin()}};
    layout_.header_records = 3;
    const std::set<std::string> unique(layout_.names.begin(), layout_.names.end());
    if (unique.size() != layout_.names.size()) return false;
    is_yfinance_ = true;
    names_why_ = different.size() == 1
                     ? "three lines of names, as yfinance writes them; the ticker is a column"
                     : "three lines of names, as yfinance writes them, joined to one";
    return true;
  }

  base::Result<void> check_that_names_are_no_data() const {
    const Record& first = records_[0];
    const auto ask = [&](std::string cause) {
      return base::fail(base::ErrorCode::kInvalidData,
                        fmt::format("{} does not begin with a line of column names", file_),
                        std::move(cause),
                        "name the columns: --columns a,b,c; or, if these are names, say --header");
    };
    for (const std::string& field : first) {
      const std::string_view text = base::trimmed(field);
      TimeFormatDetector times("");
      times.show(text, 1);
      if (read_number(text, {}) || read_number(text, {',', '.'}) ||
          (times.decide() && !text.empty())) {
        return ask(fmt::format("line {} has '{}', which looks like a value",
                               layout_.lines_above + 1, text));
      }
    }
    for (size_t column = 0; column < first.size(); ++column) {
      for (size_t row = 1; row < records_.size(); ++row) {
        if (column >= records_[row].size() || base::trimmed(first[column]).empty()) continue;
        if (records_[row][column] != first[column]) continue;
        return ask(
            fmt::format("'{}' in its first line is a value of other lines, too", first[column]));
      }
    }
    return {};
  }

  base::Result<void> take_first_record_as_names() {
    layout_.header_records = 1;
    for (const std::string& field : records_[0]) {
      std::string name(base::trimmed(field));
      std::string json;
      if (!append_json_string(json, name))
        return refuse("it is not UTF-8", "convert it: iconv -f ISO-8859-1 -t UTF-8");
      if (name.empty()) name = fmt::format("column{}", layout_.names.size() + 1);
      layout_.names.push_back(std::move(name));
    }
    layout_.shape = shape_of_names(layout_.names);
    names_why_ = flags_.has_header ? "given" : "no value of that line is a number or a time";
    return check_names();
  }

  base::Result<void> check_names() const {
    std::set<std::string, std::less<>> seen;
    for (const std::string& name : layout_.names)
      if (!seen.insert(name).second)
        return refuse("two columns are named '" + name + "'",
                      "give each column its own name: --skip-lines 1 --columns a,b,c");
    return {};
  }

  void describe() {
    auto& findings = layout_.findings;
    if (is_yfinance_ || layout_.shape != nullptr) {
      findings.push_back({"shape", is_yfinance_ ? "yfinance" : std::string(layout_.shape->name),
                          is_yfinance_ ? "three lines of names" : "its columns", ""});
    }
    if (layout_.lines_above > 0) {
      findings.push_back({"lines above", std::to_string(layout_.lines_above),
                          flags_.skip_lines ? "given"
                          : above_.empty()  ? "blank"
                                            : above_,
                          "--skip-lines N"});
    }
    findings.push_back(
        {"delimiter", shown(layout_.delimiter), delimiter_why_, "--delimiter CHARACTER"});
    if (layout_.trailing_delimiter) {
      findings.push_back({"ends of rows", "an empty field more than there are names, left out",
                          "all of the first rows have it", "--skip-lines 1 --columns a,b,c"});
    }
    findings.push_back({"names", fmt::format("{}", fmt::join(layout_.names, ", ")), names_why_,
                        layout_.header_records == 0 ? "--columns a,b,c" : "--columns, --header"});
  }

  std::string file_;
  std::string_view text_;
  const CsvFlags& flags_;
  CsvLayout layout_;
  std::vector<Record> records_;
  char separator_ = '\0';
  bool is_yfinance_ = false;
  std::string above_, delimiter_why_, names_why_;
};

}  // namespace

base::Result<CsvLayout> find_csv_layout(std::string_view file, std::string_view head,
                                        const CsvFlags& flags) {
  return Look(file, head, flags).run();
}

void drop_trailing_field(CsvRecord& record, const CsvLayout& layout) {
  if (layout.trailing_delimiter && record.fields.size() == layout.names.size() + 1 &&
      record.fields.back().text.empty())
    record.fields.pop_back();
}

std::vector<std::vector<std::string>> sample_records(std::string_view head, const CsvLayout& layout,
                                                     size_t records_max) {
  CsvReader reader(read_memory(head.substr(std::min(layout.bytes_above, head.size()))),
                   layout.delimiter);
  CsvRecord record;
  std::vector<Record> records;
  uint64_t seen = 0;
  while (records.size() < records_max) {
    const auto found = reader.next(record);
    if (!found || !*found) break;
    if (record.problem != nullptr || record.is_empty()) continue;
    if (layout.comment != '\0' && record.raw.starts_with(layout.comment)) continue;
    if (++seen <= layout.header_records) continue;
    drop_trailing_field(record, layout);
    if (record.fields.size() != layout.names.size()) continue;
    if (!record.has_line_end && !records.empty()) break;
    Record& fields = records.emplace_back();
    for (const CsvField& field : record.fields)
      fields.emplace_back(field.text);
  }
  return records;
}

}  // namespace ticklake::feed
