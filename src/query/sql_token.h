#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticklake::query {

enum class TokenKind : uint8_t { kWord, kQuotedName, kString, kNumber, kSymbol };

/// A piece of SQL text that is neither white space nor a comment.
struct Token {
  TokenKind kind;
  size_t begin;  ///< byte offset in the text
  size_t end;
};

/// Whose rules of quoting and of numbers hold.
enum class Lexis : uint8_t { kDuckdb, kAthena };

/// Cuts SQL as DuckDB's lexer does: quoted names and strings (also E'…' and $tag$…$tag$), nested
/// /* */ and -- comments. Never fails: an unclosed quote reaches to the end of the text.
std::vector<Token> tokenize(std::string_view sql);

/// Cuts SQL as Athena's two parsers do: names also in `backticks`, X'…' and U&'…' are one string
/// token each, no E'…', no $tag$…$tag$, comments do not nest, and a number ends where Trino's
/// does: 1, 1.5, .5, 1., 1e10, 1.5E-3, 0x1F, 1_000. With kDuckdb: tokenize(sql).
std::vector<Token> tokenize(std::string_view sql, Lexis lexis);

/// The name that a word or quoted name ("…" or `…`) stands for, in lower case (SQL names ignore
/// case).
std::string name_of(std::string_view sql, const Token& token);

/// `text` in lower case, ASCII only.
std::string to_lower(std::string_view text);

}  // namespace ticklake::query
