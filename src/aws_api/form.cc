#include "aws_api/form.h"

#include <charconv>

#include "http/percent.h"

namespace ticklake::aws_api {
namespace {

using aws::ErrorKind;

tl::unexpected<aws::ServiceError> malformed(std::string message) {
  return aws::refuse_as("MalformedInput", std::move(message));
}

/// XML 1.0 and the store want text.
bool is_text(std::string_view value) { return value.find('\0') == std::string_view::npos; }

}  // namespace

aws::Answer<Form> Form::parse(std::string_view text) {
  Form form;
  for (const http::QueryItem& item : http::split_query(text)) {
    auto name = http::percent_decode(item.name, http::Plus::kIsBlank);
    auto value = http::percent_decode(item.value, http::Plus::kIsBlank);
    if (!name || !value || !is_text(*value)) return malformed("A parameter does not decode.");
    if (form.parameters_.size() == kFormParametersMax) {
      return malformed("More than " + std::to_string(kFormParametersMax) + " parameters.");
    }
    const std::string given = *name;
    if (!form.parameters_.emplace(std::move(*name), std::move(*value)).second) {
      return malformed("The parameter " + given + " is given twice.");
    }
  }
  return form;
}

std::optional<std::string> Form::find(std::string_view name) const {
  const auto found = parameters_.find(name);
  if (found == parameters_.end()) return std::nullopt;
  return found->second;
}

aws::Answer<std::string> Form::required(std::string_view name) const {
  auto value = find(name);
  if (value && !value->empty()) return std::move(*value);
  return aws::refuse(ErrorKind::kValidation,
                     "1 validation error detected: Value null at '" + std::string(name) +
                         "' failed to satisfy constraint: Member must not be null");
}

std::vector<std::string> Form::list(std::string_view name, std::string_view field) const {
  std::vector<std::string> members;
  const std::string start = std::string(name) + ".member.";
  while (true) {
    const auto member = find(start + std::to_string(members.size() + 1) + std::string(field));
    if (!member) return members;
    members.push_back(*member);
  }
}

aws::Answer<std::optional<int64_t>> Form::number(std::string_view name, int64_t least,
                                                 int64_t most) const {
  const auto text = find(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [read_end, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc{} && read_end == end && value >= least && value <= most) return value;
  return aws::refuse(ErrorKind::kValidation,
                     "1 validation error detected: Value '" + *text + "' at '" + std::string(name) +
                         "' failed to satisfy constraint: Member must be "
                         "a number from " +
                         std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace ticklake::aws_api
