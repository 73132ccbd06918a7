#include "aws_api/iam/sts_service.h"

#include "aws/timestamp.h"
#include "aws/xml_writer.h"

namespace ticklake::aws_api::iam {
namespace {

using aws::Answer;

constexpr std::string_view kVersion = "2011-06-15";
constexpr std::string_view kNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

void write_credentials(aws::XmlWriter& xml, const aws::StsSessions::TemporaryCredentials& session) {
  xml.open("Credentials")
      .element("AccessKeyId", session.credentials.access_key_id)
      .element("SecretAccessKey", session.credentials.secret_access_key)
      .element("SessionToken", session.credentials.session_token)
      .element("Expiration", aws::to_iso_time(session.expiration))
      .close();
}

/// Its bounds depend on who asks: StsSessions has them.
Answer<std::optional<std::chrono::seconds>> duration_of(const Form& form) {
  constexpr int64_t kLeast = 900;
  constexpr int64_t kMost = 129'600;
  TICKLAKE_ASSIGN(const auto seconds, form.number("DurationSeconds", kLeast, kMost));
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

void write_identity(aws::XmlWriter& xml, const aws::Principal& caller) {
  xml.element("Arn", caller.arn)
      .element("UserId", caller.user_id)
      .element("Account", aws::kAccountId);
}

}  // namespace

Answer<std::string> StsService::call(const QueryCall& call) const {
  const auto version = call.form.find("Version");
  if (version && *version != kVersion) {
    return aws::refuse_as(
        "InvalidAction", "Could not find operation " + call.operation + " for version " + *version);
  }
  aws::XmlWriter xml(call.operation + "Response", kNamespace);
  xml.open(call.operation + "Result");
  TICKLAKE_TRY(run(call, xml));
  xml.close().open("ResponseMetadata").element("RequestId", call.request_id).close();
  return xml.take();
}

Answer<void> StsService::run(const QueryCall& call, aws::XmlWriter& xml) const {
  if (call.operation == "GetCallerIdentity") {
    write_identity(xml, call.caller.principal);
    return {};
  }
  if (call.operation == "GetSessionToken") return get_session_token(call, xml);
  if (call.operation == "AssumeRole") return assume_role(call, xml);
  if (call.operation == "GetAccessKeyInfo") {
    TICKLAKE_ASSIGN(const std::string id, call.form.required("AccessKeyId"));
    TICKLAKE_ASSIGN(const std::string account, sessions_.access_key_account(id));
    xml.element("Account", account);
    return {};
  }
  return aws::refuse_as("InvalidAction", "The action " + call.operation + " is not served here.");
}

Answer<void> StsService::get_session_token(const QueryCall& call, aws::XmlWriter& xml) const {
  TICKLAKE_ASSIGN(const auto duration, duration_of(call.form));
  TICKLAKE_ASSIGN(const auto session, sessions_.get_session_token(call.caller.principal, duration));
  write_credentials(xml, session);
  return {};
}

Answer<void> StsService::assume_role(const QueryCall& call, aws::XmlWriter& xml) const {
  aws::StsSessions::AssumeRole request;
  TICKLAKE_ASSIGN(request.role_arn, call.form.required("RoleArn"));
  TICKLAKE_ASSIGN(request.session_name, call.form.required("RoleSessionName"));
  TICKLAKE_ASSIGN(request.duration, duration_of(call.form));
  request.policy = call.form.find("Policy").value_or("");
  request.policy_arns = call.form.list("PolicyArns", ".arn");
  request.external_id = call.form.find("ExternalId");
  TICKLAKE_ASSIGN(const auto role,
                  sessions_.assume_role(call.caller.principal, request, call.context));
  write_credentials(xml, role.session);
  xml.open("AssumedRoleUser").element("AssumedRoleId", role.id).element("Arn", role.arn).close();
  return {};
}

}  // namespace ticklake::aws_api::iam
