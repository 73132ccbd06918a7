#pragma once

#include <optional>
#include <string>

#include "aws/identity_store.h"
#include "base/clock.h"
#include "base/endpoint.h"
#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::cli {

/// What of a data folder concerns AWS clients: who they are (a SQLite file, 0600) and where they
/// find the endpoint (a line of text, written by `up`).

inline constexpr const char* kAwsRegion = "us-east-1";

base::Path identities_path(const base::Path& data);

/// Those of `up` in this folder; made if there are none and `makes`, else kNotFound.
base::Result<std::unique_ptr<aws::IdentityStore>> open_identities(base::FileSystem& files,
                                                                  const base::Path& data,
                                                                  const base::Clock& clock,
                                                                  bool makes);

/// How many keys there are, of root and of all users.
size_t count_keys(const aws::IdentityState& state);
/// The first active key of root; none if there is none.
std::optional<aws::AccessKey> root_key(const aws::IdentityState& state);

/// What clients on this machine call an address that was listened on.
std::string client_url(const base::Endpoint& address, bool is_tls);

/// For a shell: `build/ticklake env --data 'my data'`.
std::string env_command(const std::string& program, const base::Path& data);

/// Of `up`, for `env`.
base::Result<void> write_endpoint_url(base::FileSystem& files, const base::Path& data,
                                      const std::string& url);
/// The last one; that of `up` without flags if there was none yet.
base::Result<std::string> read_endpoint_url(base::FileSystem& files, const base::Path& data);

/// AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION.
struct AwsSettings {
  std::string endpoint_url;
  std::string access_key_id;
  std::string secret_access_key;
};
/// `format` is sh (for eval), json, or profile (for ~/.aws/credentials).
std::string to_text(const AwsSettings& settings, const std::string& format);

}  // namespace ticklake::cli
