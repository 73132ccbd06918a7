#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/signature_v4.h"
#include "base/file_system.h"
#include "base/result.h"

namespace ticklake::aws {

/// Where our own client of AWS gets its keys from, as AWS's tools do: the environment, then the
/// profile files. Source: AWS's "Configuration and credential file settings".

/// A profile file by profile and setting, both as written (`[profile dev]` of a config file is
/// `dev`). A setting may be there twice; the last one counts. Nested settings are left out.
using ProfileFile = std::map<std::string, std::map<std::string, std::string>, std::less<>>;

inline constexpr size_t kProfileFileBytesMax = 1 << 20;

/// kInvalidData names the line.
base::Result<ProfileFile> parse_profile_file(std::string_view text);

/// The value of an environment variable; none if it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct ClientSettings {
  Credentials credentials;
  std::optional<std::string> region;
  std::optional<std::string> endpoint_url;  ///< the profile's, for all services
  std::string origin;  ///< "the environment", "profile dev in /home/a/.aws/credentials"
};

/// AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; else the profile AWS_PROFILE
/// (`default`) of AWS_SHARED_CREDENTIALS_FILE (`$HOME/.aws/credentials`), else of AWS_CONFIG_FILE
/// (`$HOME/.aws/config`). The region is that of AWS_REGION, AWS_DEFAULT_REGION, or the profile's.
/// kNotFound if there are none; kUnsupported for a profile that has no keys but another way to get
/// them (sso_…, role_arn, credential_process), by its name.
/// The endpoint's URL is looked for in the profile only where keys or region are.
base::Result<ClientSettings> find_client_settings(base::FileSystem& files,
                                                  const Environment& environment);

}  // namespace ticklake::aws
