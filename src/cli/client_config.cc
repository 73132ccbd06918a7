#include "cli/client_config.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/trim.h"

namespace ticklake::cli {
namespace {

std::string_view trimmed(std::string_view text) { return base::trimmed(text, " \t\r"); }

/// The value of `name="…"` within a line of JAAS.
std::optional<std::string> jaas_option(std::string_view jaas, const std::string& name) {
  const size_t at = jaas.find(name + "=\"");
  if (at == std::string_view::npos) return std::nullopt;
  std::string value;
  for (size_t i = at + name.size() + 2; i < jaas.size() && jaas[i] != '"'; ++i) {
    if (jaas[i] == '\\' && i + 1 < jaas.size()) ++i;
    value += jaas[i];
  }
  return value;
}

/// Java's names for what librdkafka calls otherwise; a value of its own where only that is meant.
constexpr std::array<std::pair<std::string_view, std::string_view>, 1> kRenamed{{
    {"ssl.truststore.location", "ssl.ca.location"},
}};

bool add(std::string_view name, std::string_view value, kafka::ClientSettings& settings) {
  if (name == "sasl.jaas.config") {
    const auto user = jaas_option(value, "username");
    const auto password = jaas_option(value, "password");
    if (!user || !password) return false;
    settings.emplace_back("sasl.username", *user);
    settings.emplace_back("sasl.password", *password);
    return true;
  }
  // PEM is the only kind of store that there is outside Java.
  if (name == "ssl.truststore.type" || name == "ssl.keystore.type") return value == "PEM";
  const auto renamed =
      std::ranges::find(kRenamed, name, [](const auto& pair) { return pair.first; });
  settings.emplace_back(renamed == kRenamed.end() ? name : renamed->second, value);
  return true;
}

}  // namespace

base::Result<kafka::ClientSettings> parse_client_config(std::string_view text,
                                                        const std::string& path) {
  kafka::ClientSettings settings;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const size_t sign = line.find('=');
    const std::string where = path + ", line " + std::to_string(number);
    if (sign == std::string_view::npos || sign == 0) {
      return base::fail(base::ErrorCode::kInvalidArgument, where + ": no NAME=VALUE", {},
                        "write it as in security.protocol=SASL_SSL");
    }
    const std::string_view name = trimmed(line.substr(0, sign));
    if (!add(name, trimmed(line.substr(sign + 1)), settings)) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        where + ": cannot use " + std::string(name), {},
                        "use librdkafka's settings: sasl.username, sasl.password, ssl.ca.location");
    }
  }
  return settings;
}

}  // namespace ticklake::cli
