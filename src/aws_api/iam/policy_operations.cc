#include <array>

#include "aws/percent_encoding.h"
#include "aws/timestamp.h"
#include "aws_api/iam/iam_operation.h"

/// Managed policies, AWS's own among them. Each has one version, v1.

namespace ticklake::aws_api::iam {
namespace {

using aws::Answer;
using aws::ErrorKind;

constexpr std::string_view kVersionId = "v1";

void write_policy(const IamRequest& request, const aws::ManagedPolicy& policy) {
  const std::string created = aws::to_iso_time(policy.created);
  aws::XmlWriter& xml = request.result;
  xml.element("PolicyName", policy.name)
      .element("PolicyId", policy.id)
      .element("Arn", policy.arn())
      .element("Path", policy.path)
      .element("DefaultVersionId", kVersionId)
      .element("AttachmentCount",
               static_cast<int64_t>(request.policies().attachments(policy.arn())))
      .element("PermissionsBoundaryUsageCount", int64_t{0})
      .flag("IsAttachable", true);
  if (!policy.description.empty()) xml.element("Description", policy.description);
  xml.element("CreateDate", created).element("UpdateDate", created);
}

void write_version(aws::XmlWriter& xml, const aws::ManagedPolicy& policy, bool with_document) {
  if (with_document) xml.element("Document", aws::percent_encoded(policy.document.text));
  xml.element("VersionId", kVersionId)
      .flag("IsDefaultVersion", true)
      .element("CreateDate", aws::to_iso_time(policy.created));
}

Answer<aws::IamPolicies::PolicyPointer> policy_of(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string arn, request.form.required("PolicyArn"));
  return request.policies().get(arn);
}

Answer<void> create_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("PolicyName"));
  TICKLAKE_ASSIGN(std::string text, request.form.required("PolicyDocument"));
  TICKLAKE_ASSIGN(
      const auto policy,
      request.policies().create(name, std::move(text), request.form.find("Path").value_or("/"),
                                request.form.find("Description").value_or("")));
  request.result.open("Policy");
  write_policy(request, *policy);
  request.result.close();
  return {};
}

Answer<void> get_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const auto policy, policy_of(request));
  request.result.open("Policy");
  write_policy(request, *policy);
  request.result.close();
  return {};
}

Answer<void> get_policy_version(const IamRequest& request) {
  TICKLAKE_ASSIGN(const auto policy, policy_of(request));
  TICKLAKE_ASSIGN(const std::string version, request.form.required("VersionId"));
  if (version != kVersionId) {
    return aws::refuse(ErrorKind::kNoSuchEntity,
                       "Policy " + policy->arn() + " version " + version + " does not exist.");
  }
  write_version(request.result.open("PolicyVersion"), *policy, true);
  request.result.close();
  return {};
}

Answer<void> list_policy_versions(const IamRequest& request) {
  TICKLAKE_ASSIGN(const auto policy, policy_of(request));
  write_version(request.result.open("Versions").open("member"), *policy, false);
  request.result.close().close().flag("IsTruncated", false);
  return {};
}

Answer<void> list_policies(const IamRequest& request) {
  const std::string scope = request.form.find("Scope").value_or("All");
  if (scope != "All" && scope != "AWS" && scope != "Local") {
    return aws::refuse(ErrorKind::kValidation, "Scope must be All, AWS or Local.");
  }
  const bool only_attached = request.form.find("OnlyAttached") == "true";
  auto all = request.policies().list();
  std::erase_if(all, [&](const auto& policy) {
    if (scope != "All" && policy->is_of_aws != (scope == "AWS")) return true;
    return only_attached && request.policies().attachments(policy->arn()) == 0;
  });
  return write_page(request, "Policies", std::move(all),
                    [&](const aws::ManagedPolicy& policy) { write_policy(request, policy); });
}

Answer<void> delete_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string arn, request.form.required("PolicyArn"));
  return request.policies().remove(arn);
}

/// <PolicyUsers> or <PolicyRoles>.
template <typename Pointer>
void write_holders(aws::XmlWriter& xml, std::string_view list, std::string_view kind,
                   const std::vector<Pointer>& all, const std::string& arn) {
  xml.open(list);
  for (const Pointer& one : all) {
    if (!one->attached_policies.contains(arn)) continue;
    xml.open("member")
        .element(std::string(kind) + "Name", one->name)
        .element(std::string(kind) + "Id", one->id)
        .close();
  }
  xml.close();
}

Answer<void> list_entities_for_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const auto policy, policy_of(request));
  const std::string arn = policy->arn();
  const std::string filter = request.form.find("EntityFilter").value_or("");
  aws::XmlWriter& xml = request.result;
  xml.open("PolicyGroups").close();
  if (filter.empty() || filter == "User")
    write_holders(xml, "PolicyUsers", "User", request.users().list(), arn);
  if (filter.empty() || filter == "Role")
    write_holders(xml, "PolicyRoles", "Role", request.roles().list(), arn);
  xml.flag("IsTruncated", false);
  return {};
}

constexpr auto kOperations = std::to_array<IamOperation>({
    {"CreatePolicy", Resource::kNewPolicy, true, create_policy},
    {"GetPolicy", Resource::kPolicy, true, get_policy},
    {"GetPolicyVersion", Resource::kPolicy, true, get_policy_version},
    {"ListPolicyVersions", Resource::kPolicy, true, list_policy_versions},
    {"ListPolicies", Resource::kPolicies, true, list_policies},
    {"DeletePolicy", Resource::kPolicy, false, delete_policy},
    {"ListEntitiesForPolicy", Resource::kPolicy, true, list_entities_for_policy},
});

}  // namespace

std::span<const IamOperation> policy_operations() { return kOperations; }

}  // namespace ticklake::aws_api::iam
