#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws_api/glue/service.h"
#include "catalog/answers.h"
#include "catalog/json_reader.h"
#include "catalog/page.h"

namespace ticklake::aws_api::glue {

/// One call to Glue while it is served.
class Request {
 public:
  Request(const Call& call, const Seams& seams);

  const Seams& seams() const { return seams_; }
  const Call& call() const { return call_; }
  catalog::JsonReader& input() { return input_; }

  /// Refuses if something that was read is not as the model has it.
  aws::Answer<void> checked() const;
  /// Of a listing: MaxResults (by default and at most `max`) and NextToken.
  catalog::PageRequest page(size_t max);

  /// Whether the caller may do what the call is called, on the resource and all that it is in.
  aws::Answer<void> allow_catalog() const;
  aws::Answer<void> allow_database(std::string_view database) const;
  aws::Answer<void> allow_table(std::string_view database, std::string_view table) const;
  aws::Answer<void> allow_crawler(std::string_view name) const;
  aws::Answer<void> allow_all() const;  ///< on `*`
  /// Without a refusal: for what a listing leaves out.
  bool may_see_database(std::string_view database) const;
  bool may_see_table(std::string_view database, std::string_view table) const;

  std::string arn(std::string_view resource) const;
  const std::string& caller_arn() const { return call_.caller.principal.arn; }

 private:
  aws::Answer<void> allow(std::string_view resource) const;
  bool may(std::string_view resource) const;

  const Call& call_;
  const Seams& seams_;
  std::string problem_;
  catalog::JsonReader input_;
};

using Operation = aws::Answer<nlohmann::json> (*)(Request&);

struct NamedOperation {
  const char* name;
  Operation operation;
  /// Whether botocore's model declares InvalidInputException for it.
  bool declares_invalid_input = true;
};

// A file of operations each.
const std::vector<NamedOperation>& database_operations();
const std::vector<NamedOperation>& table_operations();
const std::vector<NamedOperation>& partition_operations();
const std::vector<NamedOperation>& crawler_operations();

/// A listing's answer: `name`, and NextToken if there is more.
template <typename T, typename ToJson>
nlohmann::json listing(const char* name, const catalog::Page<T>& page, const ToJson& to_json) {
  nlohmann::json answer{{name, nlohmann::json::array()}};
  for (const T& item : page.items)
    answer[name].push_back(to_json(item));
  if (!page.next_token.empty()) answer["NextToken"] = page.next_token;
  return answer;
}

/// Glue's ErrorDetail.
nlohmann::json error_detail(const aws::ServiceError& error);

}  // namespace ticklake::aws_api::glue
