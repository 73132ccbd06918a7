#include <algorithm>
#include <map>
#include <set>

#include <simdjson.h>

#include "catalog/file_probe.h"
#include "catalog/model_json.h"

namespace ticklake::catalog {
namespace {

namespace dom = simdjson::dom;

/// What is nested deeper is a text.
constexpr size_t kDepthMax = 64;
/// So many are looked through faster than looked up.
constexpr size_t kFewFields = 24;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Kept for all files of a thread: its buffers are what costs most of a small one.
dom::parser& thread_parser() {
  static thread_local dom::parser parser;
#ifdef SIMDJSON_THREADS_ENABLED
  // A thread of its own for each of half a million small files would be slow.
  parser.threaded = false;
#endif
  return parser;
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

HiveType type_of(dom::element value, size_t depth);

/// Names that differ in case only are one column.
std::vector<HiveField> fields_of(dom::object object, size_t depth) {
  std::vector<HiveField> fields;
  std::map<std::string, size_t, std::less<>> by_name;  // of all, once there are many
  for (const auto [name, value] : object) {
    HiveField field{folded(name), type_of(value, depth + 1)};
    auto same = fields.end();
    if (fields.size() < kFewFields) {
      same = std::ranges::find(fields, field.name, &HiveField::name);
    } else {
      for (size_t i = by_name.size(); i < fields.size(); ++i)
        by_name.emplace(fields[i].name, i);
      const auto found = by_name.find(field.name);
      if (found != by_name.end()) same = fields.begin() + static_cast<ptrdiff_t>(found->second);
    }
    if (same == fields.end()) {
      fields.push_back(std::move(field));
    } else {
      same->type.merge(field.type);
    }
  }
  return fields;
}

HiveType type_of(dom::element value, size_t depth) {
  using Kind = HiveType::Kind;
  if (depth > kDepthMax) return Kind::kString;
  switch (value.type()) {
    case dom::element_type::NULL_VALUE: return Kind::kNull;
    case dom::element_type::BOOL: return Kind::kBoolean;
    case dom::element_type::INT64: {
      const int64_t number = value.get_int64().value_unsafe();
      return number >= INT32_MIN && number <= INT32_MAX ? Kind::kInt : Kind::kBigint;
    }
    // Above 63 bits: Hive has no integer for it.
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE: return Kind::kDouble;
    case dom::element_type::STRING: return Kind::kString;
    case dom::element_type::OBJECT:
      return HiveType::structure(fields_of(value.get_object().value_unsafe(), depth));
    case dom::element_type::ARRAY: break;
  }
  HiveType element;
  const dom::array array = value.get_array().value_unsafe();
  for (const dom::element one : array)
    element.merge(type_of(one, depth + 1));
  return HiveType::array(std::move(element));
}

/// Gathers what the records of a file have.
class Gatherer {
 public:
  explicit Gatherer(bool elements) : elements_(elements) { probe_.kind.format = FileFormat::kJson; }

  bool add(dom::element document) {
    dom::array array;
    if (document.get_array().get(array) == simdjson::SUCCESS) {
      if (!elements_) return add_array(document);
      for (const dom::element one : array) {
        if (!add_object(one)) return false;
      }
      return true;
    }
    return add_object(document);
  }
  FileProbe take() {
    probe_.paths.assign(paths_.begin(), paths_.end());
    return std::move(probe_);
  }
  uint64_t records() const { return probe_.records; }

 private:
  bool add_array(dom::element document) {
    merge_fields(probe_.fields, {{"array", type_of(document, 0)}});
    probe_.remark =
        "an array is one record with one column, as with Glue; the JSON path $[*] makes "
        "its elements records";
    paths_.emplace("array");
    ++probe_.records;
    return true;
  }
  bool add_object(dom::element document) {
    dom::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return false;
    for (const auto [name, value] : object)
      paths_.emplace(name);
    merge_fields(probe_.fields, fields_of(object, 0));
    ++probe_.records;
    return true;
  }

  const bool elements_;
  std::set<std::string> paths_;
  FileProbe probe_;
};

FileProbe no_json(std::string why) {
  FileProbe probe;
  probe.problem = std::move(why);
  return probe;
}

}  // namespace

bool looks_like_json(std::string_view text) {
  text = without_mark(text);
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

FileProbe probe_json(const JsonStart& start, bool& needs_more) {
  needs_more = false;
  const simdjson::padded_string padded(without_mark(start.text));
  dom::parser& parser = thread_parser();
  Gatherer gatherer(start.elements);
  dom::element whole;
  if (start.is_whole && parser.parse(padded).get(whole) == simdjson::SUCCESS) {
    return gatherer.add(whole) ? gatherer.take() : no_json("a record is no JSON object");
  }
  dom::document_stream stream;
  if (parser.parse_many(padded, std::max<size_t>(padded.size(), 32)).get(stream)) {
    return no_json("it is no valid JSON");
  }
  for (auto result : stream) {
    const simdjson::error_code error = result.error();
    if (error) {
      // A record that the end of what was read cuts through.
      if (!start.is_whole) break;
      return no_json(std::string("it is no valid JSON: ") + simdjson::error_message(error));
    }
    if (!gatherer.add(result.value_unsafe())) return no_json("a record is no JSON object");
  }
  if (gatherer.records() > 0) return gatherer.take();
  needs_more = !start.is_whole;
  return no_json("no record of it ends");
}

}  // namespace ticklake::catalog
