#pragma once

#include <string>
#include <string_view>

#include "aws/access_control.h"
#include "query/athena/error.h"
#include "query/executions/s3_location.h"

namespace ticklake::query::executions {

/// Who asks, as his signed request has told it.
struct Caller {
  aws::Principal principal;
  aws::RequestContext context;
  std::string region;
};

/// What a caller may do with tables and objects, by the policies as they are when he does it.
/// Refusals are Athena's: a statement that needs more than its caller may, fails.
class CallerRights {
 public:
  /// Both must outlive it.
  CallerRights(const aws::AccessControl& access, const Caller& caller)
      : access_(access), caller_(caller) {}

  const Caller& caller() const { return caller_; }
  /// Root may do everything, so that nothing need be asked for each of many files.
  bool is_root() const { return caller_.principal.kind == aws::PrincipalKind::kRoot; }

  /// glue:`action` on the catalog and a database; `database` may be `*`.
  athena::Result<void> check_database(std::string_view action, std::string_view database) const;
  /// glue:`action` on the catalog, the database and the table, as Glue asks.
  athena::Result<void> check_table(std::string_view action, std::string_view database,
                                   std::string_view table) const;
  bool may_see_table(std::string_view database, std::string_view table) const;
  bool may_see_database(std::string_view database) const;
  /// s3:`action` on an object.
  athena::Result<void> check_object(std::string_view action, const S3Location& object) const;
  /// s3:ListBucket with that prefix.
  athena::Result<void> check_listing(const S3Location& folder) const;

 private:
  aws::Decision ask(std::string_view action, const std::string& resource) const;
  athena::Result<void> check_glue(const std::string& action, const std::string& resource) const;
  std::string glue_arn(std::string_view kind) const;

  const aws::AccessControl& access_;
  const Caller& caller_;
};

}  // namespace ticklake::query::executions
