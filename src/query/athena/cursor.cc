#include "query/athena/cursor.h"

#include <algorithm>

namespace ticklake::query::athena {

Cursor::Cursor(std::string_view sql) : sql_(sql), tokens_(tokenize(sql, Lexis::kAthena)) {
  while (!tokens_.empty() && sql_[tokens_.back().begin] == ';')
    tokens_.pop_back();
  behind_paren_.assign(tokens_.size(), tokens_.size());
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != TokenKind::kSymbol) continue;
    const char c = sql_[tokens_[i].begin];
    if (c == '(') open.push_back(i);
    if (c == ')' && !open.empty()) {
      behind_paren_[open.back()] = i + 1;
      open.pop_back();
    }
  }
}

const Token* Cursor::peek(size_t ahead) const {
  return !failed() && at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
}

std::string_view Cursor::text(size_t ahead) const {
  const Token* token = peek(ahead);
  return token == nullptr ? std::string_view()
                          : sql_.substr(token->begin, token->end - token->begin);
}

bool Cursor::is_kind(TokenKind kind, size_t ahead) const {
  const Token* token = peek(ahead);
  return token != nullptr && token->kind == kind;
}

bool Cursor::is_word(std::string_view word, size_t ahead) const {
  const std::string_view here = text(ahead);
  return is_kind(TokenKind::kWord, ahead) && here.size() == word.size() && to_lower(here) == word;
}

bool Cursor::is_symbol(std::string_view symbol, size_t ahead) const {
  for (size_t i = 0; i < symbol.size(); ++i) {
    const Token* token = peek(ahead + i);
    if (token == nullptr || token->kind != TokenKind::kSymbol) return false;
    if (sql_[token->begin] != symbol[i]) return false;
    if (i > 0 && token->begin != peek(ahead + i - 1)->end) return false;
  }
  return true;
}

bool Cursor::accept_word(std::string_view word) {
  if (!is_word(word)) return false;
  ++at_;
  return true;
}

bool Cursor::accept_words(std::string_view first, std::string_view second) {
  if (!is_word(first) || !is_word(second, 1)) return false;
  at_ += 2;
  return true;
}

bool Cursor::accept_symbol(std::string_view symbol) {
  if (!is_symbol(symbol)) return false;
  at_ += symbol.size();
  return true;
}

void Cursor::expect_word(std::string_view word) {
  if (accept_word(word)) return;
  std::string upper(word);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  unexpected("'" + upper + "'");
}

void Cursor::expect_symbol(std::string_view symbol) {
  if (!accept_symbol(symbol)) unexpected("'" + std::string(symbol) + "'");
}

void Cursor::expect_end() {
  if (!at_end()) unexpected("<EOF>");
}

bool Cursor::is_name(size_t ahead) const {
  return is_kind(TokenKind::kWord, ahead) || is_kind(TokenKind::kQuotedName, ahead);
}

std::string Cursor::expect_name(std::string_view what) {
  if (!is_name()) {
    unexpected(what);
    return {};
  }
  const Token& token = *peek();
  const char quote = sql_[token.begin];
  if (token.kind == TokenKind::kQuotedName &&
      (token.end - token.begin < 2 || sql_[token.end - 1] != quote)) {
    fail_here("SYNTAX_ERROR", "a quoted name is not closed");
    return {};
  }
  ++at_;
  return name_of(sql_, token);
}

bool Cursor::is_string(size_t ahead) const {
  return is_kind(TokenKind::kString, ahead) && text(ahead).front() == '\'';
}

std::string Cursor::expect_string() {
  if (!is_string()) {
    unexpected("<string>");
    return {};
  }
  const std::optional<std::string> value = string_value(text());
  if (!value) {
    fail_here("SYNTAX_ERROR", "a string is not closed");
    return {};
  }
  ++at_;
  return *value;
}

std::string Cursor::expect_digits() {
  std::string digits(text());
  if (!is_kind(TokenKind::kNumber) || digits.find_first_not_of("0123456789") != std::string::npos ||
      digits.size() > 18) {
    unexpected("<integer>");
    return {};
  }
  ++at_;
  return digits;
}

void Cursor::unexpected(std::string_view expected) {
  constexpr size_t kShownMax = 60;
  const std::string shown = at_end() ? "<EOF>" : std::string(text().substr(0, kShownMax));
  fail_here("SYNTAX_ERROR",
            "mismatched input '" + shown + "'. Expecting: " + std::string(expected));
}

void Cursor::fail(std::string_view name, const std::string& message, size_t token) {
  if (failed()) return;
  const size_t offset = token < tokens_.size() ? tokens_[token].begin : sql_.size();
  error_ = AthenaError{std::string(name), place_of(sql_, offset) + message};
  at_ = tokens_.size();
}

void Cursor::not_supported(const std::string& what, size_t token) {
  fail("NOT_SUPPORTED", what, token);
}

std::string_view Cursor::between(size_t from, size_t to) const {
  if (from >= to || to > tokens_.size()) return {};
  return sql_.substr(tokens_[from].begin, tokens_[to - 1].end - tokens_[from].begin);
}

std::string quoted_string(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += c;
    out += c;
  }
  return out + "'";
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += c;
    out += c;
  }
  return out + "\"";
}

std::optional<std::string> string_value(std::string_view token) {
  if (token.size() < 2 || token.front() != '\'' || token.back() != '\'') return {};
  std::string value;
  for (size_t i = 1; i + 1 < token.size(); ++i) {
    value += token[i];
    if (token[i] != '\'') continue;
    if (i + 2 >= token.size()) return {};  // the last quote belongs to a doubled one
    ++i;
  }
  return value;
}

}  // namespace ticklake::query::athena
