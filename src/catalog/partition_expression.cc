#include "catalog/partition_expression.h"

#include <algorithm>
#include <charconv>

#include "base/wildcard.h"
#include "catalog/model_json.h"
#include "lake/layout.h"

namespace ticklake::catalog {
namespace {

/// SQL's three truths: none is unknown.
using Truth = std::optional<bool>;

enum class Kind : uint8_t { kAnd, kOr, kNot, kCompare, kIn, kBetween, kLike, kIsNull };
enum class Comparison : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

/// As 64 bits where it fits, so that long numbers keep their last digits.
struct Number {
  std::optional<int64_t> integer;
  double real = 0;
};

std::optional<Number> parse_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  int64_t integer = 0;
  const auto whole = std::from_chars(text.data(), end, integer);
  if (whole.ec == std::errc() && whole.ptr == end && !text.empty()) {
    return Number{integer, static_cast<double>(integer)};
  }
  double real = 0;
  const auto read = std::from_chars(text.data(), end, real);
  if (read.ec != std::errc() || read.ptr != end || text.empty()) return std::nullopt;
  return Number{std::nullopt, real};
}

int sign_of(const Number& a, const Number& b) {
  if (a.integer && b.integer) return *a.integer < *b.integer ? -1 : *a.integer > *b.integer;
  return a.real < b.real ? -1 : a.real > b.real;
}

bool is_numeric(std::string_view type) {
  constexpr std::string_view kNames[] = {"tinyint", "smallint", "int",  "integer",
                                         "bigint",  "float",    "real", "double"};
  return std::ranges::find(kNames, type) != std::end(kNames) || type.starts_with("decimal");
}

bool holds(Comparison comparison, int sign) {
  switch (comparison) {
    case Comparison::kEqual: return sign == 0;
    case Comparison::kNotEqual: return sign != 0;
    case Comparison::kLess: return sign < 0;
    case Comparison::kLessEqual: return sign <= 0;
    case Comparison::kGreater: return sign > 0;
    case Comparison::kGreaterEqual: return sign >= 0;
  }
  return false;
}

Comparison mirrored(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess: return Comparison::kGreater;
    case Comparison::kLessEqual: return Comparison::kGreaterEqual;
    case Comparison::kGreater: return Comparison::kLess;
    case Comparison::kGreaterEqual: return Comparison::kLessEqual;
    default: return comparison;
  }
}

Truth negated(Truth truth) { return truth ? Truth(!*truth) : truth; }

}  // namespace

struct PartitionExpression::Node {
  Kind kind = Kind::kAnd;
  std::unique_ptr<Node> left = {};
  std::unique_ptr<Node> right = {};
  size_t column = 0;
  bool is_number = false;
  Comparison comparison = Comparison::kEqual;
  std::vector<std::string> literals = {};

  Truth value(std::span<const std::string> values) const;

 private:
  std::optional<int> sign(const std::string& value, const std::string& literal) const;
  Truth is_in(const std::string& value) const;
  Truth is_between(const std::string& value) const;
};

std::optional<int> PartitionExpression::Node::sign(const std::string& value,
                                                   const std::string& literal) const {
  if (!is_number) return value.compare(literal);
  const auto a = parse_number(value);
  const auto b = parse_number(literal);
  if (!a || !b) return std::nullopt;
  return sign_of(*a, *b);
}

Truth PartitionExpression::Node::is_in(const std::string& value) const {
  bool is_unknown = false;
  for (const std::string& literal : literals) {
    const auto order = sign(value, literal);
    if (order == 0) return true;
    is_unknown = is_unknown || !order;
  }
  return is_unknown ? Truth() : Truth(false);
}

Truth PartitionExpression::Node::is_between(const std::string& value) const {
  const auto from = sign(value, literals[0]);
  const auto to = sign(value, literals[1]);
  if (!from || !to) return std::nullopt;
  return *from >= 0 && *to <= 0;
}

Truth PartitionExpression::Node::value(std::span<const std::string> values) const {
  if (kind == Kind::kNot) return negated(left->value(values));
  if (kind == Kind::kAnd || kind == Kind::kOr) {
    const bool decisive = kind == Kind::kOr;
    const Truth a = left->value(values);
    if (a == decisive) return a;
    const Truth b = right->value(values);
    if (b == decisive) return b;
    return a && b ? Truth(!decisive) : Truth();
  }
  const std::string& value = values[column];
  const bool is_null = value == lake::kNoDay || (is_number && !parse_number(value));
  if (kind == Kind::kIsNull) return is_null;
  if (is_null) return std::nullopt;
  switch (kind) {
    case Kind::kIn: return is_in(value);
    case Kind::kBetween: return is_between(value);
    case Kind::kLike: return base::matches_wildcards(value, literals[0], {'%', '_'});
    default: break;
  }
  const auto order = sign(value, literals[0]);
  return order ? Truth(holds(comparison, *order)) : Truth();
}

