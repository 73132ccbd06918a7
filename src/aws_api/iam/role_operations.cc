#include <array>

#include "aws/percent_encoding.h"
#include "aws/timestamp.h"
#include "aws_api/iam/iam_operation.h"

/// Roles, whom they trust, and their policies. A role whose trust names a service (Glue's crawlers)
/// can be made and given to it; services here work with the rights of who calls them.

namespace ticklake::aws_api::iam {
namespace {

using aws::Answer;

void write_role(aws::XmlWriter& xml, const aws::Role& role) {
  xml.element("Path", role.path)
      .element("RoleName", role.name)
      .element("RoleId", role.id)
      .element("Arn", role.arn())
      .element("CreateDate", aws::to_iso_time(role.created))
      .element("AssumeRolePolicyDocument", aws::percent_encoded(role.trust.text));
  if (!role.description.empty()) xml.element("Description", role.description);
  xml.element("MaxSessionDuration", int64_t{role.session_max.count()});
}

Answer<void> create_role(const IamRequest& request) {
  aws::IamRoles::Description description;
  TICKLAKE_ASSIGN(description.name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(description.trust, request.form.required("AssumeRolePolicyDocument"));
  description.path = request.form.find("Path").value_or("/");
  description.description = request.form.find("Description").value_or("");
  TICKLAKE_ASSIGN(const auto seconds, request.form.number("MaxSessionDuration", 3600, 43200));
  if (seconds) description.session_max = std::chrono::seconds(*seconds);
  TICKLAKE_ASSIGN(const auto role, request.roles().create(description));
  write_role(request.result.open("Role"), *role);
  request.result.close();
  return {};
}

Answer<void> get_role(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const auto role, request.roles().get(name));
  write_role(request.result.open("Role"), *role);
  request.result.close();
  return {};
}

Answer<void> list_roles(const IamRequest& request) {
  return write_page(request, "Roles", request.roles().list(),
                    [&](const aws::Role& role) { write_role(request.result, role); });
}

Answer<void> delete_role(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  return request.roles().remove(name);
}

Answer<void> update_assume_role_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(std::string text, request.form.required("PolicyDocument"));
  return request.roles().update_trust(name, std::move(text));
}

Answer<void> attach_role_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const std::string arn, request.form.required("PolicyArn"));
  return request.roles().attach_policy(name, arn);
}

Answer<void> detach_role_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const std::string arn, request.form.required("PolicyArn"));
  return request.roles().detach_policy(name, arn);
}

Answer<void> list_attached_role_policies(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const auto policies, request.roles().list_attached_policies(name));
  write_attached(request.result, policies);
  return {};
}

Answer<void> put_role_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const std::string policy, request.form.required("PolicyName"));
  TICKLAKE_ASSIGN(std::string text, request.form.required("PolicyDocument"));
  return request.roles().put_policy(name, policy, std::move(text));
}

Answer<void> get_role_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const std::string policy, request.form.required("PolicyName"));
  TICKLAKE_ASSIGN(const std::string text, request.roles().get_policy(name, policy));
  request.result.element("RoleName", name)
      .element("PolicyName", policy)
      .element("PolicyDocument", aws::percent_encoded(text));
  return {};
}

Answer<void> list_role_policies(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const auto names, request.roles().list_policies(name));
  write_names(request.result, names);
  return {};
}

Answer<void> delete_role_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("RoleName"));
  TICKLAKE_ASSIGN(const std::string policy, request.form.required("PolicyName"));
  return request.roles().delete_policy(name, policy);
}

constexpr auto kOperations = std::to_array<IamOperation>({
    {"CreateRole", Resource::kNewRole, true, create_role},
    {"GetRole", Resource::kRole, true, get_role},
    {"ListRoles", Resource::kRoles, true, list_roles},
    {"DeleteRole", Resource::kRole, false, delete_role},
    {"UpdateAssumeRolePolicy", Resource::kRole, false, update_assume_role_policy},
    {"AttachRolePolicy", Resource::kRole, false, attach_role_policy},
    {"DetachRolePolicy", Resource::kRole, false, detach_role_policy},
    {"ListAttachedRolePolicies", Resource::kRole, true, list_attached_role_policies},
    {"PutRolePolicy", Resource::kRole, false, put_role_policy},
    {"GetRolePolicy", Resource::kRole, true, get_role_policy},
    {"ListRolePolicies", Resource::kRole, true, list_role_policies},
    {"DeleteRolePolicy", Resource::kRole, false, delete_role_policy},
});

}  // namespace

std::span<const IamOperation> role_operations() { return kOperations; }

}  // namespace ticklake::aws_api::iam
