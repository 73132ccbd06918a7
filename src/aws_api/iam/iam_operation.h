#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/iam_policies.h"
#include "aws/iam_roles.h"
#include "aws/iam_users.h"
#include "aws/xml_writer.h"
#include "aws_api/form.h"

namespace ticklake::aws_api::iam {

/// One call of an operation that its caller may make.
struct IamRequest {
  const Form& form;
  const aws::Principal& caller;
  aws::IdentityStore& store;
  aws::XmlWriter& result;  ///< within <…Result>, if the operation has one

  aws::IamUsers users() const { return aws::IamUsers(store); }
  aws::IamRoles roles() const { return aws::IamRoles(store); }
  aws::IamPolicies policies() const { return aws::IamPolicies(store); }
};

/// What an operation is about: whose ARN the caller must have the action on.
enum class Resource : uint8_t {
  kUser,     ///< UserName; without it the caller himself
  kNewUser,  ///< UserName and Path
  kRole,
  kNewRole,
  kPolicy,  ///< PolicyArn
  kNewPolicy,
  kUsers,  ///< all of them
  kRoles,
  kPolicies,
};

struct IamOperation {
  std::string_view name;
  Resource resource;
  bool has_result;
  aws::Answer<void> (*run)(const IamRequest&);
};

std::span<const IamOperation> user_operations();
std::span<const IamOperation> role_operations();
std::span<const IamOperation> policy_operations();

/// The user that an operation is about: UserName, or the caller. Root is never found by a name.
aws::Answer<std::string> user_name(const Form& form, const aws::Principal& caller);

/// What a listing gives at once: those whose path has PathPrefix, sorted by ARN, after Marker (the
/// last one that was given), at most MaxItems. Writes IsTruncated and Marker.
template <typename Pointer, typename Write>
aws::Answer<void> write_page(const IamRequest& request, std::string_view list,
                             std::vector<Pointer> all, Write write) {
  constexpr int64_t kMaxItemsDefault = 100;
  TICKLAKE_ASSIGN(const auto given, request.form.number("MaxItems", 1, 1000));
  const auto count_max = static_cast<size_t>(given.value_or(kMaxItemsDefault));
  const std::string prefix = request.form.find("PathPrefix").value_or("/");
  const std::string marker = request.form.find("Marker").value_or("");
  std::ranges::sort(all, {}, [](const Pointer& one) { return one->arn(); });
  size_t count = 0;
  std::string last, next_marker;
  request.result.open(list);
  for (const Pointer& one : all) {
    std::string arn = one->arn();
    if (!one->path.starts_with(prefix) || arn <= marker) continue;
    if (count == count_max) {
      next_marker = last;
      break;
    }
    request.result.open("member");
    write(*one);
    request.result.close();
    last = std::move(arn);
    ++count;
  }
  request.result.close();
  request.result.flag("IsTruncated", !next_marker.empty());
  if (!next_marker.empty()) request.result.element("Marker", next_marker);
  return {};
}

/// <AttachedPolicies> and <PolicyNames> of users and roles, with IsTruncated.
void write_attached(aws::XmlWriter& xml, const std::vector<aws::AttachedPolicy>& policies);
void write_names(aws::XmlWriter& xml, const std::vector<std::string>& names);

}  // namespace ticklake::aws_api::iam
