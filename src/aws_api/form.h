#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/service_error.h"

namespace ticklake::aws_api {

/// Most parameters that a request of the query protocol may have.
inline constexpr size_t kFormParametersMax = 1'000;

/// The parameters of the query protocol: application/x-www-form-urlencoded, lists as
/// "PolicyArns.member.1.arn".
class Form {
 public:
  /// Refuses what does not decode, what is no UTF-8, and a name that is given twice: what was
  /// checked could then be another value than the one that is used.
  static aws::Answer<Form> parse(std::string_view text);

  std::optional<std::string> find(std::string_view name) const;
  /// kValidation, as AWS words it, if it is missing or empty.
  aws::Answer<std::string> required(std::string_view name) const;
  /// The members 1, 2, … of a list; `field` is what stands behind their number: ".arn".
  std::vector<std::string> list(std::string_view name, std::string_view field = {}) const;
  /// A number in [least, most]; none if it is missing.
  aws::Answer<std::optional<int64_t>> number(std::string_view name, int64_t least,
                                             int64_t most) const;

 private:
  std::map<std::string, std::string, std::less<>> parameters_;
};

}  // namespace ticklake::aws_api
