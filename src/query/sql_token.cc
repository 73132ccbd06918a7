#include "query/sql_token.h"

namespace ticklake::query {
namespace {

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_part(char c) { return is_word_start(c) || is_digit(c) || c == '$'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Lexer {
 public:
  Lexer(std::string_view sql, Lexis lexis) : sql_(sql), athena_(lexis == Lexis::kAthena) {}

  std::vector<Token> run() {
    while (skip_blank(), at_ < sql_.size()) {
      const size_t begin = at_;
      const TokenKind kind = next();
      tokens_.push_back({kind, begin, at_});
    }
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void skip_blank() {
    while (at_ < sql_.size()) {
      if (is_space(peek())) {
        ++at_;
      } else if (peek() == '-' && peek(1) == '-') {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (peek() == '/' && peek(1) == '*') {
        skip_block_comment();
      } else {
        return;
      }
    }
  }

  void skip_block_comment() {
    size_t depth = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        depth += athena_ && depth == 1 ? 0 : 1;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < sql_.size());
    at_ = std::min(at_, sql_.size());
  }

  TokenKind next() {
    const char c = peek();
    if (c == '\'') return quoted('\'', false, TokenKind::kString);
    if (c == '"') return quoted('"', false, TokenKind::kQuotedName);
    if (athena_) return next_of_athena(c);
    if ((c == 'e' || c == 'E') && peek(1) == '\'') {
      ++at_;
      return quoted('\'', true, TokenKind::kString);
    }
    if (c == '$' && dollar_quoted()) return TokenKind::kString;
    if (is_word_start(c)) {
      while (is_word_part(peek()) && at_ < sql_.size())
        ++at_;
      return TokenKind::kWord;
    }
    if (is_digit(c)) {
      while (is_word_part(peek()) || peek() == '.')
        ++at_;
      return TokenKind::kNumber;
    }
    ++at_;
    return TokenKind::kSymbol;
  }

  TokenKind next_of_athena(char c) {
    if (c == '`') return quoted('`', false, TokenKind::kQuotedName);
    if ((c == 'x' || c == 'X') && peek(1) == '\'') {
      ++at_;
      return quoted('\'', false, TokenKind::kString);
    }
    if ((c == 'u' || c == 'U') && peek(1) == '&' && peek(2) == '\'') {
      at_ += 2;
      return quoted('\'', false, TokenKind::kString);
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_word_start(c) || c == '$') {
      while (is_word_part(peek()) && at_ < sql_.size())
        ++at_;
      return TokenKind::kWord;
    }
    ++at_;
    return TokenKind::kSymbol;
  }

  TokenKind number() {
    const auto digits = [this] {
      while (is_digit(peek()) || peek() == '_')
        ++at_;
    };
    if (peek() == '0' && std::string_view("xXoObB").find(peek(1)) != std::string_view::npos) {
      while (is_word_part(peek()))
        ++at_;
      return TokenKind::kNumber;
    }
    digits();
    if (peek() == '.') {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      const size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        digits();
      }
    }
    return TokenKind::kNumber;
  }

  /// A doubled quote is one of the text; so is a backslashed one where `backslash` says so.
  TokenKind quoted(char quote, bool backslash, TokenKind kind) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if (backslash && peek() == '\\') {
        ++at_;
      } else if (peek() == quote) {
        if (peek(1) != quote) {
          ++at_;
          return kind;
        }
        ++at_;
      }
    }
    at_ = sql_.size();
    return kind;
  }

  bool dollar_quoted() {
    size_t end = at_ + 1;
    while (end < sql_.size() && (is_word_start(sql_[end]) || is_digit(sql_[end])))
      ++end;
    if (end >= sql_.size() || sql_[end] != '$' || is_digit(sql_[at_ + 1])) return false;
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const size_t close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
    return true;
  }

  std::string_view sql_;
  const bool athena_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view sql) { return tokenize(sql, Lexis::kDuckdb); }

std::vector<Token> tokenize(std::string_view sql, Lexis lexis) { return Lexer(sql, lexis).run(); }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string name_of(std::string_view sql, const Token& token) {
  std::string_view text = sql.substr(token.begin, token.end - token.begin);
  if (token.kind != TokenKind::kQuotedName) return to_lower(text);
  const char quote = text.front();
  text.remove_prefix(1);
  if (!text.empty() && text.back() == quote) text.remove_suffix(1);
  std::string name;
  for (size_t i = 0; i < text.size(); ++i) {
    name += text[i];
    if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote) ++i;
  }
  return to_lower(name);
}

}  // namespace ticklake::query
