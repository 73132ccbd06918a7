#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/file_system.h"
#include "base/result.h"
#include "message/decoder.h"

namespace ticklake::cli {

/// How the sink reads messages that are no JSON objects, as it was typed.
struct MessageFlags {
  bool explode = false;
  std::string schema_registry;
  std::string schema_registry_header_file;
};

/// --explode, --schema-registry, --schema-registry-header-file.
void add_message_flags(CLI::App& command, MessageFlags& flags);

struct MessageOptions {
  message::Decoding decoding = {};
  std::string registry_url = {};                   ///< empty: none
  std::vector<std::string> registry_headers = {};  ///< "Name: value"
};

/// kInvalidArgument for a URL that is none or that holds a password, which belongs into the file of
/// headers, and for a file that cannot be read or whose lines are no headers.
base::Result<MessageOptions> message_options(const MessageFlags& flags, base::FileSystem& files);

/// Null without a registry. Nothing is asked of it yet.
std::unique_ptr<message::SchemaRegistry> make_registry(const MessageOptions& options);

}  // namespace ticklake::cli
