#include "aws_api/glue/service.h"

#include <array>

#include "aws_api/glue/request.h"
#include "catalog/model_json.h"

namespace ticklake::aws_api::glue {
namespace {

const NamedOperation* find_operation(std::string_view name) {
  for (const auto* operations : {&database_operations(), &table_operations(),
                                 &partition_operations(), &crawler_operations()}) {
    for (const NamedOperation& operation : *operations) {
      if (name == operation.name) return &operation;
    }
  }
  return nullptr;
}

}  // namespace

aws::Answer<nlohmann::json> Service::call(const Call& call) const {
  const NamedOperation* const operation = find_operation(call.operation);
  if (operation == nullptr) return unknown_operation(call.operation);
  Request request(call, seams_);
  auto answer = operation->operation(request);
  if (!answer && answer.error().code == "InvalidInputException" &&
      !operation->declares_invalid_input) {
    // AWS has a name of its own for input that breaks the model of such an operation.
    answer.error().code = "ValidationException";
  }
  return answer;
}

Request::Request(const Call& call, const Seams& seams)
    : call_(call), seams_(seams), input_(call.input, {}, problem_) {}

aws::Answer<void> Request::checked() const {
  if (problem_.empty()) return {};
  return catalog::invalid_input(problem_);
}

catalog::PageRequest Request::page(size_t max) {
  const auto wanted = input_.integer("MaxResults", 1, static_cast<int64_t>(max));
  return {wanted ? static_cast<size_t>(*wanted) : max,
          input_.text_or_empty("NextToken", catalog::kAnyText)};
}

std::string Request::arn(std::string_view resource) const {
  return std::string("arn:aws:glue:")
      .append(call_.caller.region)
      .append(":")
      .append(aws::kAccountId)
      .append(":")
      .append(resource);
}

bool Request::may(std::string_view resource) const {
  const std::string action = "glue:" + call_.operation;
  return seams_.access.is_allowed({call_.caller.principal, action, arn(resource), call_.context})
      .is_allowed();
}

aws::Answer<void> Request::allow(std::string_view resource) const {
  const std::string action = "glue:" + call_.operation;
  const std::string name = resource == "*" ? std::string(resource) : arn(resource);
  const aws::PolicyRequest request{call_.caller.principal, action, name, call_.context};
  const aws::Decision decision = seams_.access.is_allowed(request);
  if (decision.is_allowed()) return {};
  return tl::unexpected(aws::access_denied(request, decision));
}

aws::Answer<void> Request::allow_all() const { return allow("*"); }

aws::Answer<void> Request::allow_catalog() const { return allow("catalog"); }

aws::Answer<void> Request::allow_database(std::string_view database) const {
  TICKLAKE_TRY(allow_catalog());
  return allow("database/" + catalog::folded(database));
}

aws::Answer<void> Request::allow_table(std::string_view database, std::string_view table) const {
  TICKLAKE_TRY(allow_database(database));
  return allow("table/" + catalog::folded(database) + "/" + catalog::folded(table));
}

aws::Answer<void> Request::allow_crawler(std::string_view name) const {
  return allow(std::string("crawler/").append(name));
}

bool Request::may_see_database(std::string_view database) const {
  return may(std::string("database/").append(database));
}

bool Request::may_see_table(std::string_view database, std::string_view table) const {
  return may(std::string("table/").append(database).append("/").append(table));
}

nlohmann::json error_detail(const aws::ServiceError& error) {
  return {{"ErrorCode", aws::wire_error(error, aws::Protocol::kJson).code},
          {"ErrorMessage", error.message}};
}

}  // namespace ticklake::aws_api::glue
