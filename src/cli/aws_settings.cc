#include "cli/aws_settings.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/secret_random.h"

namespace ticklake::cli {
namespace {

constexpr const char* kIdentitiesFile = "identities.db";
constexpr const char* kEndpointFile = "aws-endpoint";
constexpr const char* kEndpointDefault = "http://127.0.0.1:8090";
constexpr uint64_t kEndpointBytesMax = 1'000;

bool is_plain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("/+=:.-_").find(c) != std::string_view::npos;
}

/// For a shell.
std::string quoted(const std::string& value) {
  if (!value.empty() && std::ranges::all_of(value, is_plain)) return value;
  std::string text = "'";
  for (const char c : value)
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

base::Path identities_path(const base::Path& data) { return data / kIdentitiesFile; }

base::Result<std::unique_ptr<aws::IdentityStore>> open_identities(base::FileSystem& files,
                                                                  const base::Path& data,
                                                                  const base::Clock& clock,
                                                                  bool makes) {
  const base::Path path = identities_path(data);
  if (!makes) {
    TICKLAKE_ASSIGN(const bool is_there, files.exists(path));
    if (!is_there) {
      return base::fail(base::ErrorCode::kNotFound,
                        "there are no keys in " + data.string() + " yet",
                        "`ticklake up` makes the first one when it starts",
                        "start `ticklake up`, or name its folder: --data DIR");
    }
  }
  return aws::IdentityStore::open(files, path, clock, base::system_secret_random());
}

size_t count_keys(const aws::IdentityState& state) {
  size_t count = 0;
  for (const auto& user : state.users())
    count += user->keys.size();
  if (const auto root = state.find_user(aws::IdentityState::kRootName)) count += root->keys.size();
  return count;
}

std::optional<aws::AccessKey> root_key(const aws::IdentityState& state) {
  const auto root = state.find_user(aws::IdentityState::kRootName);
  if (!root) return std::nullopt;
  const auto key = std::ranges::find(root->keys, true, &aws::AccessKey::is_active);
  if (key == root->keys.end()) return std::nullopt;
  return *key;
}

std::string client_url(const base::Endpoint& address, bool is_tls) {
  base::Endpoint reached = address;
  const bool is_any = address.host == "0.0.0.0" || address.host == "::";
  // Certificates are for names; of names, clients of S3 would make one for each bucket.
  if (is_any || address.host == "localhost") reached.host = is_tls ? "localhost" : "127.0.0.1";
  return (is_tls ? "https://" : "http://") + reached.text();
}

std::string env_command(const std::string& program, const base::Path& data) {
  return quoted(program) + " env" +
         (data == "ticklake-data" ? "" : " --data " + quoted(data.string()));
}

base::Result<void> write_endpoint_url(base::FileSystem& files, const base::Path& data,
                                      const std::string& url) {
  return base::replace_text(files, data / kEndpointFile, url + "\n");
}

base::Result<std::string> read_endpoint_url(base::FileSystem& files, const base::Path& data) {
  TICKLAKE_ASSIGN(const auto text,
                  base::read_text_if_there(files, data / kEndpointFile, kEndpointBytesMax));
  if (!text) return std::string(kEndpointDefault);
  return text->substr(0, text->find('\n'));
}

std::string to_text(const AwsSettings& settings, const std::string& format) {
  if (format == "json") {
    const nlohmann::ordered_json object{{"AWS_ENDPOINT_URL", settings.endpoint_url},
                                        {"AWS_ACCESS_KEY_ID", settings.access_key_id},
                                        {"AWS_SECRET_ACCESS_KEY", settings.secret_access_key},
                                        {"AWS_DEFAULT_REGION", kAwsRegion}};
    return object.dump() + "\n";
  }
  if (format == "profile") {
    return fmt::format(
        "# for ~/.aws/credentials; AWS_PROFILE=ticklake chooses it\n"
        "[ticklake]\n"
        "aws_access_key_id = {}\n"
        "aws_secret_access_key = {}\n"
        "region = {}\n"
        "endpoint_url = {}\n",
        settings.access_key_id, settings.secret_access_key, kAwsRegion, settings.endpoint_url);
  }
  std::string text = fmt::format(
      "export AWS_ENDPOINT_URL={}\n"
      "export AWS_ACCESS_KEY_ID={}\n"
      "export AWS_SECRET_ACCESS_KEY={}\n"
      "export AWS_DEFAULT_REGION={}\n",
      quoted(settings.endpoint_url), quoted(settings.access_key_id),
      quoted(settings.secret_access_key), kAwsRegion);
  // One of another account would be sent along, and refused with this key.
  if (std::getenv("AWS_SESSION_TOKEN") != nullptr) text += "unset AWS_SESSION_TOKEN\n";
  return text;
}

}  // namespace ticklake::cli
