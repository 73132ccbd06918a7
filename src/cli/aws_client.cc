#include "cli/aws_client.h"

#include <charconv>
#include <cstdlib>

#include "base/file_system.h"

namespace ticklake::cli {
namespace {

std::optional<std::string> environment_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

base::Result<int> attempts_max() {
  const auto text = environment_variable("AWS_MAX_ATTEMPTS");
  if (!text) return aws::kAttemptsDefault;
  int attempts = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, attempts);
  if (error == std::errc() && stop == end && attempts >= 1 && attempts <= aws::kAttemptsMax) {
    return attempts;
  }
  return base::fail(base::ErrorCode::kInvalidArgument, "cannot use AWS_MAX_ATTEMPTS",
                    "'" + *text + "' is no number from 1 to " + std::to_string(aws::kAttemptsMax));
}

}  // namespace

base::Result<aws::JsonClient> aws_client(const aws::ServiceName& service, const std::string& region,
                                         const base::Clock& clock) {
  base::PosixFileSystem files;
  TICKLAKE_ASSIGN(const int attempts, attempts_max());
  TICKLAKE_ASSIGN(const auto settings, aws::find_client_settings(files, environment_variable));
  TICKLAKE_ASSIGN(aws::ClientEndpoint endpoint,
                  aws::client_endpoint(service, settings, environment_variable,
                                       region.empty() ? std::nullopt : std::optional(region)));
  return aws::JsonClient(service, std::move(endpoint), aws::system_seams(clock), attempts);
}

}  // namespace ticklake::cli
