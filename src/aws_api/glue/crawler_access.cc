#include "aws_api/glue/crawler_access.h"

namespace ticklake::aws_api::glue {
namespace {

constexpr std::string_view kSession = "AWS-Crawler";

}  // namespace

std::string role_name(std::string_view role) {
  const size_t slash = role.rfind('/');
  return std::string(slash == std::string_view::npos ? role : role.substr(slash + 1));
}

aws::Answer<void> may_read(const aws::AccessControl& access, const aws::Principal& principal,
                           const aws::RequestContext& context, std::string_view bucket,
                           std::string_view prefix) {
  const std::string bucket_arn = std::string("arn:aws:s3:::").append(bucket);
  const std::string objects_arn = bucket_arn + "/" + std::string(prefix) + "*";
  aws::RequestContext listing = context;
  listing.s3_prefix = prefix;
  for (const aws::PolicyRequest& request :
       {aws::PolicyRequest{principal, "s3:ListBucket", bucket_arn, listing},
        aws::PolicyRequest{principal, "s3:GetObject", objects_arn, context}}) {
    const aws::Decision decision = access.is_allowed(request);
    if (!decision.is_allowed()) return tl::unexpected(aws::access_denied(request, decision));
  }
  return {};
}

aws::Answer<void> may_read(const aws::IdentityStore& identities, const aws::AccessControl& access,
                           const catalog::Crawler& crawler, std::string_view bucket,
                           std::string_view prefix) {
  const auto role = identities.state()->find_role(role_name(crawler.role));
  if (!role) return {};
  aws::Principal principal;
  principal.kind = aws::PrincipalKind::kAssumedRole;
  principal.role_name = role->name;
  principal.role_arn = role->arn();
  principal.session_name = kSession;
  principal.user_id = role->id + ":" + std::string(kSession);
  principal.arn = std::string("arn:aws:sts::")
                      .append(aws::kAccountId)
                      .append(":assumed-role/")
                      .append(role->name)
                      .append("/")
                      .append(kSession);
  const aws::RequestContext context{.now = identities.now()};
  return may_read(access, principal, context, bucket, prefix);
}

}  // namespace ticklake::aws_api::glue
