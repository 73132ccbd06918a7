#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "aws/policy.h"

namespace ticklake::aws {

/// Reads the JSON of one policy into a Policy. Used by Policy::parse() only.
class PolicyParser {
 public:
  explicit PolicyParser(PolicyKind kind) : kind_(kind) {}

  Answer<Policy> parse(std::string_view text);

 private:
  using Json = nlohmann::json;

  Answer<Json> read_json(std::string_view text) const;
  Answer<void> read_head(const Json& document);
  Answer<Policy::Statement> read_statement(const Json& json);
  Answer<void> read_actions(const Json& json, Policy::Statement& statement) const;
  Answer<void> read_resources(const Json& json, Policy::Statement& statement) const;
  Answer<void> read_principals(const Json& json, Policy::Statement& statement) const;
  Answer<void> read_principal(const std::string& type, const std::string& value,
                              Policy::Statement& statement) const;
  Answer<void> read_conditions(const Json& json, Policy::Statement& statement) const;
  /// A text or a list of texts; in conditions numbers and truth values too.
  Answer<std::vector<std::string>> texts_of(const Json& json, const std::string& member,
                                            bool takes_scalars = false) const;
  tl::unexpected<ServiceError> malformed(const std::string& why) const;

  PolicyKind kind_;
  bool has_variables_ = false;
  std::string where_;  ///< "statement 2 (ReadOnly): "
  std::set<std::string> sids_;
};

}  // namespace ticklake::aws
