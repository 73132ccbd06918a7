#include "aws_api/iam/iam_service.h"

#include <algorithm>

#include "aws_api/iam/iam_operation.h"

namespace ticklake::aws_api::iam {
namespace {

using aws::ErrorKind;
using aws::IdentityState;

constexpr std::string_view kVersion = "2010-05-08";
constexpr std::string_view kNamespace = "https://iam.amazonaws.com/doc/2010-05-08/";

const IamOperation* find_operation(std::string_view name) {
  for (const auto operations : {user_operations(), role_operations(), policy_operations()}) {
    const auto found = std::ranges::find(operations, name, &IamOperation::name);
    if (found != operations.end()) return &*found;
  }
  return nullptr;
}

std::string arn(std::string_view kind, std::string_view path, std::string_view name) {
  return std::string("arn:aws:iam::")
      .append(aws::kAccountId)
      .append(":")
      .append(kind)
      .append(path.empty() ? "/" : path)
      .append(name);
}

/// Of what there is not, the ARN that it would have, so that who may not ask is not told.
aws::Answer<std::string> resource_arn(const IamOperation& operation, const QueryCall& call,
                                      const IdentityState& state) {
  const Form& form = call.form;
  const std::string path = form.find("Path").value_or("/");
  switch (operation.resource) {
    case Resource::kUser: {
      TICKLAKE_ASSIGN(const std::string name, user_name(form, call.caller.principal));
      const auto user = state.find_user(name);
      return user ? user->arn() : arn("user", "/", name);
    }
    case Resource::kNewUser: {
      TICKLAKE_ASSIGN(const std::string name, form.required("UserName"));
      return arn("user", path, name);
    }
    case Resource::kRole: {
      TICKLAKE_ASSIGN(const std::string name, form.required("RoleName"));
      const auto role = state.find_role(name);
      return role ? role->arn() : arn("role", "/", name);
    }
    case Resource::kNewRole: {
      TICKLAKE_ASSIGN(const std::string name, form.required("RoleName"));
      return arn("role", path, name);
    }
    case Resource::kPolicy: return form.required("PolicyArn");
    case Resource::kNewPolicy: {
      TICKLAKE_ASSIGN(const std::string name, form.required("PolicyName"));
      return arn("policy", path, name);
    }
    case Resource::kUsers: return arn("user", "/", "");
    case Resource::kRoles: return arn("role", "/", "");
    case Resource::kPolicies: break;
  }
  return arn("policy", "/", "");
}

aws::Answer<void> check_form(const Form& form) {
  const auto version = form.find("Version");
  if (version && *version != kVersion) {
    return aws::refuse_as("InvalidAction", "Could not find operation for version " + *version);
  }
  if (!form.find("PermissionsBoundary")) return {};
  return aws::refuse(ErrorKind::kValidation, "Permissions boundaries are not served here.");
}

}  // namespace

aws::Answer<std::string> user_name(const Form& form, const aws::Principal& caller) {
  auto name = form.find("UserName");
  if (name && *name == IdentityState::kRootName) {
    return aws::refuse(ErrorKind::kNoSuchEntity,
                       "The user with name " + *name + " cannot be found.");
  }
  if (name && !name->empty()) return std::move(*name);
  if (caller.kind == aws::PrincipalKind::kRoot) return std::string(IdentityState::kRootName);
  if (!caller.user_name.empty()) return caller.user_name;
  return aws::refuse(ErrorKind::kValidation,
                     "Must specify userName when calling with non-User credentials");
}

void write_attached(aws::XmlWriter& xml, const std::vector<aws::AttachedPolicy>& policies) {
  xml.open("AttachedPolicies");
  for (const aws::AttachedPolicy& policy : policies) {
    xml.open("member").element("PolicyName", policy.name).element("PolicyArn", policy.arn).close();
  }
  xml.close().flag("IsTruncated", false);
}

void write_names(aws::XmlWriter& xml, const std::vector<std::string>& names) {
  xml.open("PolicyNames");
  for (const std::string& name : names)
    xml.element("member", name);
  xml.close().flag("IsTruncated", false);
}

aws::Answer<std::string> IamService::call(const QueryCall& call) const {
  const IamOperation* const operation = find_operation(call.operation);
  if (!operation) {
    return aws::refuse_as("InvalidAction", "The action " + call.operation + " is not served here.");
  }
  TICKLAKE_TRY(check_form(call.form));
  TICKLAKE_ASSIGN(const std::string resource, resource_arn(*operation, call, *store_.state()));
  const std::string action = "iam:" + call.operation;
  const aws::PolicyRequest question{call.caller.principal, action, resource, call.context};
  if (const aws::Decision decision = access_.is_allowed(question); !decision.is_allowed()) {
    return tl::unexpected(aws::access_denied(question, decision));
  }
  aws::XmlWriter xml(call.operation + "Response", kNamespace);
  if (operation->has_result) xml.open(call.operation + "Result");
  TICKLAKE_TRY(operation->run({call.form, call.caller.principal, store_, xml}));
  if (operation->has_result) xml.close();
  xml.open("ResponseMetadata").element("RequestId", call.request_id).close();
  return xml.take();
}

}  // namespace ticklake::aws_api::iam
