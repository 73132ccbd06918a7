#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "aws/condition_key.h"

namespace ticklake::aws {

/// A text of a policy that others are held against: characters, the wildcards `*` and `?`, and
/// variables as `${aws:username}` or `${aws:username, 'nobody'}`. What a variable stands for is
/// taken literally, wildcards and all; `${*}`, `${?}` and `${$}` are those characters.
class PolicyPattern {
 public:
  struct Syntax {
    bool has_wildcards = true;
    bool has_variables = true;  ///< policies of version 2012-10-17
    bool ignores_case = false;
  };
  /// On failure what is wrong with it: "the variable ${x} …".
  static tl::expected<PolicyPattern, std::string> parse(std::string_view text, Syntax syntax);

  /// None if a variable without default is absent from the request.
  std::optional<bool> matches(std::string_view text, const PolicyRequest& request) const;
  /// As ArnLike does: each of the six parts that ':' separates by itself.
  std::optional<bool> matches_arn(std::string_view text, const PolicyRequest& request) const;

 private:
  /// A byte, or a wildcard, which no byte is.
  using Code = char16_t;
  using Codes = std::u16string;
  struct Variable {
    ConditionKey key;
    std::optional<std::string> default_value;
  };
  using Part = std::variant<Codes, Variable>;

  std::optional<Codes> codes_for(const PolicyRequest& request) const;
  static void append(Codes& codes, std::string_view text);

  std::vector<Part> parts_;
  bool ignores_case_ = false;
};

}  // namespace ticklake::aws
