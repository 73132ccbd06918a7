#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::feed {

/// Fills `into` with what comes next and says with how much; 0 at the end.
using ReadText = std::function<base::Result<size_t>(std::span<char> into)>;

/// The bytes of `file` from its start.
ReadText read_file(std::shared_ptr<base::File> file);
/// The bytes of `text`, which must outlive the result; for tests and fuzzing.
ReadText read_memory(std::string_view text);

/// What `read` gives, but for a UTF-8 byte order mark in front of it.
ReadText without_bom(ReadText read);

/// A window onto a text that may be far larger than memory. What lies between position() and the
/// end of what was read stays valid until the next refill().
class TextWindow {
 public:
  explicit TextWindow(ReadText read) : read_(std::move(read)) {}

  /// What was read and not yet taken.
  std::string_view view() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }
  void take(size_t size) { begin_ += size; }
  bool at_end() const { return at_end_; }
  /// Reads more behind view(); without effect at the end of the text.
  base::Result<void> refill();

 private:
  ReadText read_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
};

}  // namespace ticklake::feed
