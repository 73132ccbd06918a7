#pragma once

#include <string>

#include "aws/access_control.h"
#include "aws/identity_store.h"
#include "aws/sts_sessions.h"
#include "aws/xml_writer.h"
#include "aws_api/query_call.h"

namespace ticklake::aws_api::iam {

/// STS (2011-06-15): GetCallerIdentity, GetSessionToken, AssumeRole, GetAccessKeyInfo.
///
/// Not there: federation (AssumeRoleWithSAML, …WithWebIdentity, GetFederationToken), MFA, session
/// tags.
class StsService {
 public:
  /// `store` must outlive it.
  explicit StsService(const aws::IdentityStore& store)
      : access_(store), sessions_(store, access_) {}
  StsService(const StsService&) = delete;
  StsService& operator=(const StsService&) = delete;

  /// Safe from any thread.
  aws::Answer<std::string> call(const QueryCall& call) const;

 private:
  aws::Answer<void> get_session_token(const QueryCall& call, aws::XmlWriter& xml) const;
  aws::Answer<void> assume_role(const QueryCall& call, aws::XmlWriter& xml) const;
  aws::Answer<void> run(const QueryCall& call, aws::XmlWriter& xml) const;

  aws::AccessControl access_;
  aws::StsSessions sessions_;
};

}  // namespace ticklake::aws_api::iam
