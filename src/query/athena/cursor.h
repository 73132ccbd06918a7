#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/athena/error.h"
#include "query/sql_token.h"

namespace ticklake::query::athena {

/// Walks over the tokens of one statement. The first error wins and moves to the end, so that every
/// loop that waits for a token comes to its end too.
class Cursor {
 public:
  explicit Cursor(std::string_view sql);

  std::string_view sql() const { return sql_; }
  bool at_end() const { return at_ >= tokens_.size(); }
  bool failed() const { return error_.has_value(); }
  const AthenaError& error() const { return *error_; }
  size_t position() const { return at_; }
  void move_to(size_t position) {
    if (!failed()) at_ = position;
  }
  void advance() { move_to(at_ + 1); }

  /// The token `ahead` of here; none behind the end.
  const Token* peek(size_t ahead = 0) const;
  std::string_view text(size_t ahead = 0) const;
  bool is_kind(TokenKind kind, size_t ahead = 0) const;
  /// An unquoted word, without case. Words of Trino's grammar are given in lower case.
  bool is_word(std::string_view word, size_t ahead = 0) const;
  /// A symbol of one or more characters with nothing between them.
  bool is_symbol(std::string_view symbol, size_t ahead = 0) const;

  bool accept_word(std::string_view word);
  bool accept_words(std::string_view first, std::string_view second);
  bool accept_symbol(std::string_view symbol);
  void expect_word(std::string_view word);
  void expect_symbol(std::string_view symbol);
  void expect_end();

  /// A name, quoted or not, in lower case.
  bool is_name(size_t ahead = 0) const;
  std::string expect_name(std::string_view what);
  /// A '…' string's value.
  bool is_string(size_t ahead = 0) const;
  std::string expect_string();
  std::string expect_digits();

  /// "mismatched input 'x'. Expecting: …", for the token here.
  void unexpected(std::string_view expected);
  void fail(std::string_view name, const std::string& message, size_t token);
  void fail_here(std::string_view name, const std::string& message) { fail(name, message, at_); }
  void not_supported(const std::string& what, size_t token);

  /// The bytes from the start of token `from` to the end of the token before `to`.
  std::string_view between(size_t from, size_t to) const;
  /// How far ahead the token behind the ')' is that closes the '(' at `ahead`.
  size_t behind_paren(size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? behind_paren_[at_ + ahead] - at_ : ahead;
  }

 private:
  std::string_view sql_;
  std::vector<Token> tokens_;
  std::vector<size_t> behind_paren_;  ///< for each '(': the token behind its ')', or the end
  size_t at_ = 0;
  std::optional<AthenaError> error_;
};

/// `text` in single quotes, as both SQLs write it.
std::string quoted_string(std::string_view text);
/// `name` in double quotes.
std::string quoted_name(std::string_view name);
/// The value of a '…' token, its doubled quotes made single; none if it is not closed.
std::optional<std::string> string_value(std::string_view token);

}  // namespace ticklake::query::athena
