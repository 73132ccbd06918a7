#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ticklake::feed {

/// A place in a JSON document, by the part of JSONPath (RFC 9535) that names one way down: `$`,
/// then any of `.name`, `['any name']`, `[3]` (from 0) and `[*]` (each element). Unlike JsonPath it
/// is followed through a document that is not in memory; see DocumentWalk.
struct DocumentPath {
  struct Step {
    enum class Kind : uint8_t { kName, kIndex, kEach };
    Kind kind = Kind::kName;
    std::string name = {};
    uint64_t index = 0;
    bool operator==(const Step&) const = default;
  };
  static constexpr size_t kStepsMax = 32;

  std::vector<Step> steps;

  /// kInvalidArgument, with the place in the text.
  static base::Result<DocumentPath> parse(std::string_view text);
  /// The text that parse() reads as this path.
  std::string text() const;
  bool operator==(const DocumentPath&) const = default;
};

}  // namespace ticklake::feed
