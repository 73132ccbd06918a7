#include "query/executions/hive_type.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "query/sql_token.h"
#include "table/database.h"

namespace ticklake::query::executions {
namespace {

using Kind = HiveType::Kind;

struct Plain {
  Kind kind;
  std::string_view hive;
  std::string_view duckdb;
  std::string_view trino;
};
constexpr std::array<Plain, 11> kPlain{{{Kind::kBoolean, "boolean", "BOOLEAN", "boolean"},
                                        {Kind::kTinyint, "tinyint", "TINYINT", "tinyint"},
                                        {Kind::kSmallint, "smallint", "SMALLINT", "smallint"},
                                        {Kind::kInt, "int", "INTEGER", "integer"},
                                        {Kind::kBigint, "bigint", "BIGINT", "bigint"},
                                        {Kind::kFloat, "float", "FLOAT", "real"},
                                        {Kind::kDouble, "double", "DOUBLE", "double"},
                                        {Kind::kString, "string", "VARCHAR", "varchar"},
                                        {Kind::kBinary, "binary", "BLOB", "varbinary"},
                                        {Kind::kDate, "date", "DATE", "date"},
                                        {Kind::kTimestamp, "timestamp", "TIMESTAMP", "timestamp"}}};

struct Alias {
  std::string_view name;
  Kind kind;
};
constexpr std::array<Alias, 9> kAliases{{{"bool", Kind::kBoolean},
                                         {"integer", Kind::kInt},
                                         {"long", Kind::kBigint},
                                         {"real", Kind::kFloat},
                                         {"varchar", Kind::kString},
                                         {"char", Kind::kString},
                                         {"json", Kind::kString},
                                         {"unknown", Kind::kString},
                                         {"varbinary", Kind::kBinary}}};

const Plain* plain_of(Kind kind) {
  for (const Plain& plain : kPlain) {
    if (plain.kind == kind) return &plain;
  }
  return nullptr;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<HiveType> whole() {
    auto type = any(0);
    skip_blanks();
    if (at_ != text_.size()) return std::nullopt;
    return type;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool accept_open() { return accept('<') || accept('('); }
  bool accept_close() { return accept('>') || accept(')'); }

  /// A quoted name, or what stands before one of Hive's and Trino's marks.
  std::string word() {
    skip_blanks();
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '`')) {
      const char quote = text_[at_];
      const size_t end = text_.find(quote, at_ + 1);
      if (end == std::string_view::npos) return {};
      const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return to_lower(name);
    }
    const size_t begin = at_;
    at_ = std::min(text_.find_first_of(" \t\n<>(),:\"`", at_), text_.size());
    return to_lower(text_.substr(begin, at_ - begin));
  }
  std::optional<uint8_t> number() {
    const std::string digits = word();
    uint8_t value = 0;
    const char* const end = digits.data() + digits.size();
    if (digits.empty() || std::from_chars(digits.data(), end, value).ptr != end) {
      return std::nullopt;
    }
    return value;
  }
  /// varchar(10): lengths are not held against values.
  bool skip_length() {
    if (!accept_open()) return true;
    word();
    return accept_close();
  }

  std::optional<HiveType> any(size_t depth) {
    if (depth > kHiveTypeDepthMax) return std::nullopt;
    const std::string name = word();
    if (name == "array") return list(Kind::kArray, 1, depth);
    if (name == "map") return list(Kind::kMap, 2, depth);
    if (name == "struct" || name == "row") return fields(depth);
    if (name == "decimal" || name == "numeric") return decimal();
    for (const Plain& plain : kPlain) {
      if (name == plain.hive) return ended(plain.kind);
    }
    for (const Alias& alias : kAliases) {
      if (name == alias.name) return ended(alias.kind);
    }
    return std::nullopt;
  }

  std::optional<HiveType> ended(Kind kind) {
    if (!skip_length()) return std::nullopt;
    if (kind == Kind::kTimestamp) {
      for (const std::string_view rest : {"with time zone", "without time zone"}) {
        if (text_.substr(at_).starts_with(rest)) at_ += rest.size();
      }
    }
    return HiveType{kind};
  }

