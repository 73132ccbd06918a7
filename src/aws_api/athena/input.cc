#include "aws_api/athena/input.h"

#include <algorithm>
#include <charconv>

#include "query/executions/executions.h"

namespace ticklake::aws_api::athena {
namespace {

constexpr size_t kWorkGroupMax = 128;

bool is_group_name(const std::string& name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

std::string Input::work_group(const char* name) {
  std::string group = text(name, kWorkGroupMax);
  if (!is_group_name(group)) reader_.fail(name, "must match [a-zA-Z0-9._-]{1,128}");
  return group;
}

std::string Input::work_group_or_primary() {
  if (!reader_.has("WorkGroup")) return std::string(query::executions::kPrimaryWorkGroup);
  return work_group();
}

size_t Input::page_size(size_t otherwise, size_t max) {
  const auto given = reader_.integer("MaxResults", 0, static_cast<int64_t>(max));
  return given && *given > 0 ? static_cast<size_t>(*given) : otherwise;
}

aws::Answer<void> Input::check() const {
  if (problem_.empty()) return {};
  return query::executions::invalid_request("1 validation error detected: " + problem_);
}

aws::Answer<std::pair<size_t, size_t>> slice_bounds(size_t count, size_t max,
                                                    const std::string& token) {
  size_t begin = 0;
  const char* const end = token.data() + token.size();
  if (!token.empty() && std::from_chars(token.data(), end, begin).ptr != end) {
    return query::executions::invalid_request("NextToken is none of this listing's");
  }
  begin = std::min(begin, count);
  return std::pair{begin, std::min(count, begin + max)};
}

}  // namespace ticklake::aws_api::athena
