#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/service_error.h"

namespace ticklake::catalog {

/// Which part of a listing: at most `max` items, behind what the last page's token says.
struct PageRequest {
  size_t max = 100;
  std::string token = {};  ///< empty: from the beginning
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::string next_token = {};  ///< empty: there are no more
};

/// A token says behind which key the next page begins: opaque to clients.
std::string page_token(std::string_view last_key);
/// InvalidInputException for what page_token() has not made. Empty for an empty token.
aws::Answer<std::string> last_key_of(const PageRequest& page);

}  // namespace ticklake::catalog
