#include "feed/csv_rows.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/trim.h"
#include "feed/csv.h"
#include "feed/csv_columns.h"
#include "feed/csv_layout.h"
#include "feed/json_text.h"
#include "feed/time_format.h"
#include "market/time_text.h"

namespace ticklake::feed {
namespace {

using base::trimmed;

constexpr size_t kSampleRecords = 1000;

/// The bytes of `file` behind its first `bytes`, which are read all the same: it may be packed.
ReadText read_behind(std::shared_ptr<base::File> file, size_t bytes) {
  return [read = read_file(std::move(file)),
          bytes](std::span<char> into) mutable -> base::Result<size_t> {
    while (bytes > 0) {
      TICKLAKE_ASSIGN(const size_t size, read(into.first(std::min(bytes, into.size()))));
      if (size == 0) return 0;
      bytes -= size;
    }
    return read(into);
  };
}

class CsvRows final : public RowSource {
 public:
  CsvRows(RowOptions options, std::shared_ptr<base::File> file, CsvLayout layout)
      : options_(std::move(options)),
        file_(std::move(file)),
        layout_(std::move(layout)),
        names_(layout_.names),
        reader_(reader()) {}

  base::Result<void> open(std::string_view head);
  base::Result<bool> next(Row& row) override;
  base::Result<void> rewind() override;
  const RowCounts& counts() const override { return counts_; }
  std::string_view time_column() const override {
    return columns_.time ? std::string_view(names_[*columns_.time]) : std::string_view();
  }
  std::vector<Finding> findings() const override;

 private:
  CsvReader reader() const {
    return {read_behind(file_, layout_.bytes_above), layout_.delimiter, layout_.lines_above + 1};
  }
  std::chrono::minutes offset() const {
    if (options_.csv.offset) return *options_.csv.offset;
    return layout_.shape != nullptr ? layout_.shape->offset : std::chrono::minutes::zero();
  }
  base::Result<void> pass_header();
  base::Result<void> choose_time_format();
  base::Result<void> note_bad(std::string reason);
  /// Null and blank records aside; false at the end.
  base::Result<bool> next_full_record();
  std::string wrong_count_reason() const;
  /// What the time column of the record says, with the time of day where that is a column.
  std::string_view time_text();
  /// Empty, or why the record cannot be a row.
  std::string build(Row& row);
  std::string append_value(size_t column);
  bool append_time(Row& row);

