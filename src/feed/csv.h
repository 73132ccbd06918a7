#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feed/text_source.h"

namespace ticklake::feed {

struct CsvField {
  std::string_view text;  ///< without quotes, "" within quotes read as "
  bool quoted = false;
};

/// One record. Everything points into the reader and is valid until its next call.
struct CsvRecord {
  std::vector<CsvField> fields;
  uint64_t line = 0;              ///< of its first byte; the first line is 1
  bool has_line_end = false;      ///< false: the file ends right behind it
  const char* problem = nullptr;  ///< why it is not CSV; `fields` then means nothing
  std::string_view raw;           ///< as it stands in the file, without the line end

  /// Nothing but delimiters, as spreadsheets leave them.
  bool is_empty() const;
};

/// A strict RFC 4180 reader: fields may be quoted and then hold delimiters, line ends and doubled
/// quotes. Lines end in LF or CRLF; a byte order mark is skipped. A record that breaks the rules
/// (a quote inside an unquoted field, text after a closing quote, a quote never closed) is handed
/// out with its problem, and reading goes on with the next line.
class CsvReader {
 public:
  static constexpr size_t kRecordBytesMax = 1 << 20;

  /// `first_line` is the number of the line that `read` begins with.
  CsvReader(ReadText read, char delimiter, uint64_t first_line = 1)
      : window_(std::move(read)), delimiter_(delimiter), line_(first_line) {}

  /// False at the end.
  base::Result<bool> next(CsvRecord& record);

 private:
  enum class Outcome : uint8_t { kComplete, kNeedsMore, kBroken };

  Outcome parse(CsvRecord& record);
  Outcome parse_quoted(std::string_view text, size_t& at, CsvRecord& record);
  base::Result<void> skip_line(CsvRecord& record);
  void finish(CsvRecord& record, size_t content_end, size_t end);

  TextWindow window_;
  char delimiter_;
  uint64_t line_;
  bool started_ = false;
  struct DoubledQuotes {
    size_t field;
    size_t start;  ///< in unescaped_
  };
  std::string unescaped_;  ///< the fields that held doubled quotes, one after the other
  std::vector<DoubledQuotes> doubled_;
};

/// The one of , ; tab and | that divides the first lines of a file most evenly; a comma if none
/// does. `head` is the start of the file.
char detect_delimiter(std::string_view head);

}  // namespace ticklake::feed
