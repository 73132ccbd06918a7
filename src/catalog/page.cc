#include "catalog/page.h"

#include "base/base64.h"

namespace ticklake::catalog {
namespace {

/// So that what a client makes up is told from what was given to him.
constexpr std::string_view kMark = "p1:";

}  // namespace

std::string page_token(std::string_view last_key) {
  const std::string marked = std::string(kMark).append(last_key);
  return base::to_base64(base::as_bytes(marked));
}

aws::Answer<std::string> last_key_of(const PageRequest& page) {
  if (page.token.empty()) return std::string();
  const auto bytes = base::from_base64(page.token);
  const std::string text = bytes ? std::string(base::as_text(*bytes)) : std::string();
  if (!text.starts_with(kMark)) {
    return aws::refuse_as("InvalidInputException", "NextToken is none of this listing's");
  }
  return text.substr(kMark.size());
}

}  // namespace ticklake::catalog
