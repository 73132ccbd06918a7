#include "aws/policy_condition.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

#include "aws/request_view.h"
#include "aws/timestamp.h"
#include "base/assert.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kIfExists = "IfExists";
constexpr std::string_view kForAllValues = "ForAllValues:";
constexpr std::string_view kForAnyValue = "ForAnyValue:";
constexpr unsigned kMappedBits = 96;

enum class ValueKind : uint8_t {
  kExactText,
  kTextIgnoringCase,
  kPattern,
  kNumber,
  kDate,
  kTruth,
  kAddress,
};

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (is_same_ignoring_case(text, "true")) return true;
  if (is_same_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

/// ISO 8601, or seconds since 1970.
std::optional<base::WallTime> parse_date(std::string_view text) {
  if (const auto time = parse_iso_time(text)) return time;
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr int64_t kSecondsMax = 9'223'372'035;
  if (error != std::errc{} || end != text.data() + text.size() || seconds < -kSecondsMax ||
      seconds > kSecondsMax) {
    return std::nullopt;
  }
  return base::WallTime{std::chrono::seconds{seconds}};
}

}  // namespace

struct PolicyCondition::Operator {
  std::string_view name;
  Comparison comparison;
  ValueKind values;
  bool is_negated;
};

const PolicyCondition::Operator* PolicyCondition::find_operator(std::string_view name) {
  using enum Comparison;
  using enum ValueKind;
  static constexpr auto kOperators = std::to_array<Operator>({
      {"StringEquals", kText, kExactText, false},
      {"StringNotEquals", kText, kExactText, true},
      {"StringEqualsIgnoreCase", kText, kTextIgnoringCase, false},
      {"StringNotEqualsIgnoreCase", kText, kTextIgnoringCase, true},
      {"StringLike", kText, kPattern, false},
      {"StringNotLike", kText, kPattern, true},
      {"ArnEquals", kArn, kPattern, false},
      {"ArnLike", kArn, kPattern, false},
      {"ArnNotEquals", kArn, kPattern, true},
      {"ArnNotLike", kArn, kPattern, true},
      {"NumericEquals", kEqual, kNumber, false},
      {"NumericNotEquals", kEqual, kNumber, true},
      {"NumericLessThan", kLess, kNumber, false},
      {"NumericLessThanEquals", kLessOrEqual, kNumber, false},
      {"NumericGreaterThan", kGreater, kNumber, false},
      {"NumericGreaterThanEquals", kGreaterOrEqual, kNumber, false},
      {"DateEquals", kEqual, kDate, false},
      {"DateNotEquals", kEqual, kDate, true},
      {"DateLessThan", kLess, kDate, false},
      {"DateLessThanEquals", kLessOrEqual, kDate, false},
      {"DateGreaterThan", kGreater, kDate, false},
      {"DateGreaterThanEquals", kGreaterOrEqual, kDate, false},
      {"Bool", kBool, kTruth, false},
      {"IpAddress", kNetwork, kAddress, false},
      {"NotIpAddress", kNetwork, kAddress, true},
      {"Null", kNull, kTruth, false},
  });
  const auto* const found = std::ranges::find_if(
      kOperators, [&](const Operator& one) { return is_same_ignoring_case(one.name, name); });
  return found == kOperators.end() ? nullptr : found;
}

std::optional<PolicyCondition::Network> PolicyCondition::parse_network(std::string_view text) {
  const size_t slash = std::min(text.find('/'), text.size());
  const std::string address(text.substr(0, slash));
  Network network;
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), network.address.data() + 12) == 1;
  if (is_v4) {
    network.address[10] = network.address[11] = 0xff;
  } else if (::inet_pton(AF_INET6, address.c_str(), network.address.data()) != 1) {
    return std::nullopt;
  }
  if (slash == text.size()) return network;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > (is_v4 ? 32u : 128u)) {
    return std::nullopt;
  }
  network.bits = bits + (is_v4 ? kMappedBits : 0);
  return network;
}

