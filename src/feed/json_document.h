#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feed/document_path.h"
#include "feed/rows.h"
#include "feed/text_source.h"

namespace ticklake::feed {

/// How rows stand in a JSON document.
enum class JsonShape : uint8_t {
  kElements,  ///< the values that the path names: objects, or arrays of values (see --columns)
  kKeyed,     ///< an object of objects; each one's name is its time, and becomes the column `time`
  kColumns,   ///< an object of arrays of the same length; other values stand in every row
};

struct JsonPlace {
  DocumentPath path;
  JsonShape shape = JsonShape::kElements;
};

inline constexpr size_t kJsonPlacesMax = 64;
/// An object of arrays is read as a whole, so it may have at most so many bytes.
inline constexpr size_t kJsonColumnsBytesMax = 64 << 20;

/// The places of a document's first value where rows may be meant, by its shape alone; none if it
/// is one row. `is_alone` says whether nothing follows behind it.
base::Result<std::vector<JsonPlace>> find_json_places(const std::string& name, ReadText text,
                                                      bool& is_alone);

/// Whether a text that begins with '{' is JSON lines: by its first lines.
bool are_json_lines(std::string_view head);

/// The rows of a JSON document. Without a path the one place is taken where rows may be meant;
/// kInvalidArgument if there are several, with their paths. Numbers keep every digit.
/// An array is read element by element, of at most kRowJsonBytesMax each.
base::Result<std::unique_ptr<RowSource>> open_json_document(const RowOptions& options,
                                                            std::function<ReadText()> begin);

}  // namespace ticklake::feed
