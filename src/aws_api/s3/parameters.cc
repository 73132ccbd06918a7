#include <charconv>

#include "aws_api/s3/operations.h"

namespace ticklake::aws_api::s3 {

aws::Answer<int> int_parameter(const Operation& operation, std::string_view name, int otherwise,
                               int least, int greatest) {
  const auto text = operation.target.find(name);
  if (!text || text->empty()) return otherwise;
  int value = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || stop != end || value < least || value > greatest) {
    aws::ServiceError refused{aws::ErrorKind::kInvalidArgument,
                              std::string(name) + " must be a whole number from " +
                                  std::to_string(least) + " to " + std::to_string(greatest)};
    refused.members = {{"ArgumentName", std::string(name)}, {"ArgumentValue", *text}};
    return tl::unexpected(std::move(refused));
  }
  return value;
}

aws::Answer<int> part_number(const Operation& operation) {
  constexpr int kPartsMax = 10'000;
  return int_parameter(operation, "partNumber", 0, 1, kPartsMax);
}

}  // namespace ticklake::aws_api::s3
