#pragma once

#include <string>
#include <string_view>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "base/clock.h"
#include "catalog/crawler.h"

namespace ticklake::aws_api::glue {

/// "reader" of `arn:aws:iam::000000000000:role/path/reader`, or the name as it is.
std::string role_name(std::string_view role);

/// Whether a crawl may read below `prefix` of a bucket: if the crawler's role is there, its
/// policies must allow s3:ListBucket and s3:GetObject. A role that nobody has made stands for who
/// made the crawler, whose own rights were asked then.
aws::Answer<void> may_read(const aws::IdentityStore& identities, const aws::AccessControl& access,
                           const catalog::Crawler& crawler, std::string_view bucket,
                           std::string_view prefix);

/// The same question about any principal.
aws::Answer<void> may_read(const aws::AccessControl& access, const aws::Principal& principal,
                           const aws::RequestContext& context, std::string_view bucket,
                           std::string_view prefix);

}  // namespace ticklake::aws_api::glue
