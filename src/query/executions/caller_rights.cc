#include "query/executions/caller_rights.h"

namespace ticklake::query::executions {
namespace {

tl::unexpected<athena::AthenaError> denied(std::string message) {
  return tl::unexpected(athena::AthenaError{"PERMISSION_DENIED", std::move(message)});
}

}  // namespace

std::string CallerRights::glue_arn(std::string_view kind) const {
  const std::string region = caller_.region.empty() ? "us-east-1" : caller_.region;
  return ("arn:aws:glue:" + region + ":").append(aws::kAccountId).append(":").append(kind);
}

aws::Decision CallerRights::ask(std::string_view action, const std::string& resource) const {
  return access_.is_allowed({caller_.principal, action, resource, caller_.context});
}

athena::Result<void> CallerRights::check_glue(const std::string& action,
                                              const std::string& resource) const {
  if (ask(action, resource).is_allowed()) return {};
  return denied("Insufficient permissions to execute the query. User: " + caller_.principal.arn +
                " is not authorized to perform: " + action + " on resource: " + resource);
}

athena::Result<void> CallerRights::check_database(std::string_view action,
                                                  std::string_view database) const {
  const std::string full = std::string("glue:").append(action);
  TICKLAKE_TRY(check_glue(full, glue_arn("catalog")));
  return check_glue(full, glue_arn(std::string("database/").append(database)));
}

athena::Result<void> CallerRights::check_table(std::string_view action, std::string_view database,
                                               std::string_view table) const {
  TICKLAKE_TRY(check_database(action, database));
  return check_glue(std::string("glue:").append(action),
                    glue_arn(std::string("table/").append(database).append("/").append(table)));
}

bool CallerRights::may_see_table(std::string_view database, std::string_view table) const {
  return check_table("GetTable", database, table).has_value();
}

bool CallerRights::may_see_database(std::string_view database) const {
  return check_database("GetDatabase", database).has_value();
}

athena::Result<void> CallerRights::check_object(std::string_view action,
                                                const S3Location& object) const {
  const std::string full = std::string("s3:").append(action);
  if (ask(full, object.arn()).is_allowed()) return {};
  return denied("Permission denied on S3 path: " + object.text() + " (" + full + ")");
}

athena::Result<void> CallerRights::check_listing(const S3Location& folder) const {
  aws::RequestContext context = caller_.context;
  context.s3_prefix = folder.key;
  const std::string bucket = "arn:aws:s3:::" + folder.bucket;
  if (access_.is_allowed({caller_.principal, "s3:ListBucket", bucket, context}).is_allowed()) {
    return {};
  }
  return denied("Permission denied on S3 path: " + folder.text() + " (s3:ListBucket)");
}

}  // namespace ticklake::query::executions
