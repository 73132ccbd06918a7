#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "aws/service_error.h"
#include "base/result.h"

namespace ticklake::catalog {

/// Glue's refusals, and how failures of our own disk become one.

inline tl::unexpected<aws::ServiceError> not_found(std::string message) {
  return aws::refuse_as("EntityNotFoundException", std::move(message), 400,
                        aws::ErrorKind::kNoSuchEntity);
}
inline tl::unexpected<aws::ServiceError> already_exists(std::string message) {
  return aws::refuse_as("AlreadyExistsException", std::move(message), 400,
                        aws::ErrorKind::kEntityAlreadyExists);
}
inline tl::unexpected<aws::ServiceError> invalid_input(std::string message) {
  return aws::refuse_as("InvalidInputException", std::move(message), 400,
                        aws::ErrorKind::kValidation);
}

inline aws::ServiceError as_internal(const base::Error& error) {
  return {aws::ErrorKind::kInternal, "The catalog cannot be read or written just now.",
          base::to_line(error)};
}

template <typename T>
aws::Answer<T> answered(base::Result<T> result) {
  if (!result) return tl::unexpected(as_internal(result.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

/// A document of ours does not read back.
inline tl::unexpected<aws::ServiceError> unreadable(const std::string& why) {
  return tl::unexpected(as_internal(
      {base::ErrorCode::kCorrupt, "a document of the catalog does not read back", why, {}, false}));
}
inline aws::Answer<nlohmann::json> kept_json(std::string_view document) {
  auto json = nlohmann::json::parse(document, nullptr, false);
  if (json.is_discarded()) return unreadable("it is no JSON");
  return json;
}

/// As it is kept; bytes of clients that are no UTF-8 are replaced.
inline std::string to_text(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ticklake::catalog
