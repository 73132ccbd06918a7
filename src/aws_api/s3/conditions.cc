#include "aws_api/s3/conditions.h"

#include "http/date.h"
#include "http/entity_tag.h"

namespace ticklake::aws_api::s3 {
namespace {

/// Of whole seconds, as the client was told it.
base::WallTime told_time(base::WallTime modified) {
  return std::chrono::floor<std::chrono::seconds>(modified);
}

}  // namespace

aws::Answer<lake::WriteCondition> read_write_condition(const Operation& operation) {
  lake::WriteCondition condition;
  if (const auto none = operation.field("if-none-match")) {
    if (*none != "*") return not_implemented("If-None-Match with anything but *");
    condition.if_absent = true;
  }
  if (const auto match = operation.field("if-match")) {
    if (condition.if_absent) return not_implemented("If-Match beside If-None-Match");
    condition.if_match = unquoted_tag(*match);
  }
  return condition;
}

aws::Answer<ReadVerdict> check_read_conditions(const Operation& operation,
                                               const lake::ObjectEntry& object,
                                               std::string_view prefix) {
  const auto field = [&](std::string_view name) {
    return operation.field(std::string(prefix).append(name));
  };
  const auto date = [&](std::string_view name) -> std::optional<base::WallTime> {
    const auto value = field(name);
    return value ? http::parse_date(*value, operation.clock.wall_now()) : std::nullopt;
  };
  const std::string tag = quoted_tag(object.etag);
  const base::WallTime modified = told_time(object.modified);
  if (const auto match = field("if-match")) {
    if (!http::matches_strongly(*match, tag))
      return tl::unexpected(precondition_failed("If-Match"));
  } else if (const auto since = date("if-unmodified-since"); since && modified > *since) {
    return tl::unexpected(precondition_failed("If-Unmodified-Since"));
  }
  const auto give_unless = [&](bool is_old,
                               std::string_view condition) -> aws::Answer<ReadVerdict> {
    if (!is_old) return ReadVerdict::kGive;
    // A copy is a write, and has no "not modified".
    if (!prefix.empty()) return tl::unexpected(precondition_failed(condition));
    return ReadVerdict::kNotModified;
  };
  if (const auto none = field("if-none-match"))
    return give_unless(http::matches_weakly(*none, tag), "If-None-Match");
  const auto since = date("if-modified-since");
  return give_unless(since && modified <= *since, "If-Modified-Since");
}

}  // namespace ticklake::aws_api::s3