  RowOptions options_;
  std::shared_ptr<base::File> file_;
  CsvLayout layout_;
  std::vector<std::string> names_;
  CsvColumns columns_;
  CsvReader reader_;
  CsvRecord record_;
  std::string constants_;              ///< {"name":"value", or {
  std::vector<std::string> prefixes_;  ///< "name": or ,"name":
  std::optional<size_t> key_column_;
  TimeFormat time_format_;
  RowCounts counts_;
  std::string json_;
  std::string joined_time_;
};

base::Result<void> CsvRows::open(std::string_view head) {
  const std::string file = options_.name();
  TICKLAKE_ASSIGN(columns_,
                  find_csv_columns(file, layout_, sample_records(head, layout_, kSampleRecords),
                                   options_.csv, options_.time_column));
  constants_ = "{";
  for (const auto& [name, value] : layout_.constants) {
    append_json_string(constants_, name);
    constants_ += ':';
    append_json_string(constants_, value);
    constants_ += ',';
  }
  for (const std::string& name : names_) {
    std::string prefix(prefixes_.empty() ? "" : ",");
    append_json_string(prefix, name);
    prefixes_.push_back(prefix + ":");
  }
  if (options_.key_column) {
    const auto found = std::ranges::find(names_, *options_.key_column);
    if (found == names_.end())
      return base::fail(no_such_column(options_.file, "--key", *options_.key_column, names_));
    key_column_ = static_cast<size_t>(found - names_.begin());
  }
  TICKLAKE_TRY(pass_header());
  TICKLAKE_TRY(choose_time_format());
  return rewind();
}

base::Result<void> CsvRows::choose_time_format() {
  std::string given = options_.time_format.value_or("");
  if (given.empty() && layout_.shape != nullptr) given = layout_.shape->time_format;
  if (!given.empty()) {
    TICKLAKE_ASSIGN(time_format_, TimeFormat::parse(given));
    time_format_ = time_format_.at_offset(offset());
    return {};
  }
  if (!columns_.time) return {};
  TimeFormatDetector detector(names_[*columns_.time]);
  while (detector.wants_more()) {
    TICKLAKE_ASSIGN(const bool found, next_full_record());
    if (!found) break;
    const std::string_view text = time_text();
    if (!is_null(text, ColumnKind::kAny, options_.csv)) detector.show(text, record_.line);
  }
  TICKLAKE_ASSIGN(time_format_, detector.decide());
  time_format_ = time_format_.at_offset(offset());
  return {};
}

base::Result<void> CsvRows::pass_header() {
  for (uint64_t i = 0; i < layout_.header_records;) {
    TICKLAKE_ASSIGN(const bool found, reader_.next(record_));
    if (!found) return {};
    if (record_.problem == nullptr && !record_.is_empty()) ++i;
  }
  return {};
}

base::Result<void> CsvRows::rewind() {
  counts_ = {};
  reader_ = reader();
  return pass_header();
}

std::vector<Finding> CsvRows::findings() const {
  std::vector<Finding> all = layout_.findings;
  if (columns_.time) {
    std::string found = names_[*columns_.time];
    if (columns_.time_of_day) found += " with " + names_[*columns_.time_of_day];
    all.push_back({"time", found + " as " + time_format_.text(),
                   options_.time_format ? "given" : "its values", "--time-column, --time-format"});
  } else {
    all.push_back({"time", "none", "no column has times", "--time-column COLUMN"});
  }
  all.insert(all.end(), columns_.findings.begin(), columns_.findings.end());
  return all;
}

std::string CsvRows::wrong_count_reason() const {
  const bool cut = !record_.has_line_end && record_.fields.size() < names_.size();
  return fmt::format("{}{} of {} columns", cut ? "cut short: " : "", record_.fields.size(),
                     names_.size());
}

base::Result<void> CsvRows::note_bad(std::string reason) {
  if (options_.csv.bad_rows_fail) {
    return base::fail(base::ErrorCode::kInvalidData,
                      fmt::format("line {} of {} is no row", record_.line, options_.name()),
                      std::move(reason), "correct it, or leave such rows out: --bad-rows skip");
  }
  counts_.bad.add(record_.line, std::move(reason), record_.raw);
  return {};
}

base::Result<bool> CsvRows::next_full_record() {
  while (true) {
    TICKLAKE_ASSIGN(const bool found, reader_.next(record_));
    if (!found) return false;
    if (layout_.comment != '\0' && record_.raw.starts_with(layout_.comment)) continue;
    drop_trailing_field(record_, layout_);
    if (record_.problem != nullptr) {
      TICKLAKE_TRY(note_bad(record_.problem));
    } else if (record_.is_empty()) {
      ++counts_.blank_rows;
    } else if (record_.fields.size() != names_.size()) {
      TICKLAKE_TRY(note_bad(wrong_count_reason()));
    } else {
      return true;
    }
  }
}

std::string_view CsvRows::time_text() {
  const std::string_view day = trimmed(record_.fields[*columns_.time].text);
  if (!columns_.time_of_day) return day;
  const std::string_view clock = trimmed(record_.fields[*columns_.time_of_day].text);
  if (is_null(day, ColumnKind::kAny, options_.csv)) return {};
  joined_time_.assign(day);
  if (!is_null(clock, ColumnKind::kAny, options_.csv)) (joined_time_ += ' ') += clock;
  return joined_time_;
}

bool CsvRows::append_time(Row& row) {
  const std::string_view text = time_text();
  if (is_null(text, ColumnKind::kAny, options_.csv)) {
    json_ += "null";
    return true;
  }
  row.time = time_format_.read(text);
  if (!row.time) return false;
  if (time_format_.is_iso()) return append_json_string(json_, text);
  constexpr size_t kDateBytes = 10;
  const auto below_second = row.time->time_since_epoch() % std::chrono::seconds(1);
  int digits = 0;  // as few as keep it, in steps that people are used to
  if (below_second % std::chrono::microseconds(1) != std::chrono::nanoseconds::zero())
    digits = 9;
  else if (below_second % std::chrono::milliseconds(1) != std::chrono::nanoseconds::zero())
    digits = 6;
  else if (below_second != std::chrono::nanoseconds::zero())
    digits = 3;
  std::string written = market::to_rfc3339(*row.time, digits);
  if (!time_format_.has_time_of_day()) written.resize(kDateBytes);
  return append_json_string(json_, written);
}

std::string CsvRows::append_value(size_t column) {
  const CsvField& field = record_.fields[column];
  const ColumnKind kind = columns_.kinds[column];
  const std::string_view text = field.quoted ? field.text : trimmed(field.text);
  if (!(field.quoted && kind == ColumnKind::kText && !text.empty()) &&
      is_null(text, kind, options_.csv)) {
    json_ += "null";
    return {};
  }
  if (append_typed(json_, text, kind, columns_.marks)) return {};
  std::string valid;
  if (!append_json_string(valid, text)) return "not UTF-8 in column '" + names_[column] + "'";
  return fmt::format("'{}' in column '{}' is no {}; its first values are (--type {}=text)",
                     text.substr(0, BadRows::kTextBytesMax), names_[column], name_of(kind),
                     names_[column]);
}

std::string CsvRows::build(Row& row) {
  row.key.reset();
  row.time.reset();
  row.line = record_.line;
  json_ = constants_;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (i == columns_.time_of_day) continue;
    json_ += i == 0 || json_.size() > constants_.size() ? prefixes_[i] : prefixes_[i].substr(1);
    if (i == columns_.time) {
      if (append_time(row)) continue;
      return fmt::format("'{}' in column '{}' is not a time as {}",
                         time_text().substr(0, BadRows::kTextBytesMax), names_[i],
                         time_format_.text());
    }
    if (std::string reason = append_value(i); !reason.empty()) return reason;
  }
  json_ += '}';
  if (json_.size() > kRowJsonBytesMax) return "too large for a record";
  row.json = json_;
  if (key_column_) {
    const std::string_view key = trimmed(record_.fields[*key_column_].text);
    if (!is_null(key, columns_.kinds[*key_column_], options_.csv)) row.key = key;
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
    TICKLAKE_TRY(note_bad(std::move(reason)));
  }
}

}  // namespace

base::Result<std::unique_ptr<RowSource>> open_csv_rows(const RowOptions& options,
                                                       std::shared_ptr<base::File> file,
                                                       std::string_view head) {
  TICKLAKE_ASSIGN(CsvLayout layout, find_csv_layout(options.name(), head, options.csv));
  auto rows = std::make_unique<CsvRows>(options, std::move(file), std::move(layout));
  TICKLAKE_TRY(rows->open(head));
  return std::unique_ptr<RowSource>(std::move(rows));
}

}  // namespace ticklake::feed
