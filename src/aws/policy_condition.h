#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "aws/condition_key.h"
#include "aws/policy_pattern.h"

namespace ticklake::aws {

/// One operator, one key and its values, of a statement's Condition.
class PolicyCondition {
 public:
  /// `operator_name`: `StringLike`, `ForAllValues:StringEqualsIfExists`, … On failure what is
  /// wrong: "the condition operator BinaryEquals is not supported".
  static tl::expected<PolicyCondition, std::string> parse(std::string_view operator_name,
                                                          std::string_view key,
                                                          const std::vector<std::string>& values,
                                                          bool has_variables);

  /// None if it cannot be told, because a variable in it is absent from the request.
  std::optional<bool> holds(const PolicyRequest& request) const;

 private:
  enum class Comparison : uint8_t {
    kText,
    kArn,
    kEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kBool,
    kNetwork,
    kNull,
  };
  enum class Quantifier : uint8_t { kNone, kForAll, kForAny };
  /// An address and how many of its leading bits count; IPv4 as IPv6 maps it.
  struct Network {
    std::array<uint8_t, 16> address{};
    unsigned bits = 128;
  };
  struct Operator;

  static const Operator* find_operator(std::string_view name);
  static std::optional<Network> parse_network(std::string_view text);
  std::optional<std::string> add_value(const Operator& how, const std::string& text,
                                       bool has_variables);
  std::optional<bool> matches(size_t value, std::string_view actual,
                              const PolicyRequest& request) const;
  bool compares(double actual, double wanted) const;

  using Value = std::variant<PolicyPattern, double, base::WallTime, bool, Network>;

  Comparison comparison_ = Comparison::kText;
  Quantifier quantifier_ = Quantifier::kNone;
  bool is_negated_ = false;
  bool is_if_exists_ = false;
  ConditionKey key_ = ConditionKey::kCurrentTime;
  std::vector<Value> values_;
};

}  // namespace ticklake::aws
