#include <array>

#include "aws/percent_encoding.h"
#include "aws/timestamp.h"
#include "aws_api/iam/iam_operation.h"

/// Users, their keys and their policies. Root is a user without a name, who has keys only; deleting
/// the key that signs the request is allowed, as with AWS.

namespace ticklake::aws_api::iam {
namespace {

using aws::Answer;
using aws::ErrorKind;
using aws::IdentityState;

void write_user(aws::XmlWriter& xml, const aws::User& user) {
  if (user.name != IdentityState::kRootName)
    xml.element("Path", user.path).element("UserName", user.name);
  xml.element("UserId", user.id)
      .element("Arn", user.arn())
      .element("CreateDate", aws::to_iso_time(user.created));
}

Answer<void> create_user(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const auto user,
                  request.users().create(name, request.form.find("Path").value_or("/")));
  write_user(request.result.open("User"), *user);
  request.result.close();
  return {};
}

Answer<void> get_user(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, user_name(request.form, request.caller));
  TICKLAKE_ASSIGN(const auto user, request.users().get(name));
  write_user(request.result.open("User"), *user);
  request.result.close();
  return {};
}

Answer<void> list_users(const IamRequest& request) {
  return write_page(request, "Users", request.users().list(),
                    [&](const aws::User& user) { write_user(request.result, user); });
}

Answer<void> delete_user(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  return request.users().remove(name);
}

void write_owner(aws::XmlWriter& xml, const std::string& name) {
  if (name != IdentityState::kRootName) xml.element("UserName", name);
}

Answer<void> create_access_key(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, user_name(request.form, request.caller));
  TICKLAKE_ASSIGN(const aws::AccessKey key, request.users().create_key(name));
  request.result.open("AccessKey");
  write_owner(request.result, name);
  request.result.element("AccessKeyId", key.id)
      .element("Status", std::string_view("Active"))
      .element("SecretAccessKey", key.secret)
      .element("CreateDate", aws::to_iso_time(key.created))
      .close();
  return {};
}

Answer<void> list_access_keys(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, user_name(request.form, request.caller));
  TICKLAKE_ASSIGN(const auto keys, request.users().list_keys(name));
  aws::XmlWriter& xml = request.result;
  xml.open("AccessKeyMetadata");
  for (const aws::AccessKey& key : keys) {
    xml.open("member");
    write_owner(xml, name);
    xml.element("AccessKeyId", key.id)
        .element("Status", std::string_view(key.is_active ? "Active" : "Inactive"))
        .element("CreateDate", aws::to_iso_time(key.created))
        .close();
  }
  xml.close().flag("IsTruncated", false);
  return {};
}

Answer<void> update_access_key(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, user_name(request.form, request.caller));
  TICKLAKE_ASSIGN(const std::string id, request.form.required("AccessKeyId"));
  TICKLAKE_ASSIGN(const std::string status, request.form.required("Status"));
  if (status != "Active" && status != "Inactive") {
    return aws::refuse(ErrorKind::kValidation, "Status must be Active or Inactive.");
  }
  return request.users().set_key_active(name, id, status == "Active");
}

Answer<void> delete_access_key(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, user_name(request.form, request.caller));
  TICKLAKE_ASSIGN(const std::string id, request.form.required("AccessKeyId"));
  return request.users().delete_key(name, id);
}

Answer<void> attach_user_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const std::string arn, request.form.required("PolicyArn"));
  return request.users().attach_policy(name, arn);
}

Answer<void> detach_user_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const std::string arn, request.form.required("PolicyArn"));
  return request.users().detach_policy(name, arn);
}

Answer<void> list_attached_user_policies(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const auto policies, request.users().list_attached_policies(name));
  write_attached(request.result, policies);
  return {};
}

Answer<void> put_user_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const std::string policy, request.form.required("PolicyName"));
  TICKLAKE_ASSIGN(std::string text, request.form.required("PolicyDocument"));
  return request.users().put_policy(name, policy, std::move(text));
}

Answer<void> get_user_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const std::string policy, request.form.required("PolicyName"));
  TICKLAKE_ASSIGN(const std::string text, request.users().get_policy(name, policy));
  request.result.element("UserName", name)
      .element("PolicyName", policy)
      .element("PolicyDocument", aws::percent_encoded(text));
  return {};
}

Answer<void> list_user_policies(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const auto names, request.users().list_policies(name));
  write_names(request.result, names);
  return {};
}

Answer<void> delete_user_policy(const IamRequest& request) {
  TICKLAKE_ASSIGN(const std::string name, request.form.required("UserName"));
  TICKLAKE_ASSIGN(const std::string policy, request.form.required("PolicyName"));
  return request.users().delete_policy(name, policy);
}

constexpr auto kOperations = std::to_array<IamOperation>({
    {"CreateUser", Resource::kNewUser, true, create_user},
    {"GetUser", Resource::kUser, true, get_user},
    {"ListUsers", Resource::kUsers, true, list_users},
    {"DeleteUser", Resource::kUser, false, delete_user},
    {"CreateAccessKey", Resource::kUser, true, create_access_key},
    {"ListAccessKeys", Resource::kUser, true, list_access_keys},
    {"UpdateAccessKey", Resource::kUser, false, update_access_key},
    {"DeleteAccessKey", Resource::kUser, false, delete_access_key},
    {"AttachUserPolicy", Resource::kUser, false, attach_user_policy},
    {"DetachUserPolicy", Resource::kUser, false, detach_user_policy},
    {"ListAttachedUserPolicies", Resource::kUser, true, list_attached_user_policies},
    {"PutUserPolicy", Resource::kUser, false, put_user_policy},
    {"GetUserPolicy", Resource::kUser, true, get_user_policy},
    {"ListUserPolicies", Resource::kUser, true, list_user_policies},
    {"DeleteUserPolicy", Resource::kUser, false, delete_user_policy},
});

}  // namespace

std::span<const IamOperation> user_operations() { return kOperations; }

}  // namespace ticklake::aws_api::iam
