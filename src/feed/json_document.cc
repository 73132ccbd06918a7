#include "feed/json_document.h"

#include <fmt/format.h>

#include "feed/json_cursor.h"
#include "feed/json_rows.h"
#include "feed/json_text.h"

namespace ticklake::feed {
namespace {

/// What a reader of rows holds; the walk refers to the cursor.
class ElementReader {
 public:
  ElementReader(std::string name, ReadText text, const JsonPlace& place,
                const std::vector<std::string>& columns)
      : cursor_(std::move(name), std::move(text)), walk_(cursor_, place.path), shape_(place.shape) {
    for (const std::string& column : columns) {
      std::string& written = columns_.emplace_back();
      append_json_string(written, column);
    }
  }

  base::Result<bool> next(JsonLine& line) {
    TICKLAKE_ASSIGN(const bool found, walk_.next());
    if (!found) return false;
    TICKLAKE_ASSIGN(const char open, cursor_.peek());
    line = {};
    line.number = cursor_.line();
    TICKLAKE_ASSIGN(const bool fits, cursor_.read_value(value_, kRowJsonBytesMax));
    line.too_long = !fits;
    if (!fits) {
      line.text = value_;
      return true;
    }
    if (open == '[') {
      TICKLAKE_TRY(name_values(line));
    } else if (shape_ == JsonShape::kKeyed && open == '{') {
      add_time();
    }
    if (value_.size() > kRowJsonBytesMax) line.too_long = true;
    line.text = value_;
    return true;
  }

 private:
  /// [1,2] becomes {"a":1,"b":2}.
  base::Result<void> name_values(JsonLine& line) {
    if (columns_.empty()) {
      line.problem = "an array, and its values have no names: give --columns A,B,…";
      return {};
    }
    JsonCursor values("the row", read_memory(value_));
    DocumentWalk each(values, {{{DocumentPath::Step::Kind::kEach}}});
    std::string row = "{";
    size_t count = 0;
    while (true) {
      const auto found = each.next();
      if (!found) {
        line.problem = "not JSON";
        return {};
      }
      if (!*found) break;
      std::string text;
      TICKLAKE_TRY(values.read_value(text, kRowJsonBytesMax));
      if (count < columns_.size())
        row += fmt::format("{}{}:{}", count == 0 ? "" : ",", columns_[count], text);
      ++count;
    }
    if (count != columns_.size()) {
      line.problem = "an array with another number of values than --columns has names";
      return {};
    }
    value_ = row + "}";
    return {};
  }

  void add_time() {
    // The object's own `time`, where it has one, is more than what it is called by.
    const bool has_time = value_.find("\"time\":") != std::string::npos;
    std::string_view rest = std::string_view(value_).substr(1);
    value_ = fmt::format("{{\"{}\":{}{}{}", has_time ? "key" : "time", walk_.member_name(),
                         rest == "}" ? "" : ",", rest);
  }

  JsonCursor cursor_;
  DocumentWalk walk_;
  JsonShape shape_;
  std::vector<std::string> columns_;
  std::string value_;
};

/// The rows of an object of arrays.
class ColumnReader {
 public:
  static base::Result<std::shared_ptr<ColumnReader>> read(const std::string& name, ReadText text,
                                                          const DocumentPath& path) {
    auto reader = std::make_shared<ColumnReader>();
    JsonCursor cursor(name, std::move(text));
    DocumentWalk walk(cursor, path);
    TICKLAKE_ASSIGN(const bool found, walk.next());
    if (!found) return cursor.fail(fmt::format("nothing is at {}", path.text()));
    reader->line_ = cursor.line();
    TICKLAKE_ASSIGN(const bool fits, cursor.read_value(reader->text_, kJsonColumnsBytesMax));
    if (!fits) {
      return base::fail(base::ErrorCode::kInvalidData,
                        name + " is too large for an object of arrays",
                        fmt::format("its columns have more than {} bytes", kJsonColumnsBytesMax),
                        "write it as JSON lines or CSV");
    }
    TICKLAKE_ASSIGN(const bool more, walk.next());
    if (more) return cursor.fail(fmt::format("{} names several objects of arrays", path.text()));
    TICKLAKE_TRY(reader->split(name));
    return reader;
  }

  base::Result<bool> next(JsonLine& line) {
    if (row_ == rows_) return false;
    json_ = "{";
    for (const Column& column : columns_) {
      json_ += fmt::format("{}{}:{}", json_.size() == 1 ? "" : ",", column.name,
                           column.is_array ? column.values[row_] : column.values[0]);
    }
    json_ += '}';
    ++row_;
    line = {};
    line.text = json_;
    line.number = line_;
    line.too_long = json_.size() > kRowJsonBytesMax;
    return true;
  }

 private:
  struct Column {
    std::string name;
    std::vector<std::string> values;
    bool is_array = false;
  };

