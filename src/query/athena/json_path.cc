// JSON paths: those of json_extract, and the simple ones of the SQL standard, as DuckDB's.
#include "query/athena/translator.h"

namespace ticklake::query::athena {
namespace {

bool is_key_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

/// A key behind a point, in quotes, so that DuckDB takes it as it is; none if it has a quote.
std::optional<std::string> member(std::string_view key) {
  if (key.empty() || key.find('"') != std::string_view::npos) return {};
  return ".\"" + std::string(key) + "\"";
}

class PathReader {
 public:
  PathReader(std::string_view path, bool standard) : path_(path), standard_(standard) {}

  std::optional<JsonPath> read() {
    if (standard_) read_mode();
    skip_blank();
    if (peek() != '$') return {};
    ++at_;
    out_.duckdb = "$";
    while (skip_blank(), at_ < path_.size()) {
      const bool ok = peek() == '.' ? read_member() : peek() == '[' && read_brackets();
      if (!ok) return {};
    }
    return out_;
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < path_.size() ? path_[at_ + ahead] : '\0';
  }
  void skip_blank() {
    while (standard_ && (peek() == ' ' || peek() == '\t' || peek() == '\n'))
      ++at_;
  }

  void read_mode() {
    skip_blank();
    for (const std::string_view mode : {"lax ", "strict "}) {
      if (!path_.substr(at_).starts_with(mode)) continue;
      out_.strict = mode == "strict ";
      at_ += mode.size();
    }
  }

  bool read_member() {
    ++at_;
    if (peek() == '*') {
      ++at_;
      out_.duckdb += ".*";
      out_.many = true;
      return true;
    }
    std::string_view key;
    if (peek() == '"') {
      const size_t close = path_.find('"', at_ + 1);
      if (close == std::string_view::npos) return false;
      key = path_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
    } else {
      const size_t begin = at_;
      while (is_key_part(peek()))
        ++at_;
      key = path_.substr(begin, at_ - begin);
    }
    if (peek() == '(') return false;  // a method: .size()
    return append(key);
  }

  bool read_brackets() {
    ++at_;
    skip_blank();
    const char quote = peek();
    if (quote == '"' || quote == '\'') {
      const size_t close = path_.find(quote, at_ + 1);
      if (close == std::string_view::npos || close + 1 >= path_.size()) return false;
      const std::string_view key = path_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
      return peek() == ']' && (++at_, append(key));
    }
    const size_t close = path_.find(']', at_);
    if (close == std::string_view::npos) return false;
    std::string_view index = path_.substr(at_, close - at_);
    while (!index.empty() && index.back() == ' ')
      index.remove_suffix(1);
    at_ = close + 1;
    if (index == "*") {
      out_.duckdb += "[*]";
      out_.many = true;
      return true;
    }
    if (index == "last") {
      out_.duckdb += "[#-1]";
      return true;
    }
    if (index.empty() || index.size() > 9) return false;
    if (index.find_first_not_of("0123456789") != std::string_view::npos) {
      return !standard_ && append(index);
    }
    out_.duckdb += "[" + std::string(index) + "]";
    return true;
  }

  bool append(std::string_view key) {
    const auto text = member(key);
    if (text) out_.duckdb += *text;
    return text.has_value();
  }

  std::string_view path_;
  const bool standard_;
  size_t at_ = 0;
  JsonPath out_;
};

}  // namespace

std::optional<JsonPath> json_path(std::string_view path, bool standard) {
  return PathReader(path, standard).read();
}

}  // namespace ticklake::query::athena
