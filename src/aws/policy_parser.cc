#include "aws/policy_parser.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "aws/request_view.h"

namespace ticklake::aws {
namespace {

using Json = nlohmann::json;

constexpr int kJsonDepthMax = 8;  // a condition's value is five deep
constexpr std::string_view kArnStart = "arn:";

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_sid(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

/// `arn:aws:iam::123456789012:…` or `arn:aws:sts::…`; the account is returned.
std::optional<std::string_view> account_of_arn(std::string_view arn) {
  for (const std::string_view start : {"arn:aws:iam::", "arn:aws:sts::"}) {
    if (!arn.starts_with(start)) continue;
    const std::string_view rest = arn.substr(start.size());
    if (rest.size() > 13 && rest[12] == ':' && is_account(rest.substr(0, 12))) {
      return rest.substr(0, 12);
    }
  }
  return std::nullopt;
}

}  // namespace

tl::unexpected<ServiceError> PolicyParser::malformed(const std::string& why) const {
  return refuse(ErrorKind::kMalformedPolicyDocument,
                "The policy is not valid: " + where_ + why + ".");
}

Answer<Json> PolicyParser::read_json(std::string_view text) const {
  if (text.size() > kPolicyTextBytesMax) return malformed("it is larger than 131072 bytes");
  std::vector<std::set<std::string>> members;
  std::string twice;
  bool is_too_deep = false;
  const auto on_event = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kJsonDepthMax) is_too_deep = true;
    if (event == Json::parse_event_t::object_start) members.emplace_back();
    if (event == Json::parse_event_t::object_end) members.pop_back();
    if (event == Json::parse_event_t::key) {
      auto name = value.get<std::string>();
      if (!members.back().insert(name).second) twice = std::move(name);
    }
    return !is_too_deep;  // what is deeper is dropped as it is read
  };
  Json document = Json::parse(text.begin(), text.end(), on_event, false);
  if (is_too_deep) return malformed("it is nested too deeply");
  if (document.is_discarded()) return malformed("it is not JSON");
  // A reader who takes the first and one who takes the last would not agree on what it allows.
  if (!twice.empty()) return malformed("the member " + twice + " is there twice");
  if (!document.is_object()) return malformed("it is no JSON object");
  return Answer<Json>(tl::in_place, std::move(document));  // it converts to anything by itself
}

Answer<void> PolicyParser::read_head(const Json& document) {
  for (const auto& [name, value] : document.items()) {
    if (name == "Statement") continue;
    if (name != "Version" && name != "Id") {
      return malformed("the member " + name + " is not supported");
    }
    if (!value.is_string()) return malformed(name + " is no text");
  }
  const auto version = document.value("Version", "2008-10-17");
  if (version != "2012-10-17" && version != "2008-10-17") {
    return malformed("the version " + version + " is neither 2012-10-17 nor 2008-10-17");
  }
  has_variables_ = version == "2012-10-17";
  return {};
}

Answer<Policy> PolicyParser::parse(std::string_view text) {
  TICKLAKE_ASSIGN(const Json document, read_json(text));
  TICKLAKE_TRY(read_head(document));
  const auto found = document.find("Statement");
  if (found == document.end()) return malformed("it has no Statement");
  const Json statements = found->is_object() ? Json::array({*found}) : *found;
  if (!statements.is_array() || statements.empty()) {
    return malformed("Statement is neither a statement nor a list of them");
  }
  Policy policy;
  size_t number = 0;
  for (const Json& json : statements) {
    where_ = "statement " + std::to_string(++number) + ": ";
    if (!json.is_object()) return malformed("it is no JSON object");
    TICKLAKE_ASSIGN(auto statement, read_statement(json));
    policy.statements_.push_back(std::move(statement));
  }
  return policy;
}

Answer<Policy::Statement> PolicyParser::read_statement(const Json& json) {
  static constexpr std::string_view kMembers[] = {
      "Sid", "Effect", "Action", "NotAction", "Resource", "Principal", "NotResource", "Condition"};
  for (const auto& [name, value] : json.items()) {
    if (!std::ranges::count(kMembers, name)) {
      return malformed("the member " + name + " is not supported");
    }
  }
  if (const auto sid = json.find("Sid"); sid != json.end()) {
    if (!sid->is_string() || !is_sid(sid->get_ref<const std::string&>())) {
      return malformed("Sid may have letters and digits only");
    }
    const auto& text = sid->get_ref<const std::string&>();
    if (!text.empty() && !sids_.insert(text).second) {
      return malformed("the Sid " + text + " is there twice");
    }
  }
  Policy::Statement statement;
  const auto effect = json.find("Effect");
  if (effect == json.end() || (*effect != "Allow" && *effect != "Deny")) {
    return malformed("Effect must be Allow or Deny");
  }
  statement.effect = *effect == "Allow" ? Effect::kAllow : Effect::kDeny;
  TICKLAKE_TRY(read_actions(json, statement));
  TICKLAKE_TRY(read_resources(json, statement));
  TICKLAKE_TRY(read_principals(json, statement));
  TICKLAKE_TRY(read_conditions(json, statement));
  return statement;
}

