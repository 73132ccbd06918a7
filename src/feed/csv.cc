#include "feed/csv.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ticklake::feed {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr int kLinesToDetect = 50;

constexpr const char* kQuoteInside = "a quote inside a field that is not quoted";
constexpr const char* kTextAfterQuote = "text after a closing quote";
constexpr const char* kNeverClosed = "a quote is never closed";
constexpr const char* kTooLong = "longer than 1 MiB";

}  // namespace

bool CsvRecord::is_empty() const {
  return std::all_of(fields.begin(), fields.end(),
                     [](const CsvField& f) { return f.text.empty() && !f.quoted; });
}

base::Result<bool> CsvReader::next(CsvRecord& record) {
  if (!started_) {
    while (!window_.at_end() && window_.view().size() < kByteOrderMark.size())
      TICKLAKE_TRY(window_.refill());
    if (window_.view().starts_with(kByteOrderMark)) window_.take(kByteOrderMark.size());
    started_ = true;
  }
  while (true) {
    record.line = line_;
    record.problem = nullptr;
    const Outcome outcome = window_.view().empty() ? Outcome::kNeedsMore : parse(record);
    if (outcome == Outcome::kComplete) return true;
    if (outcome == Outcome::kNeedsMore) {
      if (window_.view().empty() && window_.at_end()) return false;
      if (!window_.at_end() && window_.view().size() <= kRecordBytesMax) {
        TICKLAKE_TRY(window_.refill());
        continue;
      }
      record.problem = window_.at_end() ? kNeverClosed : kTooLong;
    }
    TICKLAKE_TRY(skip_line(record));
    return true;
  }
}

/// Takes the broken record's first line only: a stray quote must not swallow what follows it.
base::Result<void> CsvReader::skip_line(CsvRecord& record) {
  size_t end = window_.view().find('\n');
  while (end == std::string_view::npos && !window_.at_end() &&
         window_.view().size() <= kRecordBytesMax) {
    TICKLAKE_TRY(window_.refill());
    end = window_.view().find('\n');
  }
  if (end != std::string_view::npos) {
    finish(record, end, end + 1);
    return {};
  }
  if (!window_.at_end()) {
    // Far too long: drop it piece by piece, so that memory stays bounded.
    record.problem = kTooLong;
    while (end == std::string_view::npos && !window_.at_end()) {
      window_.take(window_.view().size());
      TICKLAKE_TRY(window_.refill());
      end = window_.view().find('\n');
    }
    record.raw = {};
    record.has_line_end = end != std::string_view::npos;
    window_.take(record.has_line_end ? end + 1 : window_.view().size());
    ++line_;
    return {};
  }
  finish(record, window_.view().size(), window_.view().size());
  return {};
}

void CsvReader::finish(CsvRecord& record, size_t content_end, size_t end) {
  const std::string_view text = window_.view();
  record.has_line_end = end > content_end;
  if (content_end > 0 && record.has_line_end && text[content_end - 1] == '\r') --content_end;
  record.raw = text.substr(0, content_end);
  const auto line_ends = std::count(record.raw.begin(), record.raw.end(), '\n');
  line_ += static_cast<uint64_t>(line_ends) + 1;
  window_.take(end);
}

CsvReader::Outcome CsvReader::parse_quoted(std::string_view text, size_t& at, CsvRecord& record) {
  const size_t start = ++at;
  size_t copied_from = start;
  const size_t unescaped_start = unescaped_.size();
  bool has_doubled = false;
  while (true) {
    const size_t quote = text.find('"', at);
    if (quote == std::string_view::npos) return Outcome::kNeedsMore;
    at = quote + 1;
    if (at == text.size() && !window_.at_end()) return Outcome::kNeedsMore;
    if (at < text.size() && text[at] == '"') {
      has_doubled = true;
      unescaped_.append(text, copied_from, at - copied_from);
      copied_from = ++at;
      continue;
    }
    if (at < text.size() && text[at] != delimiter_ && text[at] != '\n') {
      const bool is_line_end = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
      if (text[at] == '\r' && at + 1 == text.size() && !window_.at_end())
        return Outcome::kNeedsMore;
      if (!is_line_end) {
        record.problem = kTextAfterQuote;
        return Outcome::kBroken;
      }
    }
    if (has_doubled) unescaped_.append(text, copied_from, quote - copied_from);
    // The views into unescaped_ are set at the end, when it grows no more: until then its offset
    // stands in for the address.
    const std::string_view field =
        has_doubled ? std::string_view(nullptr, 0) : text.substr(start, quote - start);
    record.fields.push_back({field, true});
    if (has_doubled) doubled_.push_back({record.fields.size() - 1, unescaped_start});
    return Outcome::kComplete;
  }
}

CsvReader::Outcome CsvReader::parse(CsvRecord& record) {
  const std::string_view text = window_.view();
  record.fields.clear();
  unescaped_.clear();
  doubled_.clear();
  size_t at = 0;
  while (true) {
    if (at < text.size() && text[at] == '"') {
      if (const Outcome outcome = parse_quoted(text, at, record); outcome != Outcome::kComplete)
        return outcome;
      if (at < text.size() && text[at] == '\r') ++at;
    } else {
      const size_t start = at;
      while (at < text.size() && text[at] != delimiter_ && text[at] != '\n' && text[at] != '"')
        ++at;
      if (at < text.size() && text[at] == '"') {
        record.problem = kQuoteInside;
        return Outcome::kBroken;
      }
      if (at == text.size() && !window_.at_end()) return Outcome::kNeedsMore;
      size_t end = at;
      if (at < text.size() && text[at] == '\n' && end > start && text[end - 1] == '\r') --end;
      record.fields.push_back({text.substr(start, end - start), false});
    }
    if (at < text.size() && text[at] == delimiter_) {
      ++at;
      continue;
    }
    for (size_t i = 0; i < doubled_.size(); ++i) {
      const size_t end = i + 1 < doubled_.size() ? doubled_[i + 1].start : unescaped_.size();
      record.fields[doubled_[i].field].text =
          std::string_view(unescaped_).substr(doubled_[i].start, end - doubled_[i].start);
    }
    finish(record, at, at == text.size() ? at : at + 1);
    return Outcome::kComplete;
  }
}

char detect_delimiter(std::string_view head) {
  char best = ',';
  size_t best_score = 0;
  for (const char candidate : {',', ';', '\t', '|'}) {
    CsvReader reader(read_memory(head), candidate);
    CsvRecord record;
    size_t columns = 0;
    size_t alike = 0;
    for (int line = 0; line < kLinesToDetect; ++line) {
      const auto more = reader.next(record);
      if (!more || !*more) break;
      if (line == 0) columns = record.fields.size();
      if (record.problem == nullptr && record.fields.size() == columns) ++alike;
    }
    // A header that it divides counts even where the lines below are broken.
    const size_t score = columns > 1 ? alike * 1000 + columns : 0;
    if (score > best_score) {
      best = candidate;
      best_score = score;
    }
  }
  return best;
}

}  // namespace ticklake::feed
