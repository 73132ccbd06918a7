#include <algorithm>

#include "feed/json_cursor.h"
#include "feed/json_document.h"

namespace ticklake::feed {
namespace {

constexpr size_t kDepthSearched = 8;

enum class Kind : uint8_t { kScalar, kObject, kEmptyArray, kScalars, kRows };

struct Found {
  Kind kind = Kind::kScalar;
  uint64_t size = 0;  ///< of an array
};

/// What the members of an object are, which tells what the object is.
struct Members {
  uint64_t objects = 0, scalars = 0, columns = 0, others = 0;
  uint64_t rows = 0;  ///< of the first column
  bool are_even = true;
  std::string first_name;

  void add(const Found& found) {
    switch (found.kind) {
      case Kind::kScalar: ++scalars; break;
      case Kind::kObject: ++objects; break;
      case Kind::kScalars:
        if (columns++ == 0) rows = found.size;
        are_even &= found.size == rows;
        break;
      case Kind::kEmptyArray:
      case Kind::kRows: ++others; break;
    }
  }
  bool are_keyed() const {
    const std::string& name = first_name;
    const bool is_time = !name.empty() && name[0] >= '0' && name[0] <= '9' && name.size() >= 8;
    return is_time && objects > 0 && scalars + columns + others == 0;
  }
  bool are_columns() const {
    return objects + others == 0 && are_even && (columns > 1 || (columns == 1 && scalars == 0));
  }
};

class Search {
 public:
  explicit Search(JsonCursor& cursor) : cursor_(cursor) {}

  base::Result<Found> value() {
    TICKLAKE_ASSIGN(const char open, cursor_.peek());
    if (open == '[') return array();
    if (open == '{' && path_.steps.size() < kDepthSearched) return object();
    TICKLAKE_TRY(cursor_.skip_value());
    return Found{open == '{' ? Kind::kObject : Kind::kScalar};
  }
  std::vector<JsonPlace> places() { return std::move(places_); }

 private:
  void add(JsonShape shape) {
    if (places_.size() < kJsonPlacesMax) places_.push_back({path_, shape});
  }

  base::Result<Found> array() {
    cursor_.take();
    TICKLAKE_ASSIGN(const char first, cursor_.peek());
    if (first == ']') {
      cursor_.take();
      return Found{Kind::kEmptyArray};
    }
    Found found{first == '{' || first == '[' ? Kind::kRows : Kind::kScalars};
    bool more = true;
    while (more) {
      TICKLAKE_TRY(cursor_.skip_value());
      ++found.size;
      TICKLAKE_ASSIGN(more, cursor_.next_of(']'));
    }
    if (found.kind == Kind::kRows) {
      add(JsonShape::kElements);
      if (!places_.empty() && places_.back().path == path_)
        places_.back().path.steps.push_back({DocumentPath::Step::Kind::kEach});
    }
    return found;
  }

  base::Result<Found> object() {
    cursor_.take();
    const size_t places_before = places_.size();
    Members members;
    TICKLAKE_ASSIGN(const char first, cursor_.peek());
    bool more = first != '}';
    if (!more) cursor_.take();
    for (bool is_first = true; more; is_first = false) {
      TICKLAKE_ASSIGN(const std::string written, cursor_.read_name());
      std::string name = decoded_name(written);
      if (is_first) members.first_name = name;
      path_.steps.push_back({DocumentPath::Step::Kind::kName, std::move(name)});
      const auto found = value();
      path_.steps.pop_back();
      if (!found) return base::fail(found.error());
      members.add(*found);
      TICKLAKE_ASSIGN(more, cursor_.next_of('}'));
    }
    if (members.are_keyed() || members.are_columns()) {
      places_.resize(places_before);
      add(members.are_keyed() ? JsonShape::kKeyed : JsonShape::kColumns);
    }
    return Found{Kind::kObject};
  }

  JsonCursor& cursor_;
  DocumentPath path_;
  std::vector<JsonPlace> places_;
};

bool is_whole_object(std::string_view line) {
  JsonCursor cursor("", read_memory(line));
  const auto first = cursor.peek();
  if (!first || *first != '{' || !cursor.skip_value()) return false;
  const auto behind = cursor.peek();
  return behind && *behind == '\0';
}

}  // namespace

base::Result<std::vector<JsonPlace>> find_json_places(const std::string& name, ReadText text,
                                                      bool& is_alone) {
  JsonCursor cursor(name, std::move(text));
  Search search(cursor);
  TICKLAKE_TRY(search.value());
  TICKLAKE_ASSIGN(const char behind, cursor.peek());
  is_alone = behind == '\0';
  return search.places();
}

bool are_json_lines(std::string_view head) {
  std::vector<std::string_view> lines;
  while (!head.empty() && lines.size() < 3) {
    const size_t end = std::min(head.find('\n'), head.size());
    const std::string_view line = head.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  if (lines.size() < 2) return false;
  const std::string_view second = lines[1].substr(lines[1].find_first_not_of(" \t"));
  if (lines[0].find('{') != std::string_view::npos && is_whole_object(lines[0])) return true;
  // A first line that is broken is a bad row, where those below are whole.
  return is_whole_object(second) && (lines.size() == 2 || is_whole_object(lines[2]));
}

}  // namespace ticklake::feed
