#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "base/endpoint.h"
#include "base/result.h"
#include "cli/listener_flags.h"
#include "http/server.h"

namespace ticklake::cli {

/// Where S3, Glue, Athena, STS and IAM are served, as it was typed.
struct AwsFlags {
  std::string listen = "127.0.0.1:8090";
};

/// --aws-listen.
void add_aws_flags(CLI::App& up, AwsFlags& flags);

/// None for "none". With https:// before it TLS by the certificate of the broker's flags. Beyond
/// loopback it needs that, or --insecure: keys are never sent, but all that is stored is.
base::Result<std::optional<http::Listener>> aws_listener(const AwsFlags& flags,
                                                         const ListenerFlags& shared);

/// Whether the certificate's flags are there for this listener, so that they make sense also where
/// there is no broker.
bool uses_tls(const AwsFlags& flags);

}  // namespace ticklake::cli
