#include "catalog/hive_type.h"

#include <algorithm>
#include <map>
#include <optional>

namespace ticklake::catalog {
namespace {

using Kind = HiveType::Kind;

/// Numbers from narrow to wide; 0 for what is none. A float has no room for a bigint, a double has
/// for most.
int number_rank(const HiveType& type) {
  switch (type.kind()) {
    case Kind::kInt: return 3;
    case Kind::kBigint: return 4;
    case Kind::kDouble: return 6;
    case Kind::kNamed: break;
    default: return 0;
  }
  const std::string text = type.text();
  if (text == "tinyint") return 1;
  if (text == "smallint") return 2;
  return text == "float" ? 5 : 0;
}

bool are_numbers(const HiveType& a, const HiveType& b) {
  return number_rank(a) != 0 && number_rank(b) != 0;
}

const HiveType& wider(const HiveType& a, const HiveType& b) {
  static const HiveType real(Kind::kDouble);
  const HiveType& narrow = number_rank(a) < number_rank(b) ? a : b;
  const HiveType& wide = &narrow == &a ? b : a;
  return number_rank(wide) == 5 && number_rank(narrow) >= 3 ? real : wide;
}

bool is_time(Kind kind) { return kind == Kind::kDate || kind == Kind::kTimestamp; }

constexpr std::pair<std::string_view, Kind> kScalars[] = {
    {"boolean", Kind::kBoolean}, {"int", Kind::kInt},   {"bigint", Kind::kBigint},
    {"double", Kind::kDouble},   {"date", Kind::kDate}, {"timestamp", Kind::kTimestamp},
    {"string", Kind::kString},
};

/// A struct's name with signs in it would be another type.
std::string field_name(const std::string& name) {
  std::string text = name;
  for (char& c : text) {
    if (std::string_view("<>:,` ").find(c) != std::string_view::npos) c = '_';
  }
  return text;
}

}  // namespace

HiveType::HiveType() = default;
HiveType::HiveType(Kind kind) : kind_(kind) {}

bool HiveType::operator==(const HiveType& other) const {
  return kind_ == other.kind_ && text_ == other.text_ && fields_ == other.fields_;
}

HiveType HiveType::named(std::string text) {
  for (const auto& [name, kind] : kScalars) {
    if (name == text) return kind;
  }
  HiveType type(Kind::kNamed);
  type.text_ = std::move(text);
  return type;
}

HiveType HiveType::array(HiveType element) {
  HiveType type(Kind::kArray);
  type.fields_.push_back({"", std::move(element)});
  return type;
}

HiveType HiveType::map(HiveType key, HiveType value) {
  HiveType type(Kind::kMap);
  type.fields_.push_back({"key", std::move(key)});
  type.fields_.push_back({"value", std::move(value)});
  return type;
}

HiveType HiveType::structure(std::vector<HiveField> fields) {
  HiveType type(Kind::kStruct);
  type.fields_ = std::move(fields);
  return type;
}

std::string HiveType::text() const {
  for (const auto& [name, kind] : kScalars) {
    if (kind == kind_) return std::string(name);
  }
  switch (kind_) {
    case Kind::kNamed: return text_;
    case Kind::kArray: return "array<" + fields_[0].type.text() + ">";
    case Kind::kMap: return "map<" + fields_[0].type.text() + "," + fields_[1].type.text() + ">";
    case Kind::kStruct: break;
    default: return "string";
  }
  if (fields_.empty()) return "string";
  std::string text = "struct<";
  for (const HiveField& field : fields_) {
    if (text.back() != '<') text += ',';
    text += field_name(field.name) + ":" + field.type.text();
  }
  return text + ">";
}

void HiveType::merge(const HiveType& other) {
  if (other.kind_ == Kind::kNull || *this == other) return;
  if (kind_ == Kind::kNull) {
    *this = other;
  } else if (are_numbers(*this, other)) {
    *this = HiveType(wider(*this, other));
  } else if (is_time(kind_) && is_time(other.kind_)) {
    kind_ = Kind::kTimestamp;
  } else if (kind_ == other.kind_ && kind_ == Kind::kStruct) {
    merge_fields(fields_, other.fields_);
  } else if (kind_ == other.kind_ && (kind_ == Kind::kArray || kind_ == Kind::kMap)) {
    for (size_t i = 0; i < fields_.size(); ++i)
      fields_[i].type.merge(other.fields_[i].type);
  } else {
    *this = Kind::kString;
  }
}

bool HiveType::is_similar(const HiveType& other) const {
  if (kind_ == Kind::kNull || other.kind_ == Kind::kNull || *this == other) return true;
  if (are_numbers(*this, other)) return true;
  if (is_time(kind_) && is_time(other.kind_)) return true;
  return kind_ == other.kind_ &&
         (kind_ == Kind::kStruct || kind_ == Kind::kArray || kind_ == Kind::kMap);
}

void merge_fields(std::vector<HiveField>& fields, const std::vector<HiveField>& other) {
  // Nearly all records have the same names in the same order.
  size_t at = 0;
  std::map<std::string_view, size_t> by_name;
  for (const HiveField& field : other) {
    if (at < fields.size() && fields[at].name == field.name) {
      fields[at++].type.merge(field.type);
      continue;
    }
    if (by_name.empty()) {
      for (size_t i = 0; i < fields.size(); ++i)
        by_name.emplace(fields[i].name, i);
    }
    const auto found = by_name.find(field.name);
    if (found != by_name.end()) {
      fields[found->second].type.merge(field.type);
      at = found->second + 1;
    } else {
      fields.push_back(field);
      by_name.clear();  // its views may have moved
    }
  }
}

/// Of the grammar that text() writes.
class HiveTypeParser {
 public:
  explicit HiveTypeParser(std::string_view text) : text_(text) {}

