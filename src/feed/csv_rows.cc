#include "feed/csv_rows.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/trim.h"
#include "feed/csv.h"
#include "feed/json_text.h"
#include "feed/time_format.h"
#include "market/time_text.h"

namespace ticklake::feed {
namespace {

using base::trimmed;

class CsvRows final : public RowSource {
 public:
  CsvRows(RowOptions options, std::shared_ptr<base::File> file, char delimiter)
      : options_(std::move(options)),
        file_(std::move(file)),
        delimiter_(delimiter),
        reader_(read_file(file_), delimiter) {}

  base::Result<void> open();
  base::Result<bool> next(Row& row) override;
  base::Result<void> rewind() override;
  const RowCounts& counts() const override { return counts_; }
  std::string_view time_column() const override {
    return time_column_ ? std::string_view(names_[*time_column_]) : std::string_view();
  }

 private:
  base::Result<void> read_names();
  base::Result<void> choose_time_format();
  /// Null and blank records aside; false at the end.
  base::Result<bool> next_full_record();
  std::string wrong_count_reason() const;
  /// Empty, or why the record cannot be a row.
  std::string build(Row& row);
  bool append_time(std::string_view text, Row& row);

  RowOptions options_;
  std::shared_ptr<base::File> file_;
  char delimiter_;
  CsvReader reader_;
  CsvRecord record_;
  std::vector<std::string> names_;
  std::vector<std::string> prefixes_;  ///< {"name": or ,"name":
  std::optional<size_t> key_column_;
  std::optional<size_t> time_column_;
  TimeFormat time_format_;
  RowCounts counts_;
  std::string json_;
};

base::Result<void> CsvRows::read_names() {
  const auto refuse = [&](std::string cause, std::string advice) {
    return base::fail(base::ErrorCode::kInvalidData,
                      options_.file.string() + " does not begin with a line of column names",
                      std::move(cause), std::move(advice));
  };
  TICKLAKE_ASSIGN(const bool found, reader_.next(record_));
  if (!found) return refuse("it is empty", "give a file with rows in it");
  if (record_.problem != nullptr) return refuse(record_.problem, "correct its first line");
  names_.clear();
  std::set<std::string, std::less<>> seen;
  bool all_numbers = true;
  for (const CsvField& field : record_.fields) {
    std::string value;
    if (!append_json_value(value, field.text)) return refuse("it is not UTF-8", "convert it");
    all_numbers &= field.text.empty() || value[0] != '"';
    std::string name(trimmed(field.text));
    if (name.empty()) name = fmt::format("column{}", names_.size() + 1);
    if (!seen.insert(name).second)
      return refuse("two columns are named '" + name + "'", "give each column its own name");
    names_.push_back(std::move(name));
  }
  if (all_numbers) return refuse("its first line has only numbers", "put the names in front");
  return {};
}

base::Result<void> CsvRows::open() {
  TICKLAKE_TRY(read_names());
  const auto column_of = [&](const std::string& name) -> std::optional<size_t> {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) return std::nullopt;
    return static_cast<size_t>(found - names_.begin());
  };
  for (size_t i = 0; i < names_.size(); ++i) {
    std::string prefix(i == 0 ? "{" : ",");
    append_json_string(prefix, names_[i]);
    prefixes_.push_back(prefix + ":");
  }
  if (options_.key_column) {
    key_column_ = column_of(*options_.key_column);
    if (!key_column_)
      return base::fail(no_such_column(options_.file, "--key", *options_.key_column, names_));
  }
  if (options_.time_column) {
    time_column_ = column_of(*options_.time_column);
    if (!time_column_) {
      return base::fail(
          no_such_column(options_.file, "--time-column", *options_.time_column, names_));
    }
  } else {
    time_column_ = find_time_column(names_);
  }
  TICKLAKE_TRY(choose_time_format());
  return rewind();
}

base::Result<void> CsvRows::choose_time_format() {
  if (options_.time_format) {
    TICKLAKE_ASSIGN(time_format_, TimeFormat::parse(*options_.time_format));
    return {};
  }
  if (!time_column_) return {};
  TimeFormatDetector detector(names_[*time_column_]);
  while (detector.wants_more()) {
    TICKLAKE_ASSIGN(const bool found, next_full_record());
    if (!found) break;
    const std::string_view text = trimmed(record_.fields[*time_column_].text);
    if (!means_missing(text)) detector.show(text, record_.line);
  }
  TICKLAKE_ASSIGN(time_format_, detector.decide());
  return {};
}

base::Result<void> CsvRows::rewind() {
  counts_ = {};
  reader_ = CsvReader(read_file(file_), delimiter_);
  TICKLAKE_ASSIGN(const bool found, reader_.next(record_));
  static_cast<void>(found);  // the names; open() has seen them
  return {};
}

std::string CsvRows::wrong_count_reason() const {
  const bool cut = !record_.has_line_end && record_.fields.size() < names_.size();
  return fmt::format("{}{} of {} columns", cut ? "cut short: " : "", record_.fields.size(),
                     names_.size());
}

base::Result<bool> CsvRows::next_full_record() {
  while (true) {
    TICKLAKE_ASSIGN(const bool found, reader_.next(record_));
    if (!found) return false;
    if (record_.problem != nullptr) {
      counts_.bad.add(record_.line, record_.problem, record_.raw);
    } else if (record_.is_empty()) {
      ++counts_.blank_rows;
    } else if (record_.fields.size() != names_.size()) {
      counts_.bad.add(record_.line, wrong_count_reason(), record_.raw);
    } else {
      return true;
    }
  }
}

bool CsvRows::append_time(std::string_view text, Row& row) {
  text = trimmed(text);
  if (means_missing(text)) {
    json_ += "null";
    return true;
  }
  row.time = time_format_.read(text);
  if (!row.time) return false;
  if (time_format_.is_iso()) return append_json_string(json_, text);
  constexpr size_t kDateBytes = 10;
  constexpr int kFractionDigits = 9;
  const bool is_whole_second =
      row.time->time_since_epoch() % std::chrono::seconds(1) == std::chrono::nanoseconds::zero();
  std::string written = market::to_rfc3339(*row.time, is_whole_second ? 0 : kFractionDigits);
  if (!time_format_.has_time_of_day()) written.resize(kDateBytes);
  return append_json_string(json_, written);
}

std::string CsvRows::build(Row& row) {
  row.key.reset();
  row.time.reset();
  row.line = record_.line;
  json_.clear();
  for (size_t i = 0; i < names_.size(); ++i) {
    const CsvField& field = record_.fields[i];
    json_ += prefixes_[i];
    if (i == time_column_) {
      if (!append_time(field.text, row)) {
        return fmt::format("'{}' in column '{}' is not a time as {}",
                           field.text.substr(0, BadRows::kTextBytesMax), names_[i],
                           time_format_.text());
      }
      continue;
    }
    const bool is_utf8 = field.quoted && !field.text.empty() ? append_json_string(json_, field.text)
                                                             : append_json_value(json_, field.text);
    if (!is_utf8) return "not UTF-8 in column '" + names_[i] + "'";
  }
  json_ += '}';
  if (json_.size() > kRowJsonBytesMax) return "too large for a record";
  row.json = json_;
  if (key_column_) {
    const std::string_view key = record_.fields[*key_column_].text;
    if (!means_missing(key)) row.key = key;
  }
  return {};
}

base::Result<bool> CsvRows::next(Row& row) {
  while (true) {
    TICKLAKE_ASSIGN(const bool found, next_full_record());
    if (!found) return false;
    std::string reason = build(row);
    if (reason.empty()) {
      ++counts_.rows;
      return true;
    }
    counts_.bad.add(record_.line, std::move(reason), record_.raw);
  }
}

}  // namespace

base::Result<std::unique_ptr<RowSource>> open_csv_rows(const RowOptions& options,
                                                       std::shared_ptr<base::File> file,
                                                       std::string_view head) {
  auto rows = std::make_unique<CsvRows>(options, std::move(file), detect_delimiter(head));
  TICKLAKE_TRY(rows->open());
  return std::unique_ptr<RowSource>(std::move(rows));
}

}  // namespace ticklake::feed
