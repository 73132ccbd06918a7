#include "cli/message_flags.h"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "base/split.h"
#include "base/trim.h"

namespace ticklake::cli {
namespace {

constexpr uint64_t kHeaderFileBytesMax = 64 << 10;
constexpr const char* kAdvice =
    "give the address that /schemas follows, as in --schema-registry http://127.0.0.1:8081; user "
    "and password go into --schema-registry-header-file, as Authorization: Basic …";

base::Result<void> check_url(std::string_view url) {
  const auto refuse = [&](const char* cause) {
    return base::fail(base::ErrorCode::kInvalidArgument, "--schema-registry is no address", cause,
                      kAdvice);
  };
  std::string_view rest = url;
  const bool is_http = rest.starts_with("http://") || rest.starts_with("https://");
  if (!is_http) return refuse("it does not begin with http:// or https://");
  rest.remove_prefix(rest.find("//") + 2);
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (host.empty()) return refuse("it names no host");
  if (host.find('@') != std::string_view::npos) return refuse("it holds a user or a password");
  if (url.find_first_of(" \t\r\n?#") != std::string_view::npos) {
    return refuse("it holds white space, a query or a fragment");
  }
  return {};
}

base::Result<std::vector<std::string>> read_headers(const std::string& path,
                                                    base::FileSystem& files) {
  TICKLAKE_ASSIGN(const std::string text, base::read_text(files, path, kHeaderFileBytesMax));
  std::vector<std::string> headers;
  for (const std::string_view raw : base::split(text, '\n')) {
    const std::string_view line = base::trimmed(raw, " \t\r");
    if (line.empty()) continue;
    const size_t colon = line.find(':');
    const bool is_header = colon != std::string_view::npos && colon > 0 &&
                           line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
    if (!is_header) {
      // Without the line, which may be a secret.
      return base::fail(base::ErrorCode::kInvalidArgument,
                        "--schema-registry-header-file holds a line that is no header", path,
                        "write one header a line, as in Authorization: Basic …");
    }
    headers.emplace_back(line);
  }
  return headers;
}

}  // namespace

void add_message_flags(CLI::App& command, MessageFlags& flags) {
  command.add_flag("--explode", flags.explode,
                   "An array of objects is a row for each, with its place as _array_index");
  CLI::Option* const registry =
      command
          .add_option("--schema-registry", flags.schema_registry,
                      "Registry of the schemas of Avro, Protobuf and JSON Schema messages")
          ->type_name("URL");
  command
      .add_option("--schema-registry-header-file", flags.schema_registry_header_file,
                  "Headers that the registry wants, such as Authorization, one a line")
      ->type_name("FILE")
      ->needs(registry);
}

base::Result<MessageOptions> message_options(const MessageFlags& flags, base::FileSystem& files) {
  MessageOptions options;
  options.decoding.explode = flags.explode;
  if (flags.schema_registry.empty()) return options;
  TICKLAKE_TRY(check_url(flags.schema_registry));
  options.decoding.registry = true;
  options.registry_url = flags.schema_registry;
  if (!flags.schema_registry_header_file.empty()) {
    TICKLAKE_ASSIGN(options.registry_headers,
                    read_headers(flags.schema_registry_header_file, files));
  }
  return options;
}

std::unique_ptr<message::SchemaRegistry> make_registry(const MessageOptions& options) {
  if (options.registry_url.empty()) return nullptr;
  return std::make_unique<message::SchemaRegistry>(
      message::registry_over_http(options.registry_url, options.registry_headers),
      options.registry_url);
}

}  // namespace ticklake::cli