  std::optional<HiveType> decimal() {
    HiveType type{Kind::kDecimal, 10, 0};
    if (!accept_open()) return type;
    const auto precision = number();
    const auto scale = accept(',') ? number() : std::optional<uint8_t>(0);
    if (!precision || !scale || !accept_close()) return std::nullopt;
    if (*precision == 0 || *precision > 38 || *scale > *precision) return std::nullopt;
    type.precision = *precision;
    type.scale = *scale;
    return type;
  }

  std::optional<HiveType> list(Kind kind, size_t count, size_t depth) {
    HiveType type{kind};
    if (!accept_open()) return std::nullopt;
    for (size_t i = 0; i < count; ++i) {
      if (i > 0 && !accept(',')) return std::nullopt;
      auto part = any(depth + 1);
      if (!part) return std::nullopt;
      type.parts.push_back(std::move(*part));
    }
    if (!accept_close()) return std::nullopt;
    return type;
  }

  std::optional<HiveType> fields(size_t depth) {
    HiveType type{Kind::kStruct};
    if (!accept_open()) return std::nullopt;
    do {
      std::string name = word();
      if (name.empty()) return std::nullopt;
      accept(':');
      auto part = any(depth + 1);
      if (!part) return std::nullopt;
      type.names.push_back(std::move(name));
      type.parts.push_back(std::move(*part));
    } while (accept(','));
    if (!accept_close()) return std::nullopt;
    return type;
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::string decimal_text(const HiveType& type) {
  return "(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
}

}  // namespace

std::optional<HiveType> parse_hive_type(std::string_view text) { return Parser(text).whole(); }

std::string to_hive(const HiveType& type) {
  if (const Plain* plain = plain_of(type.kind)) return std::string(plain->hive);
  if (type.kind == Kind::kDecimal) return "decimal" + decimal_text(type);
  std::string parts;
  for (size_t i = 0; i < type.parts.size(); ++i) {
    parts += i > 0 ? "," : "";
    if (type.kind == Kind::kStruct) parts += type.names[i] + ":";
    parts += to_hive(type.parts[i]);
  }
  const char* const name = type.kind == Kind::kArray ? "array"
                           : type.kind == Kind::kMap ? "map"
                                                     : "struct";
  return name + ("<" + parts + ">");
}

std::string to_duckdb(const HiveType& type) {
  if (const Plain* plain = plain_of(type.kind)) return std::string(plain->duckdb);
  if (type.kind == Kind::kDecimal) return "DECIMAL" + decimal_text(type);
  if (type.kind == Kind::kArray) return to_duckdb(type.parts[0]) + "[]";
  if (type.kind == Kind::kMap) {
    return "MAP(" + to_duckdb(type.parts[0]) + ", " + to_duckdb(type.parts[1]) + ")";
  }
  std::string fields;
  for (size_t i = 0; i < type.parts.size(); ++i) {
    fields +=
        (i > 0 ? ", " : "") + table::sql_identifier(type.names[i]) + " " + to_duckdb(type.parts[i]);
  }
  return "STRUCT(" + fields + ")";
}

std::string to_trino(const HiveType& type) {
  if (const Plain* plain = plain_of(type.kind)) return std::string(plain->trino);
  if (type.kind == Kind::kDecimal) return "decimal" + decimal_text(type);
  if (type.kind == Kind::kArray) return "array(" + to_trino(type.parts[0]) + ")";
  if (type.kind == Kind::kMap) {
    return "map(" + to_trino(type.parts[0]) + ", " + to_trino(type.parts[1]) + ")";
  }
  std::string fields;
  for (size_t i = 0; i < type.parts.size(); ++i)
    fields += (i > 0 ? ", " : "") + type.names[i] + " " + to_trino(type.parts[i]);
  return "row(" + fields + ")";
}

}  // namespace ticklake::query::executions