namespace {

struct Token {
  enum class Kind : uint8_t { kEnd, kName, kQuotedName, kText, kNumber, kSymbol };
  Kind kind = Kind::kEnd;
  std::string text = {};  ///< names in lower case, texts without their quotes
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Cuts the text; fails with what is no token.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<Token> next() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos)
      ++at_;
    if (at_ == text_.size()) return Token{};
    const char c = text_[at_];
    if (c == '\'') return quoted('\'', Token::Kind::kText);
    if (c == '"' || c == '`') return quoted(c, Token::Kind::kQuotedName);
    if (is_letter(c)) return name();
    const bool is_signed = (c == '-' || c == '+') && at_ + 1 < text_.size();
    if (is_digit(c) || c == '.' || is_signed) return number();
    for (const std::string_view symbol : {"<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", ","}) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      return Token{Token::Kind::kSymbol, std::string(symbol)};
    }
    return std::nullopt;
  }

 private:
  std::optional<Token> quoted(char quote, Token::Kind kind) {
    Token token{kind};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) {
        token.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        token.text += text_[at_++];
      } else {
        ++at_;
        if (kind == Token::Kind::kQuotedName) token.text = folded(token.text);
        return token;
      }
    }
    return std::nullopt;
  }
  Token name() {
    const size_t start = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_])))
      ++at_;
    return {Token::Kind::kName, folded(text_.substr(start, at_ - start))};
  }
  std::optional<Token> number() {
    const size_t start = at_++;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.'))
      ++at_;
    const std::string_view text = text_.substr(start, at_ - start);
    if (!parse_number(text)) return std::nullopt;
    return Token{Token::Kind::kNumber, std::string(text)};
  }

  const std::string_view text_;
  size_t at_ = 0;
};

/// Recursive descent: or := and {OR and}; and := not {AND not}; not := NOT not | primary.
class Parser {
 public:
  using Node = PartitionExpression::Node;
  using Pointer = std::unique_ptr<Node>;

  Parser(std::string_view text, std::span<const Column> keys) : scanner_(text), keys_(keys) {}

  Pointer parse() {
    advance();
    Pointer root = disjunction(0);
    if (root && token_.kind != Token::Kind::kEnd) fail("'" + token_.text + "' is not expected");
    return problem_.empty() ? std::move(root) : nullptr;
  }
  const std::string& problem() const { return problem_; }