tl::expected<PolicyCondition, std::string> PolicyCondition::parse(
    std::string_view operator_name, std::string_view key, const std::vector<std::string>& values,
    bool has_variables) {
  PolicyCondition condition;
  std::string_view name = operator_name;
  if (name.starts_with(kForAllValues)) {
    condition.quantifier_ = Quantifier::kForAll;
    name.remove_prefix(kForAllValues.size());
  } else if (name.starts_with(kForAnyValue)) {
    condition.quantifier_ = Quantifier::kForAny;
    name.remove_prefix(kForAnyValue.size());
  }
  if (name.ends_with(kIfExists)) {
    condition.is_if_exists_ = true;
    name.remove_suffix(kIfExists.size());
  }
  const Operator* const how = find_operator(name);
  const bool is_null = how && how->comparison == Comparison::kNull;
  if (!how || (is_null && name.size() != operator_name.size())) {
    return tl::unexpected("the condition operator " + std::string(operator_name) +
                          " is not supported");
  }
  const auto found = find_condition_key(key);
  if (!found) {
    return tl::unexpected("the condition key " + std::string(key) + " is not supported");
  }
  condition.comparison_ = how->comparison;
  condition.is_negated_ = how->is_negated;
  condition.key_ = *found;
  if (values.empty()) return tl::unexpected("the condition on " + std::string(key) + " is empty");
  for (const std::string& text : values) {
    if (auto wrong = condition.add_value(*how, text, has_variables)) {
      return tl::unexpected("in the condition on " + std::string(key) + ": " + *wrong);
    }
  }
  return condition;
}

std::optional<std::string> PolicyCondition::add_value(const Operator& how, const std::string& text,
                                                      bool has_variables) {
  const auto add = [&](const auto& value, const char* kind) -> std::optional<std::string> {
    if (!value) return "\"" + text + "\" is no " + kind;
    values_.emplace_back(*value);
    return std::nullopt;
  };
  switch (how.values) {
    case ValueKind::kNumber: return add(parse_number(text), "number");
    case ValueKind::kDate: return add(parse_date(text), "date");
    case ValueKind::kTruth: return add(parse_bool(text), "true or false");
    case ValueKind::kAddress: return add(parse_network(text), "address or network");
    case ValueKind::kExactText:
    case ValueKind::kTextIgnoringCase:
    case ValueKind::kPattern: break;
  }
  auto pattern = PolicyPattern::parse(text, {how.values == ValueKind::kPattern, has_variables,
                                             how.values == ValueKind::kTextIgnoringCase});
  if (!pattern) return pattern.error();
  values_.emplace_back(std::move(*pattern));
  return std::nullopt;
}

bool PolicyCondition::compares(double actual, double wanted) const {
  switch (comparison_) {
    case Comparison::kEqual: return actual == wanted;
    case Comparison::kLess: return actual < wanted;
    case Comparison::kLessOrEqual: return actual <= wanted;
    case Comparison::kGreater: return actual > wanted;
    case Comparison::kGreaterOrEqual: return actual >= wanted;
    default: TICKLAKE_ASSERT(false);
  }
}

std::optional<bool> PolicyCondition::matches(size_t index, std::string_view actual,
                                             const PolicyRequest& request) const {
  const Value& value = values_[index];
  if (const auto* const pattern = std::get_if<PolicyPattern>(&value)) {
    return comparison_ == Comparison::kArn ? pattern->matches_arn(actual, request)
                                           : pattern->matches(actual, request);
  }
  if (const auto* const number = std::get_if<double>(&value)) {
    const auto parsed = parse_number(actual);
    return parsed && compares(*parsed, *number);
  }
  if (const auto* const date = std::get_if<base::WallTime>(&value)) {
    const auto parsed = parse_date(actual);
    // Nanoseconds within two centuries of each other are exact enough in a double's difference.
    return parsed && compares(static_cast<double>((*parsed - *date).count()), 0);
  }
  if (const auto* const flag = std::get_if<bool>(&value)) return parse_bool(actual) == *flag;
  const auto& network = std::get<Network>(value);
  const auto address = parse_network(actual);
  if (!address) return false;
  for (unsigned bit = 0; bit < network.bits; ++bit) {
    const uint8_t mask = static_cast<uint8_t>(0x80u >> (bit % 8));
    if (((network.address[bit / 8] ^ address->address[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::optional<bool> PolicyCondition::holds(const PolicyRequest& request) const {
  const auto actual = value_of(key_, request);
  if (comparison_ == Comparison::kNull) {
    return std::ranges::any_of(
        values_, [&](const Value& value) { return std::get<bool>(value) == !actual; });
  }
  // Every key that is told here has at most one value, so that "all of them" and "any of them" say
  // the same when there is one.
  if (!actual) {
    if (is_if_exists_ || quantifier_ == Quantifier::kForAll) return true;
    if (quantifier_ == Quantifier::kForAny) return false;
    return is_negated_;
  }
  bool is_uncertain = false;
  for (size_t i = 0; i < values_.size(); ++i) {
    const auto matched = matches(i, *actual, request);
    if (matched == true) return !is_negated_;
    if (!matched) is_uncertain = true;
  }
  if (is_uncertain) return std::nullopt;
  return is_negated_;
}

}  // namespace ticklake::aws
