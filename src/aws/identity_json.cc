#include "aws/identity_json.h"

#include <nlohmann/json.hpp>

namespace ticklake::aws {
namespace {

using Json = nlohmann::json;

Json time_of(base::WallTime time) { return base::to_unix_ns(time); }

Json identity_json(const Identity& identity) {
  Json inline_policies = Json::object();
  for (const auto& [name, document] : identity.inline_policies)
    inline_policies[name] = document.text;
  return {{"name", identity.name},
          {"id", identity.id},
          {"path", identity.path},
          {"created_ns", time_of(identity.created)},
          {"attached", identity.attached_policies},
          {"inline", inline_policies}};
}

base::WallTime read_time(const Json& json) {
  return base::WallTime{std::chrono::nanoseconds{json.get<int64_t>()}};
}

/// Reads what was accepted when it was put; that it no longer is would be our own doing.
PolicyDocument read_document(const Json& json, PolicyKind kind) {
  auto document = parse_policy_document(json.get<std::string>(), kind, SIZE_MAX);
  if (!document) throw std::invalid_argument(document.error().message);
  return std::move(*document);
}

void read_identity(const Json& json, Identity& identity) {
  identity.name = json.at("name").get<std::string>();
  identity.id = json.at("id").get<std::string>();
  identity.path = json.at("path").get<std::string>();
  identity.created = read_time(json.at("created_ns"));
  identity.attached_policies = json.at("attached").get<std::set<std::string>>();
  for (const auto& [name, text] : json.at("inline").items())
    identity.inline_policies[name] = read_document(text, PolicyKind::kIdentity);
}

/// nlohmann's exceptions end here.
template <typename Value, typename Read>
base::Result<Value> read(std::string_view text, const char* what, Read&& read_members) {
  try {
    const Json json = Json::parse(text);
    Value value;
    read_members(json, value);
    return value;
  } catch (const std::exception& exception) {
    return base::fail(base::ErrorCode::kCorrupt, std::string("cannot read a stored ") + what,
                      exception.what(), "restore the file of identities from a copy");
  }
}

}  // namespace

std::string to_json(const User& user) {
  Json json = identity_json(user);
  json["keys"] = Json::array();
  for (const AccessKey& key : user.keys) {
    json["keys"].push_back({{"id", key.id},
                            {"secret", key.secret},
                            {"is_active", key.is_active},
                            {"created_ns", time_of(key.created)}});
  }
  return json.dump();
}

std::string to_json(const Role& role) {
  Json json = identity_json(role);
  json["description"] = role.description;
  json["session_max_s"] = role.session_max.count();
  json["trust"] = role.trust.text;
  return json.dump();
}

std::string to_json(const ManagedPolicy& policy) {
  return Json{{"name", policy.name},
              {"id", policy.id},
              {"path", policy.path},
              {"description", policy.description},
              {"created_ns", time_of(policy.created)},
              {"document", policy.document.text}}
      .dump();
}

base::Result<User> parse_user(std::string_view text) {
  return read<User>(text, "user", [](const Json& json, User& user) {
    read_identity(json, user);
    for (const Json& key : json.at("keys")) {
      user.keys.push_back({key.at("id").get<std::string>(), key.at("secret").get<std::string>(),
                           key.at("is_active").get<bool>(), read_time(key.at("created_ns"))});
    }
  });
}

base::Result<Role> parse_role(std::string_view text) {
  return read<Role>(text, "role", [](const Json& json, Role& role) {
    read_identity(json, role);
    role.description = json.at("description").get<std::string>();
    role.session_max = std::chrono::seconds{json.at("session_max_s").get<int64_t>()};
    role.trust = read_document(json.at("trust"), PolicyKind::kTrust);
  });
}

base::Result<ManagedPolicy> parse_managed_policy(std::string_view text) {
  return read<ManagedPolicy>(text, "policy", [](const Json& json, ManagedPolicy& policy) {
    policy.name = json.at("name").get<std::string>();
    policy.id = json.at("id").get<std::string>();
    policy.path = json.at("path").get<std::string>();
    policy.description = json.at("description").get<std::string>();
    policy.created = read_time(json.at("created_ns"));
    policy.document = read_document(json.at("document"), PolicyKind::kIdentity);
  });
}

}  // namespace ticklake::aws