 private:
  Pointer fail(const std::string& why) {
    if (problem_.empty()) problem_ = why;
    token_ = {};
    return nullptr;
  }
  bool reject(const std::string& why) {
    fail(why);
    return false;
  }
  void advance() {
    auto next = scanner_.next();
    if (next) {
      token_ = std::move(*next);
    } else {
      fail("a character, quote or number is not as it should be");
    }
  }
  bool is_symbol(std::string_view symbol) const {
    return token_.kind == Token::Kind::kSymbol && token_.text == symbol;
  }
  bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::kName && token_.text == word;
  }
  bool take_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    advance();
    return true;
  }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    advance();
    return true;
  }

  Pointer disjunction(size_t depth) {
    Pointer left = conjunction(depth);
    while (left && take_word("or"))
      left = joined(Kind::kOr, std::move(left), conjunction(depth));
    return left;
  }
  Pointer conjunction(size_t depth) {
    Pointer left = negation(depth);
    while (left && take_word("and"))
      left = joined(Kind::kAnd, std::move(left), negation(depth));
    return left;
  }
  Pointer joined(Kind kind, Pointer left, Pointer right) {
    if (!right) return nullptr;
    // A chain of ANDs is as deep as it is long.
    if (++joins_ > 500) return fail("it has too many parts");
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }
  Pointer negation(size_t depth) {
    if (depth > PartitionExpression::kDepthMax) return fail("it is nested too deep");
    if (take_word("not")) return inverted(negation(depth + 1));
    if (!take_symbol("(")) return predicate();
    Pointer inner = disjunction(depth + 1);
    if (inner && !take_symbol(")")) return fail("a closing parenthesis is missing");
    return inner;
  }
  static Pointer inverted(Pointer inner) {
    if (!inner) return nullptr;
    auto node = std::make_unique<Node>();
    node->kind = Kind::kNot;
    node->left = std::move(inner);
    return node;
  }

  Pointer predicate() {
    auto node = std::make_unique<Node>();
    if (is_literal()) {
      node->literals.push_back(literal());
      const auto comparison = take_comparison();
      if (!comparison) return fail("a comparison is missing behind a literal");
      node->kind = Kind::kCompare;
      node->comparison = mirrored(*comparison);
      return take_column(*node) ? std::move(node) : nullptr;
    }
    if (!take_column(*node)) return nullptr;
    if (take_word("is")) {
      node = null_test(std::move(node));
      return node;
    }
    const bool is_not = take_word("not");
    if (take_word("in")) {
      node = in_list(std::move(node));
    } else if (take_word("between")) {
      node = between(std::move(node));
    } else if (take_word("like")) {
      node->kind = Kind::kLike;
      node = take_literal(*node) ? std::move(node) : nullptr;
    } else if (const auto comparison = is_not ? std::nullopt : take_comparison()) {
      node->kind = Kind::kCompare;
      node->comparison = *comparison;
      node = take_literal(*node) ? std::move(node) : nullptr;
    } else {
      return fail("an operator is missing behind a column");
    }
    return is_not ? inverted(std::move(node)) : std::move(node);
  }
  Pointer null_test(Pointer node) {
    node->kind = Kind::kIsNull;
    const bool is_not = take_word("not");
    if (!take_word("null")) return fail("NULL is missing behind IS");
    return is_not ? inverted(std::move(node)) : std::move(node);
  }
  Pointer in_list(Pointer node) {
    node->kind = Kind::kIn;
    if (!take_symbol("(")) return fail("a list is missing behind IN");
    do {
      if (!take_literal(*node)) return nullptr;
    } while (take_symbol(","));
    if (!take_symbol(")")) return fail("the list behind IN does not end");
    return node;
  }
  Pointer between(Pointer node) {
    node->kind = Kind::kBetween;
    if (!take_literal(*node)) return nullptr;
    if (!take_word("and")) return fail("AND is missing behind BETWEEN");
    return take_literal(*node) ? std::move(node) : nullptr;
  }

  bool is_literal() const {
    return token_.kind == Token::Kind::kText || token_.kind == Token::Kind::kNumber ||
           ((is_word("date") || is_word("timestamp")) && !is_key(token_.text));
  }
  bool is_key(const std::string& name) const {
    return std::ranges::find(keys_, name, &Column::name) != keys_.end();
  }
  /// DATE '2026-01-01' is the text.
  std::string literal() {
    if (token_.kind == Token::Kind::kName) advance();
    if (token_.kind != Token::Kind::kText && token_.kind != Token::Kind::kNumber) {
      fail("a literal is missing");
      return {};
    }
    std::string text = std::exchange(token_.text, {});
    advance();
    return text;
  }
  bool take_literal(Node& node) {
    if (!is_literal()) return reject("a literal is missing behind an operator");
    node.literals.push_back(literal());
    return problem_.empty();
  }
  std::optional<Comparison> take_comparison() {
    constexpr std::pair<const char*, Comparison> kComparisons[] = {
        {"=", Comparison::kEqual},     {"<>", Comparison::kNotEqual},
        {"!=", Comparison::kNotEqual}, {"<=", Comparison::kLessEqual},
        {"<", Comparison::kLess},      {">=", Comparison::kGreaterEqual},
        {">", Comparison::kGreater},
    };
    for (const auto& [symbol, comparison] : kComparisons) {
      if (take_symbol(symbol)) return comparison;
    }
    return std::nullopt;
  }
  bool take_column(Node& node) {
    if (token_.kind != Token::Kind::kName && token_.kind != Token::Kind::kQuotedName) {
      return reject("a partition column is missing");
    }
    const auto found = std::ranges::find(keys_, token_.text, &Column::name);
    if (found == keys_.end()) {
      return reject("'" + token_.text + "' is no partition column");
    }
    node.column = static_cast<size_t>(found - keys_.begin());
    node.is_number = is_numeric(found->type);
    advance();
    return true;
  }

  Scanner scanner_;
  const std::span<const Column> keys_;
  Token token_;
  std::string problem_;
  size_t joins_ = 0;
};

}  // namespace

PartitionExpression::PartitionExpression(std::unique_ptr<Node> root) : root_(std::move(root)) {}
PartitionExpression::PartitionExpression(PartitionExpression&&) noexcept = default;
PartitionExpression& PartitionExpression::operator=(PartitionExpression&&) noexcept = default;
PartitionExpression::~PartitionExpression() = default;

aws::Answer<PartitionExpression> PartitionExpression::parse(std::string_view text,
                                                            std::span<const Column> keys) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return PartitionExpression(nullptr);
  if (text.size() > kBytesMax) {
    return aws::refuse_as("InvalidInputException", "Expression is longer than 2048 characters");
  }
  Parser parser(text, keys);
  auto root = parser.parse();
  if (!root) {
    return aws::refuse_as("InvalidInputException", "Unsupported expression '" + std::string(text) +
                                                       "': " + parser.problem());
  }
  return PartitionExpression(std::move(root));
}

bool PartitionExpression::matches(std::span<const std::string> values) const {
  return !root_ || root_->value(values).value_or(false);
}

}  // namespace ticklake::catalog