Answer<std::vector<std::string>> PolicyParser::texts_of(const Json& json, const std::string& member,
                                                        bool takes_scalars) const {
  const Json list = json.is_array() ? json : Json::array({json});
  std::vector<std::string> texts;
  for (const Json& one : list) {
    if (one.is_string()) {
      texts.push_back(one.get<std::string>());
    } else if (takes_scalars && (one.is_number() || one.is_boolean())) {
      texts.push_back(one.dump());
    } else {
      return malformed(member + " is neither a text nor a list of texts");
    }
  }
  if (texts.empty()) return malformed(member + " is empty");
  return texts;
}

Answer<void> PolicyParser::read_actions(const Json& json, Policy::Statement& statement) const {
  const bool has_action = json.contains("Action");
  statement.is_not_action = json.contains("NotAction");
  if (has_action == statement.is_not_action) {
    return malformed("it must have either Action or NotAction");
  }
  const std::string member = has_action ? "Action" : "NotAction";
  TICKLAKE_ASSIGN(const auto texts, texts_of(json.at(member), member));
  for (const std::string& text : texts) {
    const size_t colon = text.find(':');
    const bool is_action =
        text == "*" || (colon != 0 && colon != std::string::npos && colon + 1 < text.size());
    if (!is_action) return malformed("the action \"" + text + "\" is not service:Name");
    if (kind_ == PolicyKind::kTrust && !lower_case(text).starts_with("sts:")) {
      return malformed("the action " + text +
                       " has no place in a trust policy, which is about sts:");
    }
    auto pattern = PolicyPattern::parse(text, {true, false, true});
    if (!pattern) return malformed(pattern.error());
    statement.actions.push_back(std::move(*pattern));
  }
  return {};
}

Answer<void> PolicyParser::read_resources(const Json& json, Policy::Statement& statement) const {
  const bool has_resource = json.contains("Resource");
  statement.is_not_resource = json.contains("NotResource");
  if (kind_ == PolicyKind::kTrust) {
    if (!has_resource && !statement.is_not_resource) return {};
    return malformed("a trust policy has no Resource: it is about its role");
  }
  if (has_resource == statement.is_not_resource) {
    return malformed("it must have either Resource or NotResource");
  }
  const std::string member = has_resource ? "Resource" : "NotResource";
  TICKLAKE_ASSIGN(const auto texts, texts_of(json.at(member), member));
  for (const std::string& text : texts) {
    if (text != "*" && !text.starts_with(kArnStart)) {
      return malformed("the resource \"" + text + "\" is neither an ARN nor \"*\"");
    }
    auto pattern = PolicyPattern::parse(text, {true, has_variables_, false});
    if (!pattern) return malformed(pattern.error());
    statement.resources.push_back(std::move(*pattern));
  }
  return {};
}

Answer<void> PolicyParser::read_principals(const Json& json, Policy::Statement& statement) const {
  const auto principal = json.find("Principal");
  if (kind_ == PolicyKind::kIdentity) {
    if (principal == json.end()) return {};
    return malformed(
        "a policy of a user or role has no Principal: it is about whom it is attached to");
  }
  if (principal == json.end()) return malformed("a trust policy needs a Principal");
  if (principal->is_string()) {
    if (*principal != "*") return malformed("Principal is neither \"*\" nor an object");
    return read_principal("AWS", "*", statement);
  }
  if (!principal->is_object() || principal->empty()) return malformed("Principal is no object");
  for (const auto& [type, value] : principal->items()) {
    TICKLAKE_ASSIGN(const auto texts, texts_of(value, "Principal"));
    for (const std::string& text : texts)
      TICKLAKE_TRY(read_principal(type, text, statement));
  }
  return {};
}

Answer<void> PolicyParser::read_principal(const std::string& type, const std::string& value,
                                          Policy::Statement& statement) const {
  using Kind = TrustedPrincipal::Kind;
  if (type == "Service") {
    if (!value.ends_with(".amazonaws.com")) {
      return malformed("the service " + value + " does not end in .amazonaws.com");
    }
    statement.principals.push_back({Kind::kService, value});
    return {};
  }
  if (type != "AWS") return malformed("principals of the type " + type + " are not supported");
  if (value == "*") {
    statement.principals.push_back({Kind::kAnyone, value});
  } else if (is_account(value)) {
    statement.principals.push_back({Kind::kAccount, value});
  } else if (const auto account = account_of_arn(value);
             account && value.find_first_of("*?") == std::string::npos) {
    const bool is_root = value.ends_with(":root");
    statement.principals.push_back(
        {is_root ? Kind::kAccount : Kind::kArn, is_root ? std::string(*account) : value});
  } else {
    return malformed("the principal \"" + value + "\" is no account and no ARN of a user or role");
  }
  return {};
}

Answer<void> PolicyParser::read_conditions(const Json& json, Policy::Statement& statement) const {
  const auto condition = json.find("Condition");
  if (condition == json.end()) return {};
  if (!condition->is_object()) return malformed("Condition is no object");
  for (const auto& [operator_name, keys] : condition->items()) {
    if (!keys.is_object()) return malformed("the condition " + operator_name + " is no object");
    for (const auto& [key, values] : keys.items()) {
      TICKLAKE_ASSIGN(const auto texts, texts_of(values, "the condition on " + key, true));
      auto parsed = PolicyCondition::parse(operator_name, key, texts, has_variables_);
      if (!parsed) return malformed(parsed.error());
      statement.conditions.push_back(std::move(*parsed));
    }
  }
  return {};
}

}  // namespace ticklake::aws
