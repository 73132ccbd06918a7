#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace ticklake::broker {

/// A regular expression over topic names, in the syntax of RE2, as KIP-848 has it. Matches in
/// linear time and bounded memory, whatever it is. Matches whole names.
class TopicPattern {
 public:
  /// kInvalidArgument says what is wrong with it.
  static base::Result<TopicPattern> parse(const std::string& text);
  TopicPattern(TopicPattern&&) noexcept;
  TopicPattern& operator=(TopicPattern&&) noexcept;
  ~TopicPattern();

  bool matches(std::string_view topic) const;

 private:
  explicit TopicPattern(std::unique_ptr<re2::RE2> regex);

  std::unique_ptr<re2::RE2> regex_;
};

}  // namespace ticklake::broker