  base::Result<void> split(const std::string& name) {
    JsonCursor cursor(name, read_memory(text_));
    DocumentWalk members(cursor, {{{DocumentPath::Step::Kind::kEach}}});
    bool is_first = true;
    while (true) {
      TICKLAKE_ASSIGN(const bool found, members.next());
      if (!found) break;
      TICKLAKE_ASSIGN(const char open, cursor.peek());
      Column column{members.member_name(), {}, open == '['};
      std::string value;
      TICKLAKE_TRY(cursor.read_value(value, kJsonColumnsBytesMax));
      if (column.is_array) {
        TICKLAKE_TRY(split_array(name, value, column.values));
        if (is_first) rows_ = column.values.size();
        if (column.values.size() != rows_) return cursor.fail("its arrays differ in length");
        is_first = false;
      } else {
        column.values.push_back(std::move(value));
      }
      columns_.push_back(std::move(column));
    }
    text_.clear();
    text_.shrink_to_fit();
    return {};
  }

  static base::Result<void> split_array(const std::string& name, std::string_view text,
                                        std::vector<std::string>& values) {
    JsonCursor cursor(name, read_memory(text));
    DocumentWalk each(cursor, {{{DocumentPath::Step::Kind::kEach}}});
    while (true) {
      TICKLAKE_ASSIGN(const bool found, each.next());
      if (!found) return {};
      TICKLAKE_TRY(cursor.read_value(values.emplace_back(), kRowJsonBytesMax));
    }
  }

  std::string text_;
  uint64_t line_ = 0;
  std::vector<Column> columns_;
  size_t rows_ = 0;
  size_t row_ = 0;
  std::string json_;
};

std::string listed(const std::vector<JsonPlace>& places) {
  std::string text;
  for (size_t i = 0; i < places.size() && i < 10; ++i)
    text += (i == 0 ? "" : ", ") + places[i].path.text();
  return text + (places.size() > 10 ? ", …" : "");
}

/// What stands at a path that was stated.
base::Result<JsonPlace> place_at(const std::string& name, const DocumentPath& path,
                                 const std::function<ReadText()>& begin) {
  JsonCursor cursor(name, begin());
  DocumentWalk walk(cursor, path);
  TICKLAKE_ASSIGN(const bool found, walk.next());
  if (!found) {
    bool is_alone = false;
    TICKLAKE_ASSIGN(const auto places, find_json_places(name, begin(), is_alone));
    return base::fail(
        base::ErrorCode::kInvalidArgument, fmt::format("{} has nothing at {}", name, path.text()),
        places.empty() ? "" : "rows may be at " + listed(places), "give another --json-path");
  }
  std::string value;
  TICKLAKE_ASSIGN(const bool fits, cursor.read_value(value, kJsonColumnsBytesMax));
  const bool is_each =
      !path.steps.empty() && path.steps.back().kind == DocumentPath::Step::Kind::kEach;
  JsonPlace place{path, JsonShape::kElements};
  if (value.starts_with('[') && !is_each)
    place.path.steps.push_back({DocumentPath::Step::Kind::kEach});
  if (!value.starts_with('{') || is_each || !fits) return place;
  bool is_alone = false;
  TICKLAKE_ASSIGN(const auto inside, find_json_places(name, read_memory(value), is_alone));
  if (!inside.empty() && inside[0].path.steps.empty()) place.shape = inside[0].shape;
  if (place.shape == JsonShape::kKeyed)
    place.path.steps.push_back({DocumentPath::Step::Kind::kEach});
  return place;
}

}  // namespace

base::Result<std::unique_ptr<RowSource>> open_json_document(const RowOptions& options,
                                                            std::function<ReadText()> begin) {
  const std::string name = options.name();
  JsonPlace place;
  if (options.json_path) {
    TICKLAKE_ASSIGN(const DocumentPath path, DocumentPath::parse(*options.json_path));
    TICKLAKE_ASSIGN(place, place_at(name, path, begin));
  } else {
    bool is_alone = true;
    TICKLAKE_ASSIGN(const auto places, find_json_places(name, begin(), is_alone));
    if (!is_alone) return open_json_lines(options, std::move(begin));
    if (places.size() > 1) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("{} has rows in more than one place", name),
                        "they may be at " + listed(places),
                        fmt::format("choose: --json-path \"{}\"", places[0].path.text()));
    }
    if (places.size() == 1) place = places[0];
    if (places.size() == 1 && place.shape == JsonShape::kKeyed)
      place.path.steps.push_back({DocumentPath::Step::Kind::kEach});
  }
  if (place.shape == JsonShape::kColumns) {
    return open_json_objects(options, [name, begin, place]() -> base::Result<NextJson> {
      TICKLAKE_ASSIGN(const auto reader, ColumnReader::read(name, begin(), place.path));
      return NextJson([reader](JsonLine& line) { return reader->next(line); });
    });
  }
  return open_json_objects(
      options, [name, begin, place, columns = options.csv.columns]() -> base::Result<NextJson> {
        auto reader = std::make_shared<ElementReader>(name, begin(), place, columns);
        return NextJson([reader](JsonLine& line) { return reader->next(line); });
      });
}

}  // namespace ticklake::feed
