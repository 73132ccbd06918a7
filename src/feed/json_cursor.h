#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feed/document_path.h"
#include "feed/text_source.h"

namespace ticklake::feed {

/// Goes through a JSON document that may be far larger than memory, value by value. It follows
/// brackets and strings; whether a value is JSON in every detail is for who parses its text.
/// Errors are kInvalidData with `name` and the line.
class JsonCursor {
 public:
  JsonCursor(std::string name, ReadText read) : name_(std::move(name)), window_(std::move(read)) {}

  /// The next byte that is no white space, and stays; '\0' at the end.
  base::Result<char> peek();
  /// Goes over the byte that peek() gave.
  void take() { window_.take(1); }
  /// Puts a value's text into `text`, without the white space between its parts. False, and the
  /// value passed over, if that is more than `bytes_max`.
  base::Result<bool> read_value(std::string& text, size_t bytes_max);
  base::Result<void> skip_value();
  /// A member's name as it is written, quotes and all; the colon behind it is passed.
  base::Result<std::string> read_name();
  /// Behind a value within brackets: passes a comma (true) or `close` (false).
  base::Result<bool> next_of(char close);

  uint64_t line() const { return line_; }
  tl::unexpected<base::Error> fail(std::string_view cause) const;

 private:
  std::string name_;
  TextWindow window_;
  uint64_t line_ = 1;
};

/// Goes to one value after the other that a path names.
class DocumentWalk {
 public:
  DocumentWalk(JsonCursor& cursor, DocumentPath path) : cursor_(cursor), path_(std::move(path)) {}

  /// Puts the cursor in front of the next value, which the caller reads or skips before it calls
  /// again; false at the end of the document. `[*]` goes through an object's members too.
  base::Result<bool> next();
  /// The name of the member that the last `[*]` is at, as it is written; empty within an array.
  const std::string& member_name() const { return member_name_; }

 private:
  struct Level {
    char close;
    size_t step;
  };
  base::Result<bool> descend(size_t step);
  base::Result<bool> enter_member(const DocumentPath::Step& step, size_t number);
  base::Result<bool> enter_element(const DocumentPath::Step& step, size_t number);
  base::Result<bool> enter_each(size_t number);

  JsonCursor& cursor_;
  DocumentPath path_;
  std::vector<Level> levels_;
  std::string member_name_;
  bool has_begun_ = false;
};

/// A name as it is written, with its quotes, read as RFC 8259 says; as it is where it cannot be.
std::string decoded_name(std::string_view written);

}  // namespace ticklake::feed
