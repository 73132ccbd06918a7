#include "aws/credentials_chain.h"

#include <algorithm>

#include "base/trim.h"

namespace ticklake::aws {
namespace {

constexpr std::string_view kConfigPrefix = "profile ";
constexpr std::string_view kAdvice =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put them into ~/.aws/credentials";

std::string_view trimmed(std::string_view text) { return base::trimmed(text, " \t\r"); }

bool is_comment(std::string_view line) { return line.starts_with('#') || line.starts_with(';'); }

tl::unexpected<base::Error> bad_line(size_t number, const char* why) {
  return base::fail(base::ErrorCode::kInvalidData,
                    "cannot read line " + std::to_string(number) + " of a profile file", why);
}

std::optional<std::string> found(const std::map<std::string, std::string>& settings,
                                 const std::string& name) {
  const auto at = settings.find(name);
  if (at == settings.end() || at->second.empty()) return std::nullopt;
  return at->second;
}

base::Result<std::optional<Credentials>> credentials_of(
    const std::function<std::optional<std::string>(const std::string&)>& value,
    const std::string& key_name, const std::string& secret_name, const std::string& token_name,
    const std::string& origin) {
  auto key = value(key_name);
  auto secret = value(secret_name);
  if (!key && !secret) return std::nullopt;
  if (!key || !secret) {
    return base::fail(base::ErrorCode::kInvalidArgument, "cannot use the keys of " + origin,
                      (key ? secret_name : key_name) + " is missing",
                      "set both " + key_name + " and " + secret_name);
  }
  return Credentials{std::move(*key), std::move(*secret), value(token_name).value_or("")};
}

std::optional<base::Path> path_of(const Environment& environment, const std::string& variable,
                                  const char* under_home) {
  if (const auto path = environment(variable)) return base::Path(*path);
  const auto home = environment("HOME");
  if (!home) return std::nullopt;
  return base::Path(*home) / under_home;
}

/// What a profile without keys says that it is.
std::optional<std::string> other_way(const std::map<std::string, std::string>& settings) {
  for (const auto& [name, value] : settings) {
    if (name.starts_with("sso_") || name == "role_arn" || name == "credential_process" ||
        name == "credential_source" || name == "web_identity_token_file") {
      return name;
    }
  }
  return std::nullopt;
}

}  // namespace

base::Result<ProfileFile> parse_profile_file(std::string_view text) {
  ProfileFile profiles;
  std::map<std::string, std::string>* settings = nullptr;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view line = trimmed(raw);
    if (line.empty() || is_comment(line)) continue;
    if (line.front() == '[') {
      const size_t close = line.find(']');
      if (close == std::string_view::npos) return bad_line(number, "a '[' has no ']'");
      std::string_view name = trimmed(line.substr(1, close - 1));
      if (name.starts_with(kConfigPrefix)) name = trimmed(name.substr(kConfigPrefix.size()));
      settings = &profiles[std::string(name)];
      continue;
    }
    if (raw.front() == ' ' || raw.front() == '\t') continue;  // a part of a nested setting
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return bad_line(number, "it has no '='");
    if (!settings) return bad_line(number, "it stands before the first [profile]");
    (*settings)[std::string(trimmed(line.substr(0, equals)))] = trimmed(line.substr(equals + 1));
  }
  return profiles;
}

base::Result<ClientSettings> find_client_settings(base::FileSystem& files,
                                                  const Environment& environment) {
  ClientSettings settings;
  settings.region = environment("AWS_REGION");
  if (!settings.region) settings.region = environment("AWS_DEFAULT_REGION");
  TICKLAKE_ASSIGN(auto credentials,
                  credentials_of(environment, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                 "AWS_SESSION_TOKEN", "the environment"));
  if (credentials) settings.origin = "the environment";
  const std::string profile = environment("AWS_PROFILE").value_or("default");
  std::optional<std::string> unsupported;
  for (const auto& path : {path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
                           path_of(environment, "AWS_CONFIG_FILE", ".aws/config")}) {
    if (!path || (credentials && settings.region)) continue;
    TICKLAKE_ASSIGN(const auto text, base::read_text_if_there(files, *path, kProfileFileBytesMax));
    if (!text) continue;
    auto parsed = parse_profile_file(*text);
    if (!parsed) return tl::unexpected(std::move(parsed).error().within(path->string()));
    const auto& values = (*parsed)[profile];
    if (!settings.region) settings.region = found(values, "region");
    if (!settings.endpoint_url) settings.endpoint_url = found(values, "endpoint_url");
    if (credentials) continue;
    const std::string origin = "profile " + profile + " in " + path->string();
    const auto value = [&](const std::string& name) { return found(values, name); };
    TICKLAKE_ASSIGN(credentials, credentials_of(value, "aws_access_key_id", "aws_secret_access_key",
                                                "aws_session_token", origin));
    if (credentials) settings.origin = origin;
    if (!unsupported) unsupported = other_way(values);
  }
  if (!credentials && unsupported) {
    return base::fail(
        base::ErrorCode::kUnsupported, "cannot get keys for AWS",
        "the profile " + profile + " uses " + *unsupported + ", which is not supported",
        std::string(kAdvice));
  }
  if (!credentials) {
    return base::fail(base::ErrorCode::kNotFound, "cannot find keys for AWS",
                      "neither the environment nor the profile " + profile + " has any",
                      std::string(kAdvice));
  }
  settings.credentials = std::move(*credentials);
  return settings;
}

}  // namespace ticklake::aws