  std::optional<HiveType> parse() {
    auto type = next(0);
    return type && at_ == text_.size() ? type : std::nullopt;
  }

 private:
  static constexpr size_t kDepthMax = 100;

  bool take(std::string_view part) {
    if (!text_.substr(at_).starts_with(part)) return false;
    at_ += part.size();
    return true;
  }
  std::optional<HiveType> next(size_t depth) {
    if (depth > kDepthMax) return std::nullopt;
    if (take("array<")) {
      auto element = next(depth + 1);
      if (!element || !take(">")) return std::nullopt;
      return HiveType::array(std::move(*element));
    }
    if (take("map<")) {
      auto key = next(depth + 1);
      if (!key || !take(",")) return std::nullopt;
      auto value = next(depth + 1);
      if (!value || !take(">")) return std::nullopt;
      return HiveType::map(std::move(*key), std::move(*value));
    }
    if (take("struct<")) return structure(depth);
    return scalar();
  }
  std::optional<HiveType> structure(size_t depth) {
    std::vector<HiveField> fields;
    do {
      const size_t colon = text_.find(':', at_);
      if (colon == std::string_view::npos) return std::nullopt;
      std::string name(text_.substr(at_, colon - at_));
      at_ = colon + 1;
      auto type = next(depth + 1);
      if (!type) return std::nullopt;
      fields.push_back({std::move(name), std::move(*type)});
    } while (take(","));
    if (!take(">")) return std::nullopt;
    return HiveType::structure(std::move(fields));
  }
  std::optional<HiveType> scalar() {
    const size_t start = at_;
    bool is_in_parentheses = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '(') is_in_parentheses = true;
      if (c == ')') is_in_parentheses = false;
      if (c == '>' || (c == ',' && !is_in_parentheses)) break;
    }
    if (at_ == start) return std::nullopt;
    return HiveType::named(std::string(text_.substr(start, at_ - start)));
  }

  const std::string_view text_;
  size_t at_ = 0;
};

HiveType parse_hive_type(std::string_view text) {
  auto type = HiveTypeParser(text).parse();
  return type ? std::move(*type) : HiveType::named(std::string(text));
}

std::vector<Column> to_columns(const std::vector<HiveField>& fields) {
  std::vector<Column> columns;
  for (const HiveField& field : fields)
    columns.push_back({.name = field.name, .type = field.type.text()});
  return columns;
}

bool is_similar(const std::vector<HiveField>& a, const std::vector<HiveField>& b) {
  const auto& smaller = a.size() <= b.size() ? a : b;
  const auto& larger = a.size() <= b.size() ? b : a;
  if (smaller.empty()) return larger.empty();
  std::map<std::string_view, const HiveType*> types;
  for (const HiveField& field : larger)
    types.emplace(field.name, &field.type);
  size_t common = 0;
  for (const HiveField& field : smaller) {
    const auto found = types.find(field.name);
    if (found != types.end() && found->second->is_similar(field.type)) ++common;
  }
  return common * 10 > smaller.size() * 7 && common * 10 >= larger.size() * 3;
}

}  // namespace ticklake::catalog
